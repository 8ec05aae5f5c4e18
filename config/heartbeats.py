"""The signs of life of workers and beat: keys in the broker that expire, which `/healthz` and `/metrics` look for."""

from typing import Any

import redis
from celery import current_app, signals
from django.conf import settings

BEAT_KEY = "cauce:alive:beat"
EXPIRES = 30  # seconds without a heartbeat until a part counts as down


def queue_key(queue: str) -> str:
    return f"cauce:alive:queue:{queue}"


def heartbeat_store() -> redis.Redis:
    """The broker, which keeps the heartbeats. It answers within two seconds or counts as down."""
    return redis.Redis.from_url(settings.REDIS_URL, socket_timeout=2, socket_connect_timeout=2)


def beat_is_alive() -> None:
    """Called by the scheduler as it ticks."""
    _keep([BEAT_KEY])


@signals.heartbeat_sent.connect
def worker_is_alive(sender: Any, **_: object) -> None:
    """Every worker says every two seconds which queues it consumes."""
    _keep([queue_key(name) for name in sender.eventer.app.amqp.queues.consume_from])


@signals.worker_shutting_down.connect
def worker_is_leaving(**_: object) -> None:
    _keep([queue_key(name) for name in current_app.amqp.queues.consume_from], expires=1)


def _keep(keys: list[str], expires: int = EXPIRES) -> None:
    try:
        with heartbeat_store() as broker:
            for key in keys:
                broker.set(key, 1, ex=expires)
    except redis.RedisError:
        return  # Without a broker there is no heartbeat, which is what /healthz then says.
