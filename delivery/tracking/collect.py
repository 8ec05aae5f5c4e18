"""Collecting events into Postgres: each exactly once.

Work comes in slices with longer rests between them, so that answers to clicks do not wait behind it; what is left stays
in the stream. The more has gathered the shorter the rests are.
"""

import time
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from typing import Any, cast

import redis
import structlog
from django.db import transaction

from core.locks import advisory_lock
from delivery.engine.throttle import shared
from delivery.tracking.entries import STREAM, line_key
from delivery.tracking.models import EventInbox
from delivery.tracking.store import lines_store

log = structlog.get_logger(__name__)

COLLECT_LOCK = "delivery.collect"
EVENTS_CHUNK = 1000
INBOX_CHUNK = 1000
RUN_SECONDS = 4.0
REST = 6.0  # times as long as the slice before took, while little has gathered
MAX_REST = 0.5  # seconds
HURRY_FROM = 10_000  # groups of events in the stream, of 1 to some dozens each: no rests any more


def events_collect(*, seconds: float = RUN_SECONDS, rest: float = REST) -> int:
    """Move what waits in the inbox and the stream to the event table, for about so many seconds at most; how many
    entries. Two at once change nothing."""
    with advisory_lock(COLLECT_LOCK) as held:
        if not held:
            return 0
        until = time.monotonic() + seconds
        return _from_inbox(until) + _from_stream(until, rest)


def _from_stream(until: float, rest: float) -> int:
    """Entries leave the stream after they are committed; those read twice are one event by their key."""
    total, groups = 0, EVENTS_CHUNK // 25
    try:
        while (started := time.monotonic()) < until or not total:
            rows: Any = shared().xrange(STREAM, count=groups)
            if not rows:
                break
            lines = b"".join(fields[b"e"] for _, fields in rows)
            lines_store(lines)
            events = lines.count(b"\n")
            total += events
            shared().xdel(STREAM, *(number for number, _ in rows))
            if len(rows) < groups:
                break
            # Groups grow with the load: so many of them as make a slice.
            groups = max(10, min(EVENTS_CHUNK, EVENTS_CHUNK * groups // max(events, 1)))
            _pause((time.monotonic() - started) * rest, until)
    except redis.RedisError as error:
        log.warning("event_stream_away", error=str(error))
    return total


def _pause(rest: float, until: float) -> None:
    gathered = min(shared().xlen(STREAM) / HURRY_FROM, 1.0)
    time.sleep(max(0.0, min(min(rest, MAX_REST) * (1 - gathered), until - time.monotonic())))


def _from_inbox(until: float) -> int:
    """At least a slice of each is taken however little time there is."""
    total = taken = _from_inbox_once()
    while taken == INBOX_CHUNK and time.monotonic() < until:
        taken = _from_inbox_once()
        total += taken
    return total


@transaction.atomic
def _from_inbox_once() -> int:
    rows = list(EventInbox.objects.select_for_update(skip_locked=True).order_by("pk")[:INBOX_CHUNK])
    if rows:
        lines_store("".join(row.entry for row in rows).encode())
        EventInbox.objects.filter(pk__in=[row.pk for row in rows]).delete()
    return len(rows)


# --- For a backup ------------------------------------------------------------------------------------------------
def events_catch_up(*, seconds: float) -> bool:
    """Collect whatever Redis had acknowledged before this call; False when the time ran out, or Redis is away."""
    until = time.monotonic() + seconds
    try:
        newest: Any = shared().xrevrange(STREAM, count=1)
        while newest and shared().xrange(STREAM, max=newest[0][0], count=1):
            if time.monotonic() > until:
                return False
            if not events_collect(seconds=1, rest=0):
                time.sleep(0.1)  # a worker collects
    except redis.RedisError as error:
        log.warning("event_stream_away", error=str(error))
        return False
    return True


@contextmanager
def events_at_rest() -> Iterator[None]:
    """Nothing moves from the stream to Postgres meanwhile: what Redis acknowledged is in one of them."""
    with advisory_lock(COLLECT_LOCK, wait=True):
        yield


def events_waiting() -> Iterator[bytes]:
    """The lines of the stream, group by group; they stay in it. Raises RedisError."""
    after = "-"
    while rows := cast(Any, shared().xrange(STREAM, min=after, count=EVENTS_CHUNK)):
        yield b"".join(fields[b"e"] for _, fields in rows)
        after = f"({rows[-1][0].decode()}"


def events_take_in(lines: Iterable[str]) -> int:
    """Put lines into the inbox, from where they are collected; how many. One that was stored before is one event."""
    entries = [EventInbox(event_key=line_key(line), entry=line) for line in lines]
    EventInbox.objects.bulk_create(entries, batch_size=EVENTS_CHUNK, ignore_conflicts=True)
    return len(entries)
