"""Days on the company's clock, which cuts the key figures, whatever the zone of the person who looks."""

from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from typing import Any

from django.db.models import QuerySet

from accounts.company.models import Company
from core.ui.tables.filters import DateRangeFilter

EARLIEST_YEAR = 1900  # anything before it is a slip of the keyboard


@dataclass(frozen=True, kw_only=True)
class CompanyDays(DateRangeFilter):
    """A range of company days over an instant: the rows behind a key figure are exactly those it counted."""

    def apply(self, queryset: QuerySet[Any], values: dict[str, str]) -> QuerySet[Any]:
        zone, field = Company.get().zone, self.field or self.code
        first, last = (_day(values.get(name, "")) for name in self.names)
        if first:
            queryset = queryset.filter(**{f"{field}__gte": datetime.combine(first, time.min, tzinfo=zone)})
        if last:
            after = datetime.combine(last + timedelta(days=1), time.min, tzinfo=zone)
            queryset = queryset.filter(**{f"{field}__lt": after})
        return queryset


def _day(text: str) -> date | None:
    try:
        day = date.fromisoformat(text)
    except ValueError:
        return None
    return day if EARLIEST_YEAR <= day.year <= 2999 else None
