"""What a rule is read against: the moment, the company's zone and money, and the rules it may include."""

from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import date, datetime, time, timedelta
from typing import TYPE_CHECKING
from zoneinfo import ZoneInfo

from django.utils import timezone

if TYPE_CHECKING:
    from core.rules.tree import Group


@dataclass(frozen=True)
class Included:
    """Another named rule that a rule may include."""

    code: str
    name: str
    root: "Group"


def _nothing(code: str) -> Included | None:
    return None


@dataclass(frozen=True)
class RuleContext:
    """`now` is aware; `included` finds a named rule by its code, None when it does not exist any more."""

    now: datetime = field(default_factory=timezone.now)
    zone: ZoneInfo = field(default_factory=lambda: ZoneInfo("UTC"))
    currency: str = "EUR"
    included: Callable[[str], Included | None] = _nothing

    @property
    def today(self) -> date:
        return self.now.astimezone(self.zone).date()

    def starts(self, day: date) -> datetime:
        """The first instant of `day` in the company's zone."""
        return datetime.combine(day, time.min, tzinfo=self.zone)

    def ends(self, day: date) -> datetime:
        """The first instant after `day`."""
        return self.starts(day + timedelta(days=1))

    def last_days_start(self, days: int) -> datetime:
        """The first instant of the last `days` days, today counted."""
        return self.starts(self.today - timedelta(days=days - 1))
