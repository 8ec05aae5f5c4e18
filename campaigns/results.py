"""What a send brought: per arm, link by link, hour by hour."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from django.db.models import Count
from django.db.models.functions import TruncHour

from campaigns.models import Engagement, Event, Link, Send
from campaigns.queries import ArmCounts
from core.statistics.proportions import Interval, wilson_interval


@dataclass(frozen=True)
class ArmResult:
    """One arm's figures with the interval of its click rate; rates are None while nobody received it."""

    counts: ArmCounts
    subject: str
    open_rate: float | None
    click_rate: float | None
    order_rate: float | None
    click_interval: Interval | None


def arm_results(send: Send, counts: Sequence[ArmCounts]) -> list[ArmResult]:
    subjects = dict(send.variants.values_list("pk", "subject"))
    return [
        ArmResult(
            arm,
            subjects.get(arm.variant_id, ""),
            _share(arm.opens, arm.recipients),
            _share(arm.clicks, arm.recipients),
            _share(arm.orders, arm.recipients),
            wilson_interval(min(arm.clicks, arm.recipients), arm.recipients),
        )
        for arm in counts
    ]


def _share(part: int, whole: int) -> float | None:
    return part / whole if whole else None


@dataclass(frozen=True)
class LinkResult:
    """A link, how many people clicked it and how often (humans only)."""

    url: str
    label: str
    people: int
    clicks: int


def link_results(send: Send) -> list[LinkResult]:
    """Every link of the send, the most clicked first."""
    rows = (
        Event.objects.filter(send_id=send.pk, kind=Event.Kind.CLICK, machine="")
        .values("link_id")
        .annotate(people=Count("contact_id", distinct=True), clicks=Count("id"))
    )
    clicked = {row["link_id"]: row for row in rows}
    found = []
    for link in Link.objects.filter(send=send).select_related("variant"):
        row = clicked.get(link.pk, {"people": 0, "clicks": 0})
        found.append(LinkResult(link.url, link.variant.label, row["people"], row["clicks"]))
    return sorted(found, key=lambda link: (-link.people, link.url, link.label))


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
