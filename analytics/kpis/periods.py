"""Periods of whole company days, and the earlier periods they are compared with, like for like."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from typing import Literal
from zoneinfo import ZoneInfo

from django.utils.functional import Promise
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from core.errors import DomainError

MAX_DAYS = 3_660
EARLIEST = date(1990, 1, 1)
DEFAULT_PRESET = "last_28"
PRESETS: dict[str, str | Promise] = {
    "last_7": gettext_lazy("Last 7 days"),
    "last_28": gettext_lazy("Last 28 days"),
    "last_90": gettext_lazy("Last 90 days"),
    "this_month": gettext_lazy("This month"),
    "last_month": gettext_lazy("Last month"),
    "this_quarter": gettext_lazy("This quarter"),
    "this_year": gettext_lazy("This year"),
    "last_365": gettext_lazy("Last 365 days"),
}


@dataclass(frozen=True)
class Period:
    """Days from `start` to `end`, both included, in the company's zone.

    `cut` is the instant at which a comparison stops when the period it is compared with is still running: half of
    today is compared with half of the day then.
    """

    start: date
    end: date
    zone: ZoneInfo
    cut: datetime | None = None

    @property
    def days(self) -> int:
        return (self.end - self.start).days + 1

    @property
    def begins_at(self) -> datetime:
        return datetime.combine(self.start, time.min, tzinfo=self.zone)

    @property
    def ends_at(self) -> datetime:
        """The first instant after the period: the next midnight on the company's clock, or the cut."""
        return self.cut or datetime.combine(self.end + timedelta(days=1), time.min, tzinfo=self.zone)

    def previous(self, now: datetime) -> "Period":
        """As many days, ending where this one begins; stopped at the same time of day while this one runs."""
        return self._shifted(timedelta(days=self.days), now)

    def year_before(self, now: datetime) -> "Period":
        """The same weekdays 52 weeks earlier."""
        return self._shifted(timedelta(weeks=52), now)

    def _shifted(self, by: timedelta, now: datetime) -> "Period":
        here = now.astimezone(self.zone)
        start, end, cut = self.start - by, self.end - by, None
        if self.start <= here.date() <= self.end:
            # Wall-clock arithmetic: 15:00 stays 15:00 though a clock change lies between.
            wall = here.replace(tzinfo=None) - by
            end, cut = wall.date(), wall.replace(tzinfo=self.zone)
        return Period(start=start, end=end, zone=self.zone, cut=cut)

    def grain(self) -> Literal["day", "week", "month"]:
        """How fine a trend over this period is drawn."""
        return "day" if self.days <= 45 else "week" if self.days <= 200 else "month"


def preset_period(code: str, *, today: date, zone: ZoneInfo) -> Period:
    """The days of a preset as of `today`. Raises KeyError for an unknown one."""
    month = today.replace(day=1)
    match code:
        case "last_7" | "last_28" | "last_90" | "last_365":
            return Period(today - timedelta(days=int(code[5:]) - 1), today, zone)
        case "this_month":
            return Period(month, today, zone)
        case "last_month":
            last = month - timedelta(days=1)
            return Period(last.replace(day=1), last, zone)
        case "this_quarter":
            return Period(today.replace(month=(today.month - 1) // 3 * 3 + 1, day=1), today, zone)
        case "this_year":
            return Period(today.replace(month=1, day=1), today, zone)
    raise KeyError(code)


@dataclass(frozen=True)
class Choice:
    """What the period picker shows: the period and the preset it came from (`custom` for typed dates)."""

    period: Period
    preset: str
    message: str = ""

    @property
    def query(self) -> str:
        """The part of an address that brings the same period back."""
        if self.preset == "custom":
            return f"from={self.period.start.isoformat()}&to={self.period.end.isoformat()}"
        return f"period={self.preset}"


def choose(query: Mapping[str, str], *, now: datetime, zone: ZoneInfo) -> Choice:
    """The period in an address (`?period=last_28`, `?from=2026-01-01&to=2026-01-31`). What cannot be read falls back
    to the default with a message saying so."""
    today = now.astimezone(zone).date()
    default = Choice(preset_period(DEFAULT_PRESET, today=today, zone=zone), DEFAULT_PRESET)
    if query.get("from") or query.get("to"):
        try:
            period = custom_period(query.get("from", ""), query.get("to", "") or today.isoformat(), zone=zone)
        except DomainError as error:
            return Choice(default.period, DEFAULT_PRESET, message=error.message)
        return Choice(period, "custom")
    code = query.get("period", DEFAULT_PRESET)
    if code not in PRESETS:
        return default
    return Choice(preset_period(code, today=today, zone=zone), code)


def custom_period(start: str, end: str, *, zone: ZoneInfo) -> Period:
    """Raises DomainError (`bad_date`, `period_backwards`, `period_too_long`) with the field at fault."""
    return checked_period(_day(start, "from"), _day(end, "to"), zone=zone)


def checked_period(start: date, end: date, *, zone: ZoneInfo) -> Period:
    if end < start:
        raise DomainError(
            _("The period ends before it begins."), code="period_backwards", fields={"to": _("Choose a later day.")}
        )
    if (end - start).days >= MAX_DAYS or start < EARLIEST or end.year > 2200:
        message = _("A period is at most ten years long and begins in 1990 or later.")
        raise DomainError(message, code="period_too_long", fields={"from": message})
    return Period(start, end, zone)


def _day(text: str, field: str) -> date:
    try:
        return date.fromisoformat(text)
    except ValueError:
        message = _("“%(text)s” is not a valid date. Use the format 2026-01-31.") % {"text": text}
        raise DomainError(message, code="bad_date", fields={field: message}) from None
