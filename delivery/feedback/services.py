"""Writing down what came back. One service for all that reports: the engine's SMTP answers, the mailbox, providers.

A hard bounce or a complaint suppresses the address at once, a soft one when the director's rule says so. A report that
comes in twice is one event; the same failure reported by two sources is two events about one contact.
"""

from datetime import datetime, timedelta
from typing import Any

from django.db import transaction
from django.db.models import Count, Exists, OuterRef
from django.utils import timezone

from accounts.audit.services import audit_record, changed_fields
from accounts.people.models import User
from crm.consent.models import Suppression
from crm.consent.services import suppression_add, suppression_escalate
from delivery.feedback.match import Match, match
from delivery.feedback.models import Bounce, FeedbackRule
from delivery.feedback.report import Report
from delivery.feedback.thresholds import feedback_check
from delivery.sends.models import Delivery

Kind = Bounce.Kind
Reason = Suppression.Reason
MAX_LOOKED_BACK = 50
SWEEP_CHUNK = 2_000
RULE_FIELDS = [
    "soft_bounces", "soft_days", "complaint_warn", "complaint_stop", "complaint_least", "bounce_warn", "bounce_stop",
    "bounce_least",
]  # fmt: skip


def bounce_record(*, report: Report) -> Bounce | None:
    """Keep one report and do what follows from it; None when it was known already."""
    with transaction.atomic():
        bounce = _keep(report, match(report))
    if bounce is not None and bounce.send_id is not None and bounce.kind in {Kind.HARD, Kind.COMPLAINT}:
        feedback_check(bounce.send_id)
    return bounce


def _keep(report: Report, found: Match) -> Bounce | None:
    at = report.at or timezone.now()
    bounce, created = Bounce.objects.get_or_create(
        event_key=report.key[:80],
        defaults={
            "at": min(at, timezone.now()),
            "kind": report.kind,
            "source": report.source,
            "origin": report.origin[:80],
            "address": (found.address or report.address)[:254],
            "address_hash": found.hash,
            "code": report.code[:12],
            "diagnostic": report.diagnostic.replace("\x00", "")[:500],
            "raw": report.raw.replace("\x00", "")[:4000],
            "send_id": found.send_id,
            "contact_id": found.contact_id,
            "variant_id": found.variant_id,
            "matched_by": found.by,
        },
    )
    if not created:
        return None
    # Anybody can write to a mailbox: what names no message of ours proves nothing about an address.
    if found.hash and (found.by or report.source != Bounce.Source.MAILBOX):
        _suppress(bounce)
    return bounce


def _suppress(bounce: Bounce) -> None:
    if bounce.kind == Kind.COMPLAINT:
        bounce.suppressed = suppression_escalate(
            hashed=bounce.address_hash, reason=Reason.COMPLAINED, source=_source(bounce)
        )
    elif bounce.kind == Kind.HARD or (bounce.kind == Kind.SOFT and soft_is_too_much(bounce)):
        bounce.suppressed = suppression_add(hashed=bounce.address_hash, reason=Reason.BOUNCED, source=_source(bounce))
    if bounce.suppressed:
        Bounce.objects.filter(pk=bounce.pk).update(suppressed=True)


def _source(bounce: Bounce) -> str:
    return f"bounce:{bounce.pk}"


# --- Soft bounces ----------------------------------------------------------------------------------------------------


def soft_is_too_much(bounce: Bounce, *, rule: FeedbackRule | None = None) -> bool:
    """Whether the last messages to this address, as many as the rule says and within its days, all came back soft.

    A message that was sent and did not come back ends the row, as does an address that a person took off the list.
    Several reports on one message count once; messages sent after the one that came back are not known to have arrived
    yet.
    """
    rule = rule or FeedbackRule.get()
    since = _counts_from(bounce.address_hash, timezone.now() - timedelta(days=rule.soft_days))
    softs = Bounce.objects.of_address(bounce.address_hash).filter(kind=Kind.SOFT, at__gte=since)
    of_sends = set(softs.exclude(send=None).values_list("send_id", flat=True))
    row = softs.filter(send=None).count()
    if bounce.contact_id is None or not of_sends:
        return row + len(of_sends) >= rule.soft_bounces
    newest = Delivery.objects.filter(contact_id=bounce.contact_id, send_id__in=of_sends).order_by("-changed_at")
    until = newest.values_list("changed_at", flat=True).first() or timezone.now()
    messages = Delivery.objects.filter(
        contact_id=bounce.contact_id, changed_at__lte=until, changed_at__gte=since,
        state__in=[Delivery.State.SENT, Delivery.State.FAILED],
    )  # fmt: skip
    for send_id in messages.order_by("-changed_at").values_list("send_id", flat=True)[:MAX_LOOKED_BACK]:
        if send_id not in of_sends:
            break
        row += 1
    return row >= rule.soft_bounces


def _counts_from(hashed: str, since: datetime) -> datetime:
    """Bounces from before the address was last taken off the list were forgiven."""
    lifted = Suppression.objects.filter(address_hash=hashed).exclude(lifted_at=None).order_by("-lifted_at")
    newest = lifted.values_list("lifted_at", flat=True).first()
    return max(since, newest) if newest else since


def soft_sweep() -> int:
    """Apply the rule to soft bounces written down by the engine, or from before the rule changed; how many addresses
    were suppressed."""
    rule = FeedbackRule.get()
    since = timezone.now() - timedelta(days=rule.soft_days)
    dead = Suppression.objects.in_force().filter(address_hash=OuterRef("address_hash"))
    counted = (
        Bounce.objects.filter(kind=Kind.SOFT, at__gte=since)
        .exclude(address_hash="")
        .filter(~Exists(dead))
        .order_by()
        .values("address_hash")
        .annotate(reports=Count("pk"))
        .filter(reports__gte=rule.soft_bounces)
    )
    suppressed = 0
    for hashed in list(counted.values_list("address_hash", flat=True)[:SWEEP_CHUNK]):
        bounce = Bounce.objects.of_address(hashed).filter(kind=Kind.SOFT).first()
        if bounce is not None and soft_is_too_much(bounce, rule=rule):
            with transaction.atomic():
                _suppress(bounce)
            suppressed += bounce.suppressed
    return suppressed


# --- The rule --------------------------------------------------------------------------------------------------------


@transaction.atomic
def feedback_rule_save(*, rule: FeedbackRule, actor: User) -> FeedbackRule:
    """Set when soft bounces suppress and what warns or stops."""
    before = FeedbackRule.get()
    rule.pk = 1
    rule.save()
    changes: dict[str, Any] = changed_fields(before, rule, RULE_FIELDS)
    audit_record(actor=actor, action="feedback_rule_save", subject=rule, changes=changes)
    return rule
