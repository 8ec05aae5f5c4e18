"""Freezing an audience: who gets a send, in which arm and batch, and why the others do not. All of it in SQL.

The rules are checked at launch for the whole audience (`audience_freeze`) and again for each batch as it is claimed
(`delivery.engine.claims`); both use the same condition (`SKIP_REASON_SQL`), as does the preview before launch.
"""

from dataclasses import dataclass
from datetime import timedelta
from typing import Any

from django.db import connection, transaction
from django.db.models import QuerySet
from django.utils import timezone
from django.utils.translation import gettext as _

from core.errors import DomainError
from crm.consent.sql import email_consents, is_suppressed
from crm.contacts.models import Contact
from crm.contacts.sql import contacts_as
from delivery.engine.partitions import ledger_partition_attach, ledger_partition_make
from delivery.guardrails.models import SendingPolicy
from delivery.preferences.models import MailPreference
from delivery.sends.models import Batch, Send, Variant

BATCH_SIZE = 500
OWN_PARTITION_FROM = 20_000
PREFERENCE_DAYS = 30

# Empty for those who may be written to. A topic asks for the newest record on it; without one (a personal letter) any
# current consent will do. A customer without a refusal may be written to when the company's policy says so
# (basis: existing customer). `a` is what they agreed to, `r` what they received, `p` what they chose.
SKIP_REASON_SQL = f"""
    CASE
        WHEN c.email_normalized IS NULL OR c.archived_at IS NOT NULL THEN 'no_address'
        WHEN {is_suppressed("c.address_hash")} THEN 'suppressed'
        WHEN NOT coalesce(a.given, %(customers)s AND c.first_order_at IS NOT NULL) THEN 'no_consent'
        WHEN r.in_cap >= %(cap)s OR r.in_month >= p.per_month THEN 'capped'
        ELSE ''
    END
"""
RECEIVED_SQL = """
    SELECT contact_id, count(*) FILTER (WHERE changed_at > %(cap_since)s) AS in_cap, count(*) AS in_month
    FROM delivery_delivery
    WHERE send_id = ANY(%(recent_sends)s) AND state IN ('sent', 'unknown') AND changed_at > %(since)s {narrowed}
    GROUP BY contact_id
"""
# Everybody at once: three hash joins.
ELIGIBILITY_SQL = f"""
    SELECT c.id, c.email_normalized AS address, {SKIP_REASON_SQL} AS reason
    FROM audience JOIN {contacts_as("c")} USING (id)
    LEFT JOIN ({email_consents()}) a ON a.contact_id = c.id
    LEFT JOIN ({RECEIVED_SQL.format(narrowed="")}) r ON r.contact_id = c.id
    LEFT JOIN delivery_mailpreference p ON p.contact_id = c.id
"""


@dataclass(frozen=True)
class AudienceSnapshot:
    """An audience as it stands: everybody in it, how many get the mail, and the others by reason."""

    audience: int
    recipients: int
    skips: dict[str, int]

    @property
    def sendable(self) -> int:
        return self.recipients


def eligibility_parameters(send: Send) -> dict[str, Any]:
    """The parameters of `SKIP_REASON_SQL` and its sources, now. Of sends only those active within the window."""
    policy, now = SendingPolicy.get(), timezone.now()
    cap_since = now - timedelta(days=policy.cap_days)
    month = now - timedelta(days=PREFERENCE_DAYS)
    since = min(cap_since, month) if MailPreference.objects.exclude(per_month=None).exists() else cap_since
    recent = Send.objects.exclude(launched_at=None).exclude(finished_at__lt=since).exclude(pk=send.pk)
    return {
        "send": send.pk,
        "topic": send.topic_id,
        "customers": policy.may_write_customers,
        "cap": policy.cap_messages,
        "cap_since": cap_since,
        "since": since,
        "recent_sends": list(recent.values_list("pk", flat=True)),
    }


def audience_preview(*, send: Send, contacts: "QuerySet[Contact]") -> AudienceSnapshot:
    """What `audience_freeze` would find now, changing nothing."""
    ids, parameters = contacts.order_by().values("pk").query.sql_with_params()
    with connection.cursor() as cursor:
        cursor.execute(
            f"WITH audience AS MATERIALIZED (SELECT DISTINCT id FROM ({_inline(cursor, ids, parameters)}) q (id)) "
            f"SELECT reason, count(*) FROM ({ELIGIBILITY_SQL}) judged GROUP BY reason",
            eligibility_parameters(send),
        )
        counts: dict[str, int] = dict(cursor.fetchall())
    recipients = counts.pop("", 0)
    return AudienceSnapshot(recipients + sum(counts.values()), recipients, counts)


