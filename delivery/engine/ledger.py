"""Writing results into the ledger and its roll-up by batch, set by set, in one transaction."""

from collections.abc import Iterable, Sequence
from datetime import datetime
from functools import lru_cache
from typing import Any, NamedTuple

from django.db import connection, transaction

from crm.contacts.sql import CONTACTS_TOUCH
from delivery.feedback.smtp_bounces import smtp_bounces_record


class Result(NamedTuple):
    """What became of one recipient of a batch."""

    contact_id: int
    state: str
    reason: str = ""
    code: int | None = None
    reply: str = ""
    next_attempt_at: datetime | None = None


# A result applies to a row that still waits, or one that was given up as unknown before its late answer came in.
APPLY = """
    UPDATE delivery_delivery d
    SET state = r.state, reason = r.reason, smtp_code = r.code, smtp_reply = r.reply,
        attempts = d.attempts + CASE WHEN r.state = 'skipped' THEN 0 ELSE 1 END,
        next_attempt_at = r.next_attempt_at, changed_at = clock_timestamp(),
        provider_id = CASE WHEN r.state = 'skipped' THEN d.provider_id ELSE %s END
    FROM unnest(%s::bigint[], %s::text[], %s::text[], %s::smallint[], %s::text[], %s::timestamptz[])
        r (contact_id, state, reason, code, reply, next_attempt_at)
    WHERE d.send_id = %s AND d.contact_id = r.contact_id AND d.batch = %s
        AND d.state IN ('pending', 'deferred', 'unknown')
"""

# The same for those who got it, nearly all of a batch. Arrays as text: they are read several times faster than lists.
APPLY_SENT = """
    UPDATE delivery_delivery d
    SET state = 'sent', reason = '', smtp_code = r.code, smtp_reply = r.reply, attempts = d.attempts + 1,
        next_attempt_at = NULL, changed_at = clock_timestamp(), provider_id = %s
    FROM unnest(%s::bigint[], %s::smallint[], %s::text[]) r (contact_id, code, reply)
    WHERE d.send_id = %s AND d.contact_id = r.contact_id AND d.batch = %s
        AND d.state IN ('pending', 'deferred', 'unknown')
"""

# The roll-up is recomputed from the batch's own rows, so that it can never drift from them.
ROLL_UP = """
    WITH counted AS (
        SELECT count(*) FILTER (WHERE state = 'sent') AS sent, count(*) FILTER (WHERE state = 'failed') AS failed,
            count(*) FILTER (WHERE state = 'deferred') AS deferred,
            count(*) FILTER (WHERE state = 'skipped') AS skipped,
            count(*) FILTER (WHERE state = 'unknown') AS unknown,
            count(*) FILTER (WHERE state = 'pending') AS pending, min(next_attempt_at) AS next_attempt_at
        FROM delivery_delivery WHERE send_id = %(send)s AND batch = %(batch)s
    ), skipped AS (
        SELECT coalesce(jsonb_object_agg(reason, n), '{}') AS skips FROM (
            SELECT reason, count(*) AS n FROM delivery_delivery
            WHERE send_id = %(send)s AND batch = %(batch)s AND state = 'skipped' GROUP BY reason
        ) reasons
    )
    UPDATE delivery_batch b
    SET sent = c.sent, failed = c.failed, deferred = c.deferred, skipped = c.skipped, unknown = c.unknown,
        skips = s.skips, owner = '', host = '', begun = true, heartbeat_at = NULL,
        summed_at = clock_timestamp(),
        state = CASE WHEN c.pending + c.deferred = 0 THEN 'done' ELSE 'ready' END,
        due_at = CASE WHEN c.pending > 0 THEN clock_timestamp() ELSE coalesce(c.next_attempt_at, b.due_at) END,
        done_at = CASE WHEN c.pending + c.deferred = 0 THEN clock_timestamp() END
    FROM counted c, skipped s
    WHERE b.send_id = %(send)s AND b.number = %(batch)s {owned}
"""

# Of a claimed batch only sent recipients, and those without another try, are known before its end.
RECOUNT = """
    UPDATE delivery_batch b SET sent = c.sent, deferred = c.deferred, summed_at = clock_timestamp()
    FROM (
        SELECT count(*) FILTER (WHERE state = 'sent') AS sent, count(*) FILTER (WHERE state = 'deferred') AS deferred
        FROM delivery_delivery WHERE send_id = %(send)s AND batch = %(batch)s
    ) c
    WHERE b.send_id = %(send)s AND b.number = %(batch)s AND b.owner = %(owner)s
"""


