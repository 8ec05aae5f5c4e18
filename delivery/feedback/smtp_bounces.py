"""What a mail server's final refusal says about the address, written down with the result that it is part of."""

from collections.abc import Iterable
from typing import Any

from crm.consent.sql import suppressions_insert
from crm.contacts.sql import contacts_as
from delivery.feedback.codes import kind_of, status_in
from delivery.feedback.models import Bounce

DEAD = """
    SELECT DISTINCT ON (address_hash) address_hash, 'bounced', 'bounce:' || id, clock_timestamp()
    FROM noted WHERE kind = 'hard' AND address_hash <> ''
"""
# The address is the one the message went to, which the contact may have changed since. An attempt is refused once,
# however often its result is applied.
NOTE = f"""
    WITH noted AS (
        INSERT INTO delivery_bounce (event_key, at, received_at, kind, source, origin, address, address_hash, code,
            diagnostic, raw, send_id, contact_id, variant_id, matched_by, suppressed)
        SELECT 'smtp:' || d.send_id || ':' || d.contact_id || ':' || d.attempts, clock_timestamp(), clock_timestamp(),
            r.kind, 'smtp', '', d.address, coalesce(a.address_hash, ''), r.code, r.text, '', d.send_id, c.id,
            d.variant_id, 'engine', r.kind = 'hard' AND a.address_hash IS NOT NULL
        FROM unnest(%s::bigint[], %s::text[], %s::text[], %s::text[]) r (contact_id, kind, code, text)
        JOIN delivery_delivery d ON d.send_id = %s AND d.contact_id = r.contact_id AND d.state = 'failed'
        LEFT JOIN {contacts_as("c")} ON c.id = d.contact_id
        LEFT JOIN {contacts_as("a")} ON a.email_normalized = d.address
        ON CONFLICT (event_key) DO NOTHING
        RETURNING id, kind, address_hash
    )
    {suppressions_insert(DEAD)}
"""  # noqa: S608


def smtp_bounces_record(cursor: Any, *, send_id: int, refused: Iterable[tuple[int, str, int | None, str]]) -> None:
    """`refused`: (contact, the ledger's reason, reply code, reply) of recipients given up in this transaction.

    A dead address is suppressed at once. What was never said by a server (no code) is no bounce.
    """
    rows = [
        (contact_id, _kind(reason, code, reply).value, status_in(reply) or str(code), f"{code} {reply}"[:500])
        for contact_id, reason, code, reply in refused
        if code is not None
    ]
    if rows:
        cursor.execute(NOTE, [*map(list, zip(*rows, strict=True)), send_id])


def _kind(reason: str, code: int, reply: str) -> Bounce.Kind:
    if reason == "hard_bounce":
        return Bounce.Kind.HARD
    if reason == "gave_up":
        return Bounce.Kind.SOFT
    return kind_of(status_in(reply), f"{code} {reply}")
