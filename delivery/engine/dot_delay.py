"""Mail servers that broke off in a body: for a while their final dot follows its body a moment later, in every worker.

Half a minute after a first break, which may have been a restart that took every connection; ten minutes when one more
follows. Only saves unknowns: a worker that does not know of it delays from the first break of its own on.
"""

import time
from contextlib import suppress
from dataclasses import dataclass

import redis

from delivery.engine.throttle import shared

FIRST_SECONDS, AGAIN_SECONDS = 30, 600
# Breaks so close together are one.
SAME_BREAK_SECONDS = 2.0


@dataclass
class Window:
    """How long this process delays the final dot for a server, on the monotonic clock."""

    since: float
    until: float


# By server, as it writes itself; good without Redis too.
windows: dict[str, Window] = {}


def record(server: str) -> None:
    """It has just broken off in a body."""
    now, window = time.monotonic(), windows.get(server)
    if window is None or window.until < now:
        window = windows[server] = Window(now, now)
    seconds = AGAIN_SECONDS if now - window.since > SAME_BREAK_SECONDS else FIRST_SECONDS
    window.until = max(window.until, now + seconds)
    with suppress(redis.RedisError):
        shared().set(_key(server), 1, ex=seconds)


def is_active(server: str) -> bool:
    now, window = time.monotonic(), windows.get(server)
    if window is not None and window.until > now:
        return True
    try:
        left = int(shared().ttl(_key(server)))
    except redis.RedisError:
        return False
    if left > 0:
        windows[server] = Window(now, now + left)
    return left > 0


def _key(server: str) -> str:
    return f"cauce:dot_delay:{server}"