@transaction.atomic
def audience_freeze(send: Send, contacts: "QuerySet[Contact]") -> AudienceSnapshot:
    """Write one ledger row for every contact in `contacts`, sort them into arms and batches, and store the total.

    A contact stands in the ledger once however often the query finds it, and an address belongs to one contact.
    The arm is a stable hash of (send, contact) against the arms' weights. Raises DomainError `audience_empty` or
    `arm_empty`; nothing is kept then.
    """
    arms = [arm for arm in send.variants.order_by("label") if arm.weight]
    ids, parameters = contacts.order_by().values("pk").query.sql_with_params()
    is_large = contacts.count() >= OWN_PARTITION_FROM
    table = ledger_partition_make(send.pk) if is_large else "delivery_delivery"
    with connection.cursor() as cursor:
        cursor.execute(_freeze_sql(table, arms, _inline(cursor, ids, parameters)), eligibility_parameters(send))
        if is_large:
            ledger_partition_attach(send.pk)
        _batches_make(cursor, send, arms)
        frozen = _counted(cursor, send)
    if not frozen.recipients:
        raise DomainError(
            _("No contact in this audience can receive e-mail, so there is nothing to send."), code="audience_empty"
        )
    filled = set(Batch.objects.filter(send=send, number__gt=0).values_list("variant_id", flat=True))
    for arm in arms:
        if arm.pk not in filled:
            raise DomainError(
                _("Variant %(label)s has no recipients: the audience is too small for the share of this variant.")
                % {"label": arm.label},
                code="arm_empty",
            )
    Send.objects.filter(pk=send.pk).update(audience=frozen.audience)
    send.audience = frozen.audience
    return frozen


def _inline(cursor: Any, sql: str, parameters: tuple[Any, ...]) -> str:
    """The query with its values written in, percent signs doubled, to stand inside a statement with named values."""
    return str(cursor.mogrify(sql, parameters).decode() if parameters else sql).replace("%", "%%")


def _freeze_sql(table: str, arms: list[Variant], audience: str) -> str:
    total = sum(arm.weight for arm in arms)
    edges, cases, places = 0, "", ""
    for place, arm in enumerate(arms):
        edges += arm.weight
        cases += f" WHEN draw < {edges} THEN {arm.pk}"
        places += f" WHEN {arm.pk} THEN {place}"
    return f"""
    WITH audience AS MATERIALIZED (SELECT DISTINCT id FROM ({audience}) q (id)),
    judged AS ({ELIGIBILITY_SQL}),
    drawn AS (
        SELECT *, ('x' || substr(md5(%(send)s || ':' || id), 1, 8))::bit(32)::bigint %% {total} AS draw FROM judged
    ),
    armed AS (SELECT *, CASE WHEN reason = '' THEN CASE {cases} END END AS arm FROM drawn),
    placed AS (SELECT *, row_number() OVER (PARTITION BY arm ORDER BY id) - 1 AS place FROM armed)
    INSERT INTO {table}
        (send_id, contact_id, variant_id, changed_at, batch, attempts, address, state, reason, smtp_reply)
    SELECT %(send)s, id, arm, now(),
        CASE WHEN reason = '' THEN place / {BATCH_SIZE} * {len(arms)} + CASE arm {places} END + 1 ELSE 0 END AS batch,
        0, coalesce(address, ''), CASE WHEN reason = '' THEN 'pending' ELSE 'skipped' END, reason, ''
    FROM placed ORDER BY batch, id
    """


def _batches_make(cursor: Any, send: Send, arms: list[Variant]) -> None:
    later = " ".join(f"WHEN {arm.pk} THEN {arm.delay_minutes}" for arm in arms)
    cursor.execute(
        f"""
        INSERT INTO delivery_batch
            (send_id, number, variant_id, state, due_at, size, sent, failed, deferred, skipped, unknown, skips,
             owner, host)
        SELECT %s, batch, variant_id, 'ready', now() + make_interval(mins => CASE variant_id {later} END), count(*),
            0, 0, 0, 0, 0, '{{}}', '', ''
        FROM delivery_delivery WHERE send_id = %s AND batch > 0 GROUP BY batch, variant_id ORDER BY batch
        """,
        [send.pk, send.pk],
    )


def _counted(cursor: Any, send: Send) -> AudienceSnapshot:
    cursor.execute(
        "SELECT reason, count(*) FROM delivery_delivery WHERE send_id = %s AND batch = 0 GROUP BY reason", [send.pk]
    )
    skips: dict[str, int] = dict(cursor.fetchall())
    skipped = sum(skips.values())
    if skipped:
        Batch.objects.create(
            send=send, number=0, state=Batch.State.DONE, size=skipped, skipped=skipped, skips=skips,
            done_at=timezone.now(),
        )  # fmt: skip
    cursor.execute("SELECT coalesce(sum(size), 0) FROM delivery_batch WHERE send_id = %s AND number > 0", [send.pk])
    recipients = int(cursor.fetchone()[0])
    return AudienceSnapshot(recipients + skipped, recipients, skips)
