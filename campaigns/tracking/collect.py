"""Collecting events into Postgres: each exactly once.

Work comes in small slices with rests between them, so that answers to clicks do not wait behind it; what is left stays
in the stream. When much has gathered the rests are left out.
"""

import time
from typing import Any

import redis
import structlog
from django.db import transaction

from campaigns.engine.throttle import shared
from campaigns.engine.tick import only_one
from campaigns.models import EventInbox
from campaigns.tracking.entries import STREAM, entries_load
from campaigns.tracking.store import events_store

log = structlog.get_logger(__name__)

COLLECT_LOCK = 0x65766E74  # "evnt"
GROUPS_AT_ONCE = 40
INBOX_AT_ONCE = 1000
RUN_SECONDS = 4.0
HURRY_FROM = 10_000  # groups of events, of 1 to 64 each


def events_collect(*, seconds: float = RUN_SECONDS) -> int:
    """Move what waits in the inbox and the stream to the event table, for about so many seconds at most; how many
    entries. Two at once change nothing."""
    with only_one(COLLECT_LOCK) as held:
        return _from_inbox() + _from_stream(time.monotonic() + seconds) if held else 0


def _from_stream(until: float) -> int:
    """Entries leave the stream after they are committed; those read twice are one event by their key."""
    total = 0
    try:
        while time.monotonic() < until:
            started = time.monotonic()
            rows: Any = shared().xrange(STREAM, count=GROUPS_AT_ONCE)
            if not rows:
                break
            entries = [entry for _, fields in rows for entry in entries_load(fields[b"e"])]
            events_store(entries)
            total += len(entries)
            shared().xdel(STREAM, *(number for number, _ in rows))
            if len(rows) == GROUPS_AT_ONCE and shared().xlen(STREAM) < HURRY_FROM:
                time.sleep(min(time.monotonic() - started, 0.2))
    except redis.RedisError as error:
        log.warning("event_stream_away", error=str(error))
    return total


@transaction.atomic
def _from_inbox() -> int:
    rows = list(EventInbox.objects.select_for_update(skip_locked=True).order_by("pk")[:INBOX_AT_ONCE])
    if rows:
        events_store([entry for row in rows for entry in entries_load(row.entry)])
        EventInbox.objects.filter(pk__in=[row.pk for row in rows]).delete()
    return len(rows)
