"""Storing events: each once, by its key, programs marked by what they do, and what recipients did summed up anew."""

import io
from collections.abc import Iterable

from django.db import connection, transaction

from delivery.tracking.entries import Entry, entry_line

# The table is kept for the connection's life: one for every slice would bloat the catalogue. A slice is small and the
# ledger is not: rows are looked up one by one, the ledger is never read through.
BEGIN = """
    CREATE TEMP TABLE IF NOT EXISTS incoming (
        event_key text, at bigint, kind text, send_id bigint, contact_id bigint, link integer, user_agent text,
        machine text
    ) ON COMMIT DELETE ROWS;
    DELETE FROM incoming;
    SET LOCAL enable_hashjoin = off;
    SET LOCAL enable_mergejoin = off
"""
# A message read within a second of its delivery was read by a program. Contact 0 stands for nobody in particular: only
# stored links of a send that does not tell people apart.
STORE = """
    INSERT INTO delivery_event
        (event_key, at, kind, send_id, contact_id, variant_id, link_id, user_agent, machine)
    SELECT i.event_key, timestamptz 'epoch' + i.at * interval '1 microsecond', i.kind, i.send_id, i.contact_id,
        coalesce(d.variant_id, l.variant_id), l.id, i.user_agent,
        CASE
            WHEN i.machine <> '' OR i.kind = 'unsub' THEN i.machine
            WHEN d.state = 'sent'
                AND timestamptz 'epoch' + i.at * interval '1 microsecond' < d.changed_at + interval '1 second'
                THEN 'too_soon'
            ELSE ''
        END
    FROM incoming i
    LEFT JOIN delivery_delivery d ON d.send_id = i.send_id AND d.contact_id = i.contact_id
    LEFT JOIN delivery_link l ON l.send_id = i.send_id AND l.position = i.link
    WHERE d.send_id IS NOT NULL OR (i.contact_id = 0 AND l.id IS NOT NULL)
    ON CONFLICT (event_key, at) DO NOTHING
"""
# Recomputed from the events themselves and the sums of purged ones, so that nothing can be counted twice. Returns who
# clicked often enough for a program.
ROLL_UP = """
    WITH summed AS (
        INSERT INTO delivery_engagement AS g
            (send_id, contact_id, variant_id, opens, clicks, human_opens, human_clicks, links, first_open_at,
             first_click_at, unsubscribed_at, updated_at, kept_opens, kept_clicks, kept_human_opens, kept_human_clicks,
             kept_links)
        SELECT e.send_id, e.contact_id, max(e.variant_id),
            count(*) FILTER (WHERE e.kind = 'open'), count(*) FILTER (WHERE e.kind = 'click'),
            count(*) FILTER (WHERE e.kind = 'open' AND e.machine = ''),
            count(*) FILTER (WHERE e.kind = 'click' AND e.machine = ''),
            coalesce(array_agg(DISTINCT e.link_id) FILTER (WHERE e.kind = 'click' AND e.machine = ''), '{}'),
            min(e.at) FILTER (WHERE e.kind = 'open' AND e.machine = ''),
            min(e.at) FILTER (WHERE e.kind = 'click' AND e.machine = ''),
            min(e.at) FILTER (WHERE e.kind = 'unsub'), now(), 0, 0, 0, 0, '{}'
        FROM ({touched}) t
        JOIN delivery_event e ON e.send_id = t.send_id AND e.contact_id = t.contact_id
        GROUP BY e.send_id, e.contact_id
        ON CONFLICT (send_id, contact_id) DO UPDATE SET
            variant_id = excluded.variant_id, opens = g.kept_opens + excluded.opens,
            clicks = g.kept_clicks + excluded.clicks, human_opens = g.kept_human_opens + excluded.human_opens,
            human_clicks = g.kept_human_clicks + excluded.human_clicks,
            links = CASE WHEN g.kept_links = '{}' THEN excluded.links
                ELSE ARRAY(SELECT DISTINCT link FROM unnest(g.kept_links || excluded.links) link ORDER BY link) END,
            first_open_at = CASE WHEN g.kept_human_opens > 0 THEN least(g.first_open_at, excluded.first_open_at)
                ELSE excluded.first_open_at END,
            first_click_at = CASE WHEN g.kept_human_clicks > 0 THEN least(g.first_click_at, excluded.first_click_at)
                ELSE excluded.first_click_at END,
            unsubscribed_at = least(g.unsubscribed_at, excluded.unsubscribed_at), updated_at = excluded.updated_at
        RETURNING send_id, contact_id, clicks
    )
    SELECT send_id, contact_id FROM summed WHERE clicks >= 3
"""
# No person follows three different links within five seconds.
BURSTS = """
    UPDATE delivery_event e SET machine = 'burst'
    FROM unnest(%(sends)s::bigint[], %(contacts)s::bigint[]) t (send_id, contact_id)
    WHERE e.send_id = t.send_id AND e.contact_id = t.contact_id AND e.kind = 'click' AND e.machine = ''
        AND (
            SELECT count(DISTINCT n.link_id) FROM delivery_event n
            WHERE n.send_id = e.send_id AND n.contact_id = e.contact_id AND n.kind = 'click'
                AND n.at BETWEEN e.at - interval '5 seconds' AND e.at + interval '5 seconds'
        ) >= 3
    RETURNING e.send_id, e.contact_id
"""
INCOMING_RECIPIENTS = "SELECT DISTINCT send_id, contact_id FROM incoming WHERE contact_id <> 0"
GIVEN_RECIPIENTS = "SELECT * FROM unnest(%(sends)s::bigint[], %(contacts)s::bigint[]) given (send_id, contact_id)"
ROLL_UP_INCOMING = ROLL_UP.replace("{touched}", INCOMING_RECIPIENTS)
ROLL_UP_GIVEN = ROLL_UP.replace("{touched}", GIVEN_RECIPIENTS)


def events_store(entries: Iterable[Entry]) -> None:
    """Store events that are new and sum up the recipients they concern. Storing one again changes nothing."""
    lines_store("".join(map(entry_line, entries)).encode())


@transaction.atomic
def lines_store(lines: bytes) -> None:
    """The same for entries as they come from the stream, a line each."""
    with connection.cursor() as cursor:
        cursor.execute(BEGIN)
        cursor.copy_expert("COPY incoming FROM STDIN", io.BytesIO(lines))
        cursor.execute(STORE)
        if not cursor.rowcount:
            return
        cursor.execute(ROLL_UP_INCOMING)
        many = cursor.fetchall()
        if many:
            cursor.execute(BURSTS, _given(many))
            found = set(cursor.fetchall())
            if found:
                cursor.execute(ROLL_UP_GIVEN, _given(found))


def _given(recipients: Iterable[tuple[int, int]]) -> dict[str, list[int]]:
    sends, contacts = zip(*recipients, strict=True)
    return {"sends": list(sends), "contacts": list(contacts)}
