"""Collecting events into Postgres: each exactly once, machines marked, and what they add up to per recipient."""

import csv
import io
from collections.abc import Sequence
from typing import Any

import redis
import structlog
from django.db import connection, transaction

from campaigns.engine.throttle import shared
from campaigns.engine.tick import only_one
from campaigns.models import EventInbox
from campaigns.tracking.entries import STREAM, Entry

log = structlog.get_logger(__name__)

COLLECT_LOCK = 0x65766E74  # "evnt"
AT_ONCE = 5000
MOST_ROUNDS = 40

INCOMING = """
    CREATE TEMP TABLE incoming (
        event_key text, at timestamptz, kind text, send_id bigint, contact_id bigint, link integer,
        user_agent text, machine text
    ) ON COMMIT DROP;
    CREATE TEMP TABLE touched (send_id bigint, contact_id bigint) ON COMMIT DROP
"""
# A message read within a second of its delivery was read by a program.
STORE = """
    WITH fresh AS (
        INSERT INTO campaigns_event
            (event_key, at, kind, send_id, contact_id, variant_id, link_id, user_agent, machine)
        SELECT DISTINCT ON (i.event_key, i.at) i.event_key, i.at, i.kind, i.send_id, i.contact_id, d.variant_id, l.id,
            i.user_agent,
            CASE
                WHEN i.machine <> '' OR i.kind = 'unsub' THEN i.machine
                WHEN d.state = 'sent' AND i.at < d.changed_at + interval '1 second' THEN 'too_soon'
                ELSE ''
            END
        FROM incoming i
        JOIN campaigns_delivery d ON d.send_id = i.send_id AND d.contact_id = i.contact_id
        LEFT JOIN campaigns_link l ON l.send_id = i.send_id AND l.position = i.link
        ON CONFLICT (event_key, at) DO NOTHING
        RETURNING send_id, contact_id
    )
    INSERT INTO touched SELECT DISTINCT send_id, contact_id FROM fresh
"""
# Three different links within five seconds are not followed by a hand.
BURSTS = """
    UPDATE campaigns_event e SET machine = 'burst'
    FROM touched t
    WHERE e.send_id = t.send_id AND e.contact_id = t.contact_id AND e.kind = 'click' AND e.machine = ''
        AND (
            SELECT count(DISTINCT n.link_id) FROM campaigns_event n
            WHERE n.send_id = e.send_id AND n.contact_id = e.contact_id AND n.kind = 'click'
                AND n.at BETWEEN e.at - interval '5 seconds' AND e.at + interval '5 seconds'
        ) >= 3
"""
# Recomputed from the events themselves, so that nothing can be counted twice.
ROLL_UP = """
    INSERT INTO campaigns_engagement AS g
        (send_id, contact_id, variant_id, opens, clicks, human_opens, human_clicks, first_open_at, first_click_at,
         unsubscribed_at, updated_at)
    SELECT e.send_id, e.contact_id, max(e.variant_id),
        count(*) FILTER (WHERE e.kind = 'open'), count(*) FILTER (WHERE e.kind = 'click'),
        count(*) FILTER (WHERE e.kind = 'open' AND e.machine = ''),
        count(*) FILTER (WHERE e.kind = 'click' AND e.machine = ''),
        min(e.at) FILTER (WHERE e.kind = 'open' AND e.machine = ''),
        min(e.at) FILTER (WHERE e.kind = 'click' AND e.machine = ''),
        min(e.at) FILTER (WHERE e.kind = 'unsub'), now()
    FROM touched t JOIN campaigns_event e ON e.send_id = t.send_id AND e.contact_id = t.contact_id
    GROUP BY e.send_id, e.contact_id
    ON CONFLICT (send_id, contact_id) DO UPDATE SET
        variant_id = excluded.variant_id, opens = excluded.opens, clicks = excluded.clicks,
        human_opens = excluded.human_opens, human_clicks = excluded.human_clicks,
        first_open_at = excluded.first_open_at, first_click_at = excluded.first_click_at,
        unsubscribed_at = excluded.unsubscribed_at, updated_at = excluded.updated_at
"""


def events_collect() -> int:
    """Move what waits in the stream and the inbox to the event table; how many entries. Two at once change nothing."""
    with only_one(COLLECT_LOCK) as held:
        if not held:
            return 0
        return _from_inbox() + _from_stream()


def _from_stream() -> int:
    """Entries leave the stream after they are committed; those read twice are one event by their key."""
    total = 0
    try:
        for _round in range(MOST_ROUNDS):
            rows: Any = shared().xrange(STREAM, count=AT_ONCE)
            if not rows:
                break
            events_store([Entry.load(fields[b"e"]) for _, fields in rows])
            last = rows[-1][0].decode()
            milliseconds, _, number = last.partition("-")
            shared().xtrim(STREAM, minid=f"{milliseconds}-{int(number) + 1}", approximate=False)
            total += len(rows)
    except redis.RedisError as error:
        log.warning("event_stream_away", error=str(error))
    return total


@transaction.atomic
def _from_inbox() -> int:
    rows = list(EventInbox.objects.select_for_update(skip_locked=True).order_by("pk")[:AT_ONCE])
    if rows:
        events_store([Entry.load(row.entry) for row in rows])
        EventInbox.objects.filter(pk__in=[row.pk for row in rows]).delete()
    return len(rows)


@transaction.atomic
def events_store(entries: Sequence[Entry]) -> None:
    """Store events that are new and sum up the recipients they concern. Storing one again changes nothing."""
    lines = io.StringIO()
    writer = csv.writer(lines)
    for entry in entries:
        writer.writerow(
            (entry.key, entry.at.isoformat(), entry.kind, entry.send_id, entry.contact_id, entry.link,
             entry.user_agent.replace("\0", ""), entry.machine)
        )  # fmt: skip
    lines.seek(0)
    with connection.cursor() as cursor:
        cursor.execute("DROP TABLE IF EXISTS touched, incoming")
        cursor.execute(INCOMING)
        cursor.copy_expert("COPY incoming FROM STDIN WITH (FORMAT csv, FORCE_NOT_NULL (user_agent, machine))", lines)
        cursor.execute(STORE)
        cursor.execute(BURSTS)
        cursor.execute(ROLL_UP)
