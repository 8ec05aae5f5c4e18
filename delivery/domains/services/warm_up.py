"""Warm-up schedules: set by the director, kept by the engine, and what they mean for a mailing."""

from dataclasses import dataclass
from datetime import date, datetime, timedelta

from django.db import transaction
from django.utils import timezone

from accounts.audit.services import audit_record, changed_fields
from accounts.people.models import User
from core.tasks import enqueue
from delivery.domains.daily_allowance import day_number, next_opening, sending_day, today_of
from delivery.domains.models import WarmUp, WarmUpDay, domain_of
from delivery.senders.models import SendingIdentity
from delivery.sends.models import Batch, Send

FIELDS = ["is_on", "first", "growth", "goal", "opens_at"]


@transaction.atomic
def warmup_save(*, warm_up: WarmUp, actor: User) -> WarmUp:
    """Set or change the curve. Today's allowance follows at once; what rests because of the old one goes on."""
    before = WarmUp.objects.filter(pk=warm_up.pk).first()
    resting = next_opening(before or warm_up)
    warm_up.save()
    today = WarmUpDay.objects.filter(domain=warm_up.domain_id, day=sending_day(warm_up)).first()
    if today is not None:
        allowed = warm_up.allowance(today.number)
        WarmUpDay.objects.filter(pk=today.pk).update(allowed=warm_up.goal if allowed is None else allowed)
    waiting = Send.objects.filter(state=Send.State.SENDING).exclude(identity=None).select_related("identity")
    for send in waiting:
        if send.identity and domain_of(send.identity.from_address) == warm_up.domain.name:
            Batch.objects.filter(send=send, state=Batch.State.READY, due_at=resting).update(due_at=timezone.now())
            enqueue("delivery.wake", send_id=send.pk)
    changes = changed_fields(before, warm_up, FIELDS) if before else {}
    audit_record(actor=actor, action="warmup_save", subject=warm_up, changes=changes)
    return warm_up


@dataclass(frozen=True)
class Outlook:
    """What a warm-up means for messages that wait: `room` may still go today, the rest goes on at `opens`; the last go
    on `ends` when nothing else is sent from the domain."""

    domain: str
    left: int
    room: int
    allowed: int
    opens: datetime
    ends: date
    days: int


def warmup_outlook(identity: SendingIdentity | None, left: int) -> Outlook | None:
    """None when the domain is not warming up, nothing waits, or there is no e-mail sender."""
    if identity is None or left <= 0:
        return None
    warm_up = WarmUp.objects.filter(domain__name=domain_of(identity.from_address), is_on=True).first()
    if warm_up is None:
        return None
    day = sending_day(warm_up)
    today = WarmUpDay.objects.filter(domain=warm_up.domain_id, day=day).first()
    number = today.number if today else day_number(warm_up, day)
    allowed = warm_up.allowance(number)
    if allowed is None:
        return None
    room = today.left if today else allowed
    rest, days = left - room, 0
    while rest > 0:
        days += 1
        most = warm_up.allowance(number + days)
        rest -= rest if most is None else most
    return Outlook(warm_up.domain.name, left, room, allowed, next_opening(warm_up), day + timedelta(days=days), days)


def warmup_today(warm_up: WarmUp) -> WarmUpDay | None:
    """The running day; None once the domain is warm, or while it is off."""
    return today_of(warm_up) if warm_up.is_on else None
