"""Days and instants as people of the active language write them, in their zone."""

from datetime import date, datetime

from django.utils import timezone
from django.utils.formats import date_format
from django.utils.translation import get_language

from core.ui.numbers import DASH


def short_date(value: date, pattern: str = "j M Y") -> str:
    """As "3 Mar 2026"; where months and weekdays are written small, "3 mar 2026". `pattern` holds only weekdays, days,
    months and years."""
    written = str(date_format(value, pattern))
    return written if (get_language() or "en").startswith("en") else written.lower()


def moment(value: datetime | None) -> str:
    """An instant in the person's zone, short, with the zone's abbreviation: "3 Mar 2026, 14:05 CET"."""
    if value is None:
        return DASH
    local = timezone.localtime(value)
    return f"{short_date(local)}, {local:%H:%M} {local.tzname()}"


def clock(value: datetime | None) -> str:
    """An instant in the person's zone without naming it (the page's foot does): "3 Mar 2026, 14:05"."""
    if value is None:
        return DASH
    local = timezone.localtime(value)
    return f"{short_date(local)}, {local:%H:%M}"


def day(value: date | datetime | None) -> str:
    """A day in the person's zone: "3 Mar 2026"."""
    if value is None:
        return DASH
    if isinstance(value, datetime):
        value = timezone.localtime(value)
    return short_date(value)


def day_as(value: date, pattern: str) -> str:
    """`{{ day|day_as:"D j M" }}`: "Mon 3 Nov"; where weekdays and months are written small, "lun 3 nov"."""
    return short_date(value, pattern)
