"""What a send brought: per arm, link by link, hour by hour."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from django.db.models import BigIntegerField, Count, Func
from django.db.models.functions import TruncHour

from core.statistics.proportions import Interval, wilson_interval
from delivery.feedback.thresholds import feedback_by_arm
from delivery.sends.models import Link, Send
from delivery.sends.variant_counts import ArmCounts, click_counts, machine_counts
from delivery.tracking.machines import REASONS
from delivery.tracking.models import Engagement, Event


@dataclass(frozen=True)
class ArmResult:
    """One arm's figures with the interval of its click rate; rates are None while nobody received it. In privacy mode
    the click rate is clicks per message, and has no interval. `bounced` and `complained` are people whose message came
    back afterwards or at once."""

    counts: ArmCounts
    subject: str
    open_rate: float | None
    click_rate: float | None
    order_rate: float | None
    click_interval: Interval | None
    bounced: int = 0
    complained: int = 0


def arm_results(send: Send, counts: Sequence[ArmCounts]) -> list[ArmResult]:
    subjects = dict(send.variants.values_list("pk", "subject"))
    returned = feedback_by_arm(send.pk)
    return [
        ArmResult(
            arm,
            subjects.get(arm.variant_id, ""),
            _share(arm.opens, arm.recipients),
            _share(arm.clicks, arm.recipients),
            _share(arm.orders, arm.recipients),
            wilson_interval(min(arm.clicks, arm.recipients), arm.recipients) if send.is_tracked else None,
            *returned.get(arm.variant_id, (0, 0)),
        )
        for arm in counts
    ]


def _share(part: int, whole: int) -> float | None:
    return part / whole if whole else None


class Unnest(Func):
    function, output_field, set_returning = "unnest", BigIntegerField(), True


@dataclass(frozen=True)
class LinkResult:
    """A link, how many people clicked it and how often (humans only); `people` is None in privacy mode."""

    url: str
    label: str
    people: int | None
    clicks: int


def link_results(send: Send) -> list[LinkResult]:
    """Every link of the send, the most clicked first."""
    people: dict[int, int] = dict(
        Engagement.objects.filter(send_id=send.pk)
        .annotate(link=Unnest("links"))
        .values_list("link")
        .annotate(people=Count("contact_id"))
    )
    clicks = click_counts(send)
    found = [
        LinkResult(
            link.url,
            link.variant.label,
            people.get(link.pk, 0) if send.is_tracked else None,
            clicks.get(link.pk, (0, 0))[0],
        )
        for link in Link.objects.filter(send=send).select_related("variant")
    ]
    return sorted(found, key=lambda link: (-(link.people or 0), -link.clicks, link.url, link.label))


@dataclass(frozen=True)
class MachineRow:
    """Events that are no person's, in words: what was done, why it is a program's, how often."""

    kind: str
    reason: str
    count: int


def machine_rows(send: Send) -> list[MachineRow]:
    kinds = dict(Event.Kind.choices)
    return [
        MachineRow(str(kinds.get(kind, kind)), str(REASONS.get(reason, reason)), count)
        for kind, reason, count in machine_counts(send)
    ]


@dataclass(frozen=True)
class Hour:
    """People whose first click (human) fell in this hour, per arm label, running total."""

    at: datetime
    totals: tuple[int, ...]


def clicks_over_time(send: Send, counts: Sequence[ArmCounts], *, hours: int = 72) -> list[Hour]:
    """The running number of people who clicked, hour by hour since launch, at most `hours`."""
    if send.launched_at is None:
        return []
    until = send.launched_at + timedelta(hours=hours)
    rows = (
        Engagement.objects.filter(send_id=send.pk, first_click_at__lte=until)
        .annotate(hour=TruncHour("first_click_at"))
        .values("variant_id", "hour")
        .annotate(people=Count("contact_id"))
        .order_by("hour")
    )
    by_hour: dict[datetime, dict[int | None, int]] = {}
    for row in rows:
        by_hour.setdefault(row["hour"], {})[row["variant_id"]] = row["people"]
    if not by_hour:
        return []
    running = [0] * len(counts)
    found = []
    hour = min(by_hour)
    while hour <= max(by_hour):
        for place, arm in enumerate(counts):
            running[place] += by_hour.get(hour, {}).get(arm.variant_id, 0)
        found.append(Hour(hour, tuple(running)))
        hour += timedelta(hours=1)
    return found
