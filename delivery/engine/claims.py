"""Claiming a batch, and reading its recipients as they are at that moment."""

from collections import deque
from dataclasses import dataclass
from time import monotonic
from typing import Any, NamedTuple

from django.db import connection

from crm.consent.sql import email_consents
from crm.contacts.sql import contact_by_id, contacts_as
from delivery.engine.fields import FIELDS
from delivery.engine.freeze import RECEIVED_SQL, SKIP_REASON_SQL, eligibility_parameters
from delivery.engine.journal import Key, host_id
from delivery.sends.models import Send

ELIGIBILITY_SECONDS = 1.0

# One statement, committed before the first byte leaves: only one worker gets a batch, and none of a paused send.
CLAIM = """
    UPDATE delivery_batch
    SET state = 'claimed', owner = %s, host = %s, begun = %s, heartbeat_at = clock_timestamp()
    WHERE id = (
        SELECT b.id FROM delivery_batch b JOIN delivery_send s ON s.id = b.send_id
        WHERE b.send_id = %s AND b.state = 'ready' AND b.due_at <= clock_timestamp() AND s.state = 'sending'
        ORDER BY b.number LIMIT 1 FOR UPDATE OF b SKIP LOCKED
    ) RETURNING number, variant_id
"""
BEGIN = """
    UPDATE delivery_batch SET begun = true
    WHERE send_id = %s AND number = %s AND state = 'claimed' AND owner = %s
"""
HEARTBEAT = """
    WITH held AS (
        UPDATE delivery_batch SET heartbeat_at = clock_timestamp()
        WHERE send_id = %s AND state = 'claimed' AND owner = ANY(%s) RETURNING owner
    )
    SELECT s.state, ARRAY(SELECT owner FROM held) FROM delivery_send s WHERE s.id = %s
"""
# The same judgement as at launch, looked up per recipient: some hundreds of index probes, whatever the statistics say
# (LIMIT 1 keeps the planner from reading whole tables for them).
NARROWED = "AND contact_id = d.contact_id"
WAITING = f"""
    SELECT d.contact_id, coalesce(c.email_normalized, d.address), d.attempts, {SKIP_REASON_SQL},
        c.email_normalized <> d.address {{columns}}
    FROM delivery_delivery d
    LEFT JOIN LATERAL ({contact_by_id("d.contact_id")}) c ON true
    LEFT JOIN LATERAL (SELECT * FROM delivery_mailpreference WHERE contact_id = d.contact_id LIMIT 1) p ON true
    LEFT JOIN LATERAL ({email_consents(NARROWED)}) a ON true
    LEFT JOIN LATERAL ({RECEIVED_SQL.format(narrowed=NARROWED)}) r ON true
    WHERE d.send_id = %(send)s AND d.batch = %(batch)s
        AND (d.state = 'pending' OR (d.state = 'deferred' AND d.next_attempt_at <= clock_timestamp()))
"""
# Who has another address since the launch gets the message there: it is the one that was judged.
MOVED = f"""
    UPDATE delivery_delivery d SET address = c.email_normalized FROM {contacts_as("c")}
    WHERE d.send_id = %(send)s AND d.batch = %(batch)s AND d.contact_id = ANY(%(moved)s) AND c.id = d.contact_id
"""


@dataclass(frozen=True)
class Claim:
    """A batch that this process has claimed."""

    key: Key
    variant_id: int
    owner: str


class Recipient(NamedTuple):
    """One recipient as they stand now: `skip` is why they get nothing after all, `row` their merge values."""

    contact_id: int
    address: str
    attempts: int
    skip: str
    row: tuple[Any, ...]


def batch_claim(*, send_id: int, owner: str, begun: bool = True) -> Claim | None:
    """The next batch of a send that is due, or None. Must not run inside a transaction.

    One that has not `begun` is only kept for later: nothing of it may leave before `batch_begin`.
    """
    with connection.cursor() as cursor:
        cursor.execute(CLAIM, [owner, host_id(), begun, send_id])
        found = cursor.fetchone()
    return Claim(Key(send_id, found[0]), found[1], owner) if found else None


def batch_begin(claim: Claim) -> bool:
    """Commit that messages of this claim may leave from now on; False when it is not ours any more."""
    with connection.cursor() as cursor:
        cursor.execute(BEGIN, [claim.key.send_id, claim.key.batch, claim.owner])
        return bool(cursor.rowcount)


def claims_refresh(*, send_id: int, owners: list[str]) -> tuple[str | None, set[str]]:
    """Show that we live; the send's state now, and which of these owners still hold a claim."""
    with connection.cursor() as cursor:
        cursor.execute(HEARTBEAT, [send_id, owners, send_id])
        found = cursor.fetchone()
    return (found[0], set(found[1])) if found else (None, set())


class BatchReader:
    """Reads the people of one batch after another of a send."""

    def __init__(self, send: Send) -> None:
        self.send = send
        self.judged_at = -ELIGIBILITY_SECONDS
        self.parameters: dict[str, Any] = {}

    def read(self, claim: Claim, fields: tuple[str, ...]) -> deque[Recipient]:
        """Those still waiting in the batch, each judged again: address, suppression, consent and caps as of now.

        The limits themselves (policy, which sends count towards a cap) are looked up once a second.
        """
        if monotonic() - self.judged_at >= ELIGIBILITY_SECONDS:
            self.parameters, self.judged_at = eligibility_parameters(self.send), monotonic()
        columns = "".join(f", {FIELDS[name][0]}" for name in fields)
        with connection.cursor() as cursor:
            cursor.execute(WAITING.format(columns=columns), {**self.parameters, "batch": claim.key.batch})
            rows = cursor.fetchall()
            moved = [row[0] for row in rows if row[4]]
            if moved:
                cursor.execute(MOVED, {"send": self.send.pk, "batch": claim.key.batch, "moved": moved})
            return deque([Recipient(row[0], row[1], row[2], row[3], row[5:]) for row in rows])
