"""Purging by age: single events by month, ledgers by send. Their sums are kept first.

Both ages are the company's (`SendingPolicy`); empty, as they are at first, keeps everything. A month of events goes
when it ended so many months ago, a ledger so many months after its send ended. What is in the default partitions goes
row by row, by the same rules.
"""

from dataclasses import dataclass
from datetime import UTC, date, datetime

import structlog
from django.db import OperationalError, connection, transaction
from django.db.models import F, QuerySet
from django.db.models.functions import Coalesce
from django.utils import timezone

from accounts.audit.services import audit_record, changed_fields
from accounts.people.models import User
from core.locks import transaction_lock
from delivery.engine.partitions import event_months, event_partition_drop, ledger_drop, month_add
from delivery.guardrails.models import SendingPolicy
from delivery.sends.authors import author_of
from delivery.sends.models import Delivery, Send, Variant
from delivery.sends.states import ENDED
from delivery.sends.variant_counts import order_counts
from delivery.tracking.collect import COLLECT_LOCK
from delivery.tracking.models import Event

log = structlog.get_logger(__name__)

ORDER_DAYS = 7
# The kept part grows by exactly what goes; the sums themselves do not change.
KEEP_PEOPLE = """
    UPDATE delivery_engagement g SET
        kept_opens = g.kept_opens + e.opens, kept_clicks = g.kept_clicks + e.clicks,
        kept_human_opens = g.kept_human_opens + e.human_opens, kept_human_clicks = g.kept_human_clicks + e.human_clicks,
        kept_links = ARRAY(SELECT DISTINCT link FROM unnest(g.kept_links || e.links) link ORDER BY link)
    FROM (
        SELECT send_id, contact_id, count(*) FILTER (WHERE kind = 'open') AS opens,
            count(*) FILTER (WHERE kind = 'click') AS clicks,
            count(*) FILTER (WHERE kind = 'open' AND machine = '') AS human_opens,
            count(*) FILTER (WHERE kind = 'click' AND machine = '') AS human_clicks,
            coalesce(array_agg(DISTINCT link_id) FILTER (WHERE kind = 'click' AND machine = ''), '{}') AS links
        FROM delivery_event WHERE at >= %(first)s AND at < %(end)s AND contact_id <> 0
        GROUP BY send_id, contact_id
    ) e
    WHERE g.send_id = e.send_id AND g.contact_id = e.contact_id
"""
KEEP_LINKS = """
    INSERT INTO delivery_linktally AS t (link_id, clicks, human_clicks)
    SELECT e.link_id, count(*), count(*) FILTER (WHERE e.machine = '')
    FROM delivery_event e JOIN delivery_link l ON l.id = e.link_id
    WHERE e.at >= %(first)s AND e.at < %(end)s AND e.kind = 'click'
    GROUP BY e.link_id
    ON CONFLICT (link_id) DO UPDATE SET
        clicks = t.clicks + excluded.clicks, human_clicks = t.human_clicks + excluded.human_clicks
"""


@dataclass(frozen=True)
class Outdated:
    """What is past its retention now: months of events with how many, sends with how many ledger rows."""

    months: tuple[tuple[date, int], ...]
    sends: tuple[tuple[Send, int], ...]


@transaction.atomic
def retention_save(*, policy: SendingPolicy, actor: User) -> SendingPolicy:
    """Set how long events and ledgers are kept. What is older goes with the next run, not now."""
    before = SendingPolicy.get()
    policy.pk = 1
    policy.save()
    changes = changed_fields(before, policy, ["keep_events_months", "keep_ledger_months"])
    if changes:
        audit_record(actor=actor, action="retention_save", subject=policy, changes=changes)
    return policy


def outdated(*, now: datetime | None = None) -> Outdated:
    """What `purge` would delete, changing nothing."""
    now = now or timezone.now()
    months = [(month, count) for month in _old_months(now) if (count := Event.objects.filter(**_within(month)).count())]
    sends = [(send, Delivery.objects.filter(send_id=send.pk).count()) for send in _old_sends(now)]
    return Outdated(tuple(months), tuple(sends))


def purge(*, now: datetime | None = None) -> tuple[int, int]:
    """Delete what is past its retention; how many months of events and how many ledgers went.

    Month by month and send by send, each with its sums in one transaction: interrupted anywhere, it goes on next time.
    What another process locks just now waits for the next time too.
    """
    now = now or timezone.now()
    months = sends = 0
    try:
        for month in _old_months(now):
            events_purge(month=month)
            months += 1
        for send in _old_sends(now):
            ledger_purge(send=send)
            sends += 1
    except OperationalError as error:
        log.warning("purge_later", error=str(error))
    if months or sends:
        log.info("purge", months=months, ledgers=sends)
    return months, sends


@transaction.atomic
def events_purge(*, month: date) -> None:
    """Keep the sums of a month's events, and delete the events. No event is collected meanwhile."""
    span = {"first": _start(month), "end": _start(month_add(month, 1))}
    transaction_lock(COLLECT_LOCK)
    with connection.cursor() as cursor:
        cursor.execute(KEEP_PEOPLE, span)
        cursor.execute(KEEP_LINKS, span)
    event_partition_drop(month)


@transaction.atomic
def ledger_purge(*, send: Send) -> None:
    """Keep how many recipients bought, and delete the ledger of an ended send."""
    variants = list(Variant.objects.filter(send=send))
    for days in {ORDER_DAYS, *author_of(send).order_days(send)}:
        counts = order_counts(send, variants, horizon_days=days)
        for variant in variants:
            variant.kept_orders[str(days)] = counts.get(variant.pk, 0)
    Variant.objects.bulk_update(variants, ["kept_orders"])
    ledger_drop(send.pk)
    Send.objects.filter(pk=send.pk).update(ledger_purged_at=timezone.now())


def _old_months(now: datetime) -> list[date]:
    months = SendingPolicy.get().keep_events_months
    if months is None:
        return []
    return event_months(before=month_add(now.astimezone(UTC).date(), -months))


def _old_sends(now: datetime) -> "QuerySet[Send]":
    """Over for longer than ledgers are kept, the oldest first."""
    months = SendingPolicy.get().keep_ledger_months
    ended = Send.objects.annotate(ended_at=Coalesce(F("finished_at"), F("launched_at")))
    over = ended.filter(state__in=ENDED, ledger_purged_at=None)
    if months is None:
        return over.none()
    return over.filter(ended_at__lt=_start(month_add(now.astimezone(UTC).date(), -months))).order_by("ended_at")


def _within(month: date) -> dict[str, datetime]:
    return {"at__gte": _start(month), "at__lt": _start(month_add(month, 1))}


def _start(month: date) -> datetime:
    return datetime(month.year, month.month, month.day, tzinfo=UTC)
