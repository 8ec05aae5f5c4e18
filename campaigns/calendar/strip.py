"""The strip of days over the campaigns: what went out and what will, day by day in the company's zone."""

from collections import defaultdict
from dataclasses import dataclass
from datetime import date, timedelta

from django.db.models.functions import Coalesce
from django.utils import timezone

from accounts.company.models import Company
from accounts.people.models import User
from campaigns.campaigns.models import Campaign
from delivery.sends.models import Send

BACK, AHEAD = 7, 14


@dataclass(frozen=True)
class Day:
    """One day with the campaigns that leave on it."""

    day: date
    campaigns: tuple[Campaign, ...]
    is_today: bool
    is_past: bool


def calendar_strip(user: User, *, today: date | None = None) -> list[Day]:
    """Three weeks around today. A campaign stands on the day it was scheduled for, else launched on."""
    zone = Company.get().zone
    now = timezone.localtime(timezone=zone)
    today = today or now.date()
    first, last = today - timedelta(days=BACK), today + timedelta(days=AHEAD - 1)
    rows = (
        Campaign.objects.visible_to(user)
        .active()
        .exclude(send__state__in=[Send.State.DRAFT, Send.State.CANCELLED])
        .annotate(leaves_at=Coalesce("send__scheduled_at", "send__launched_at"))
        .filter(leaves_at__date__gte=first - timedelta(days=1), leaves_at__date__lte=last + timedelta(days=1))
        .select_related("send")
        .order_by("leaves_at")
    )
    by_day: dict[date, list[Campaign]] = defaultdict(list)
    for campaign in rows:
        leaves_at = campaign.send.scheduled_at or campaign.send.launched_at
        if leaves_at:
            by_day[leaves_at.astimezone(zone).date()].append(campaign)
    days = (first + timedelta(days=offset) for offset in range(BACK + AHEAD))
    return [Day(day, tuple(by_day.get(day, ())), day == today, day < today) for day in days]
