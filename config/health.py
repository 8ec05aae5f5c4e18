"""`/healthz`: does every part do its work? For load balancers, the supervisor and `bin/run --smoke`.

Worker and beat leave heartbeats in the broker (`config.heartbeats`); nobody is asked and waited for.
"""

import socket
from collections.abc import Callable

import redis
from django.conf import settings
from django.db import DatabaseError, connection
from django.http import HttpRequest, HttpResponse, JsonResponse

from config.heartbeats import BEAT_KEY, heartbeat_store, queue_key

PATH = "/healthz"
QUEUES = ("default", "send")


def _database() -> None:
    with connection.cursor() as cursor:
        cursor.execute("SELECT 1")


def _broker_answers() -> None:
    with heartbeat_store() as broker:
        broker.ping()


def _worker() -> None:
    with heartbeat_store() as broker:
        silent = [name for name in QUEUES if not broker.exists(queue_key(name))]
    if silent:
        raise OSError(f"no worker takes from {', '.join(silent)}")


def _beat() -> None:
    with heartbeat_store() as broker:
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