def results_apply(
    cursor: Any, *, send_id: int, batch: int, results: Sequence[Result], provider_id: int | None = None
) -> None:
    """Move each recipient of `results` to its new state; `provider_id` is who gave the answers."""
    if not results:
        return
    sent = [result for result in results if result.state == "sent"]
    if sent:
        contacts = _array(result.contact_id for result in sent)
        codes, replies = _array(result.code for result in sent), _array(_quoted(result.reply) for result in sent)
        cursor.execute(APPLY_SENT, [provider_id, contacts, codes, replies, send_id, batch])
        cursor.execute(CONTACTS_TOUCH, [contacts])
    others = [result for result in results if result.state != "sent"]
    if others:
        cursor.execute(APPLY, [provider_id, *map(list, zip(*others, strict=True)), send_id, batch])
    refused = [(r.contact_id, r.reason, r.code, r.reply) for r in results if r.state == "failed"]
    if refused:
        smtp_bounces_record(cursor, send_id=send_id, refused=refused)


def _array(values: Iterable[object]) -> str:
    return "{" + ",".join(["NULL" if value is None else str(value) for value in values]) + "}"


@lru_cache(maxsize=1024)
def _quoted(words: str) -> str:
    return '"' + words.replace("\\", "\\\\").replace('"', '\\"') + '"'


def batch_release(cursor: Any, *, send_id: int, batch: int, owner: str | None = None) -> bool:
    """Sum the batch up and release it: done, or ready again when recipients still wait.

    With `owner` only while it is still theirs; False otherwise. An empty `owner`: only while it is nobody's.
    """
    owned = "AND b.owner = %(owner)s" if owner is not None else ""
    cursor.execute(ROLL_UP.replace("{owned}", owned), {"send": send_id, "batch": batch, "owner": owner})
    return bool(cursor.rowcount)


def batch_recount(cursor: Any, *, send_id: int, batch: int, owner: str) -> None:
    """Bring the counts of a claimed batch up to date."""
    cursor.execute(RECOUNT, {"send": send_id, "batch": batch, "owner": owner})


def waiting_skip(cursor: Any, *, send_id: int, batches: Sequence[int], reason: str) -> None:
    """Skip the recipients that still wait in these batches."""
    cursor.execute(
        "UPDATE delivery_delivery SET state = 'skipped', reason = %s, changed_at = clock_timestamp() "
        "WHERE send_id = %s AND batch = ANY(%s) AND state IN ('pending', 'deferred')",
        [reason, send_id, list(batches)],
    )


@transaction.atomic
def ledger_unknown_waiting(*, send_id: int, reason: str) -> int:
    """It is not known whether those who still wait got it: all of them become unknown, also in batches whose worker is
    not there any more; how many. No worker may have a batch of the send."""
    rest = "send_id = %(send)s AND state IN ('pending', 'deferred')"
    with connection.cursor() as cursor:
        cursor.execute(
            "UPDATE delivery_delivery SET state = 'unknown', reason = %(reason)s, next_attempt_at = NULL, "
            f"changed_at = clock_timestamp() WHERE {rest}",
            {"send": send_id, "reason": reason},
        )
        count = int(cursor.rowcount)
        cursor.execute("SELECT number FROM delivery_batch WHERE send_id = %s AND state <> 'done'", [send_id])
        for (number,) in cursor.fetchall():
            batch_release(cursor, send_id=send_id, batch=number)
    return count


@transaction.atomic
def ledger_skip_waiting(*, send_id: int, reason: str) -> None:
    """Skip the recipients that wait in unclaimed batches; a worker does the same for the batch it holds."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT number FROM delivery_batch WHERE send_id = %s AND state = 'ready' FOR UPDATE", [send_id])
        numbers = [number for (number,) in cursor.fetchall()]
        waiting_skip(cursor, send_id=send_id, batches=numbers, reason=reason)
        cursor.execute(
            """
            UPDATE delivery_batch b
            SET skipped = c.skipped, skips = c.skips, deferred = 0, state = 'done', done_at = now()
            FROM (SELECT batch, sum(n) AS skipped, jsonb_object_agg(reason, n) AS skips FROM (
                SELECT batch, reason, count(*) AS n FROM delivery_delivery
                WHERE send_id = %(send)s AND batch = ANY(%(numbers)s) AND state = 'skipped' GROUP BY batch, reason
            ) r GROUP BY batch) c
            WHERE b.send_id = %(send)s AND b.number = c.batch AND b.state = 'ready'
            """,
            {"send": send_id, "numbers": numbers},
        )
