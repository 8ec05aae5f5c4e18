"""Complaints and hard bounces of a send against the limits: a warning, or the send is stopped with the reason.

The usual limits of the field: mailbox providers want complaints under 0.1 % and punish 0.3 %; more than 5 % hard
bounces says that a list is old or bought. Small numbers say nothing, so each measure has a least number of events.
"""

from dataclasses import dataclass

from django.db.models import Count, Q, Sum
from django.utils.formats import number_format
from django.utils.translation import gettext as _

from core.ui.numbers import number
from delivery.feedback.models import Bounce, FeedbackAlarm, FeedbackRule
from delivery.sends.models import Batch, Send
from delivery.sends.services import send_stop
from delivery.sends.states import RUNNING

Measure = FeedbackAlarm.Measure
Level = FeedbackAlarm.Level


@dataclass(frozen=True)
class Feedback:
    """What came back on a send: people, each counted once per kind, however often it was reported.

    `attempted` is the number of messages a mail server took or refused for good: sent and failed.
    """

    attempted: int
    sent: int
    hard: int
    soft: int
    blocked: int
    complaints: int

    @property
    def complaint_rate(self) -> float | None:
        return self.complaints / self.sent if self.sent else None

    @property
    def bounce_rate(self) -> float | None:
        return self.hard / self.attempted if self.attempted else None

    @property
    def is_empty(self) -> bool:
        return not (self.hard or self.soft or self.blocked or self.complaints)


def feedback_of(send_id: int) -> Feedback:
    """The figures now, from the roll-up by batch and the bounces; two queries."""
    attempted = Batch.objects.filter(send_id=send_id).aggregate(
        sent=Sum("sent", default=0), failed=Sum("failed", default=0)
    )
    kinds = {
        name: Count("contact_id", distinct=True, filter=Q(kind=kind))
        for name, kind in (
            ("hard", Bounce.Kind.HARD),
            ("soft", Bounce.Kind.SOFT),
            ("blocked", Bounce.Kind.BLOCK),
            ("complaints", Bounce.Kind.COMPLAINT),
        )
    }
    counts = Bounce.objects.of_send(send_id).aggregate(**kinds)
    return Feedback(attempted["sent"] + attempted["failed"], attempted["sent"], **counts)


def feedback_by_arm(send_id: int) -> dict[int | None, tuple[int, int]]:
    """(people whose message bounced hard or soft, people who complained) by variant."""
    rows = (
        Bounce.objects.of_send(send_id)
        .order_by()
        .values("variant_id")
        .annotate(
            bounced=Count("contact_id", distinct=True, filter=Q(kind__in=[Bounce.Kind.HARD, Bounce.Kind.SOFT])),
            complained=Count("contact_id", distinct=True, filter=Q(kind=Bounce.Kind.COMPLAINT)),
        )
    )
    return {row["variant_id"]: (row["bounced"], row["complained"]) for row in rows}


def feedback_check(send_id: int) -> FeedbackAlarm | None:
    """Raise the alarm a send's figures call for, if it was not raised before; a stop stops the send at once."""
    feedback, rule = feedback_of(send_id), FeedbackRule.get()
    judged = [
        _alarm(send_id, Measure.COMPLAINT, feedback.complaints, feedback.sent, rule),
        _alarm(send_id, Measure.BOUNCE, feedback.hard, feedback.attempted, rule),
    ]
    raised = [alarm for alarm in judged if alarm is not None]
    for alarm in raised:
        if alarm.level == Level.STOP:
            send_stop(send_id=send_id, reason=reason_of(alarm))
    return raised[0] if raised else None


def _alarm(
    send_id: int, measure: FeedbackAlarm.Measure, count: int, base: int, rule: FeedbackRule
) -> FeedbackAlarm | None:
    least, warn, stop = (getattr(rule, f"{measure.value}_{name}") for name in ("least", "warn", "stop"))
    if count < least or not base:
        return None
    percent = 100 * count / base
    if percent < float(warn):
        return None
    level = Level.STOP if percent >= float(stop) else Level.WARN
    before = FeedbackAlarm.objects.filter(send_id=send_id, measure=measure, level=level).first()
    if before is not None and (level == Level.WARN or count < before.count + least):
        return None
    alarm, created = FeedbackAlarm.objects.get_or_create(
        send_id=send_id, measure=measure, level=level, count=count, defaults={"base": base}
    )
    return alarm if created else None


def reason_of(alarm: FeedbackAlarm) -> str:
    """Why a send was stopped, as a sentence."""
    if alarm.measure == Measure.COMPLAINT:
        words = _("%(rate)s %% complained (%(count)s of %(base)s). Sending more would harm your deliverability.")
    else:
        words = _(
            "%(rate)s %% of the addresses do not exist (%(count)s of %(base)s). Clean the list before sending more."
        )
    return words % _figures(alarm)


def warning_of(alarm: FeedbackAlarm) -> str:
    """What a warning says, as a sentence."""
    if alarm.measure == Measure.COMPLAINT:
        return _("%(rate)s %% complained (%(count)s of %(base)s).") % _figures(alarm)
    return _("%(rate)s %% of the addresses do not exist (%(count)s of %(base)s).") % _figures(alarm)


def _figures(alarm: FeedbackAlarm) -> dict[str, str]:
    return {
        "rate": number_format(100 * alarm.rate, 2),
        "count": number(alarm.count),
        "base": number(alarm.base),
    }


def feedback_watch() -> None:
    """Judge every send under way that something came back on; the tick calls this."""
    running = Send.objects.filter(state__in=RUNNING)
    for send_id in list(running.filter(bounces__isnull=False).order_by("pk").values_list("pk", flat=True).distinct()):
        feedback_check(send_id)
