"""`/healthz`: does every part do its work? For load balancers, the supervisor and `bin/run --smoke`.

Worker and beat leave a heartbeat in the broker (a key that expires); nobody is asked and waited for.
"""

import socket
from collections.abc import Callable
from typing import Any

import redis
from celery import signals
from django.conf import settings
from django.db import DatabaseError, connection
from django.http import HttpRequest, HttpResponse, JsonResponse

PATH = "/healthz"
QUEUES = ("default", "send")
BEAT_KEY = "cauce:alive:beat"
EXPIRES = 30  # seconds without a heartbeat until a part counts as down


def queue_key(queue: str) -> str:
    return f"cauce:alive:queue:{queue}"


def _broker() -> redis.Redis:
    return redis.Redis.from_url(settings.REDIS_URL, socket_timeout=2, socket_connect_timeout=2)


# --- Heartbeats --------------------------------------------------------------------------------------------------
def beat_is_alive() -> None:
    """Called by the scheduler as it ticks."""
    _keep([BEAT_KEY])


@signals.heartbeat_sent.connect
def worker_is_alive(sender: Any, **_: object) -> None:
    """Every worker says every two seconds which queues it consumes."""
    _keep([queue_key(name) for name in sender.eventer.app.amqp.queues.consume_from])


@signals.worker_shutting_down.connect
def worker_is_leaving(**_: object) -> None:
    from config.celery import app

    _keep([queue_key(name) for name in app.amqp.queues.consume_from], expires=1)


def _keep(keys: list[str], expires: int = EXPIRES) -> None:
    try:
        with _broker() as broker:
            for key in keys:
                broker.set(key, 1, ex=expires)
    except redis.RedisError:
        return  # Without a broker there is no heartbeat, which is what /healthz then says.


# --- Checks ------------------------------------------------------------------------------------------------------
def _database() -> None:
    with connection.cursor() as cursor:
        cursor.execute("SELECT 1")


def _broker_answers() -> None:
    with _broker() as broker:
        broker.ping()


def _worker() -> None:
    with _broker() as broker:
        silent = [name for name in QUEUES if not broker.exists(queue_key(name))]
    if silent:
        raise OSError(f"no worker takes from {', '.join(silent)}")


def _beat() -> None:
    with _broker() as broker:
        if not broker.exists(BEAT_KEY):
            raise OSError("the scheduler does not tick")


def _mail() -> None:
    socket.create_connection((settings.EMAIL_HOST, settings.EMAIL_PORT), timeout=2).close()


CHECKS: dict[str, Callable[[], None]] = {
    "database": _database,
    "broker": _broker_answers,
    "worker": _worker,
    "beat": _beat,
    "mail": _mail,
}


def health() -> dict[str, str]:
    """`ok` or why not, by part."""
    found = {}
    for name, check in CHECKS.items():
        try:
            check()
            found[name] = "ok"
        except (OSError, redis.RedisError, DatabaseError) as error:
            found[name] = f"down: {type(error).__name__ if settings.PRODUCTION else error}".strip()
    return found


class HealthMiddleware:
    """Answers before any other middleware, which may need the database or the broker."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        if request.path != PATH:
            return self.get_response(request)
        parts = health()
        healthy = all(state == "ok" for state in parts.values())
        response = JsonResponse({"ok": healthy} | parts, status=200 if healthy else 503)
        response["Cache-Control"] = "no-store"
        response._has_been_logged = True  # type: ignore[attr-defined]  # who asks sees it; the log need not repeat it
        return response
