"""Claiming a batch, and reading who is in it as they stand at hand-off."""

from collections import deque
from dataclasses import dataclass
from typing import Any

from django.db import connection

from campaigns.engine.fields import FIELDS
from campaigns.engine.freeze import AGREED, REASON, RECEIVED, judgement
from campaigns.engine.journal import Key, host_id
from campaigns.models import Send

# One statement, committed before the first byte leaves: only one worker gets a batch, and none of a paused send.
CLAIM = """
    UPDATE campaigns_batch SET state = 'claimed', owner = %s, host = %s, heartbeat_at = clock_timestamp()
    WHERE id = (
        SELECT b.id FROM campaigns_batch b JOIN campaigns_send s ON s.id = b.send_id
        WHERE b.send_id = %s AND b.state = 'ready' AND b.due_at <= clock_timestamp() AND s.state = 'sending'
        ORDER BY b.number LIMIT 1 FOR UPDATE OF b SKIP LOCKED
    ) RETURNING number, variant_id
"""
HEARTBEAT = """
    UPDATE campaigns_batch b SET heartbeat_at = clock_timestamp() FROM campaigns_send s
    WHERE s.id = b.send_id AND b.send_id = %s AND b.number = %s AND b.owner = %s RETURNING s.state
"""
# The same judgement as at launch, looked up per recipient: some hundreds of index probes, whatever the statistics say.
NARROWED = "AND contact_id = d.contact_id"
WAITING = f"""
    SELECT d.contact_id, d.address, d.attempts, {REASON} {{columns}}
    FROM campaigns_delivery d
    LEFT JOIN crm_contact c ON c.id = d.contact_id
    LEFT JOIN campaigns_mailpreference p ON p.contact_id = d.contact_id
    LEFT JOIN LATERAL ({AGREED.format(narrowed=NARROWED)}) a ON true
    LEFT JOIN LATERAL ({RECEIVED.format(narrowed=NARROWED)}) r ON true
    WHERE d.send_id = %(send)s AND d.batch = %(batch)s
        AND (d.state = 'pending' OR (d.state = 'deferred' AND d.next_attempt_at <= clock_timestamp()))
"""


@dataclass(frozen=True)
class Claim:
    """A batch in our hands."""

    key: Key
    variant_id: int
    owner: str


@dataclass(frozen=True, slots=True)
class Waiting:
    """One recipient as they stand now: `skip` is why they get nothing after all, `row` their merge values."""

    contact_id: int
    address: str
    attempts: int
    skip: str
    row: tuple[Any, ...]


def batch_claim(*, send_id: int, owner: str) -> Claim | None:
    """The next batch of a send that is due, or None. Must not run inside a transaction."""
    with connection.cursor() as cursor:
        cursor.execute(CLAIM, [owner, host_id(), send_id])
        found = cursor.fetchone()
    return Claim(Key(send_id, found[0]), found[1], owner) if found else None


def claim_refresh(claim: Claim) -> str | None:
    """Show that we live; the send's state now, or None when the claim was taken from us."""
    with connection.cursor() as cursor:
        cursor.execute(HEARTBEAT, [claim.key.send_id, claim.key.batch, claim.owner])
        found = cursor.fetchone()
    return found[0] if found else None


def batch_read(claim: Claim, send: Send, fields: tuple[str, ...]) -> deque[Waiting]:
    """The recipients still waiting in the batch, each judged again: suppression, consent and caps as of now."""
    columns = "".join(f", {FIELDS[name][0]}" for name in fields)
    sql = WAITING.format(columns=columns)
    with connection.cursor() as cursor:
        cursor.execute(sql, {**judgement(send), "batch": claim.key.batch})
        return deque(Waiting(row[0], row[1], row[2], row[3], row[4:]) for row in cursor.fetchall())
