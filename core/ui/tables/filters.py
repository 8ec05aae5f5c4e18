"""The filters of a table. Each reads its own parameters from the address; a value it cannot read is ignored."""

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from decimal import Decimal, InvalidOperation
from typing import Any, TypeAlias

from django.db.models import Q, QuerySet
from django.db.models.expressions import Combinable
from django.utils import timezone
from django.utils.functional import Promise
from django.utils.translation import gettext as _
from django.utils.translation import pgettext_lazy

Choices: TypeAlias = Iterable[tuple[Any, Any]]
Values: TypeAlias = dict[str, str]
ARCHIVED = Q(archived_at__isnull=False)
ARCHIVE = pgettext_lazy("filter", "Archived items")
IN_USE = pgettext_lazy("filter", "In use")
ARCHIVED_LABEL = pgettext_lazy("filter", "Archived")
BOTH_LABEL = pgettext_lazy("filter", "In use and archived")


@dataclass(frozen=True, kw_only=True)
class Filter:
    """A filter: `code` names its parameter, `label` is what the person reads, `field` what it looks at; `blank` is what
    a choice says while nothing is chosen (empty: the label). One that `always_applies` narrows even then."""

    code: str
    label: str | Promise
    field: str = ""
    blank: str | Promise = ""

    template = "components/_filter_choice.html"
    always_applies = False

    @property
    def names(self) -> tuple[str, ...]:
        """The parameters it reads."""
        return (self.code,)

    def apply(self, queryset: QuerySet[Any], values: Values) -> QuerySet[Any]:
        """`queryset` narrowed by `values` (parameter to text, only those that are set)."""
        raise NotImplementedError

    def options(self, values: Values) -> list[tuple[str, str, bool]]:
        """(value, label, chosen) rows for a choice."""
        return []


@dataclass(frozen=True, kw_only=True)
class ChoiceFilter(Filter):
    """One of a few. `choices`: pairs or a function giving them; `where`: a function from the value to a condition,
    instead of equality on `field`."""

    choices: Choices | Callable[[], Choices] = ()
    where: Callable[[str], Q] | None = None

    def pairs(self) -> list[tuple[str, str]]:
        choices = self.choices() if callable(self.choices) else self.choices
        return [(str(value), str(label)) for value, label in choices if str(value)]

    def apply(self, queryset: QuerySet[Any], values: Values) -> QuerySet[Any]:
        value = values[self.code]
        if value not in {known for known, _label in self.pairs()}:
            return queryset
        return queryset.filter(self.where(value) if self.where else Q(**{self.field or self.code: value}))

    def options(self, values: Values) -> list[tuple[str, str, bool]]:
        return [(value, label, value == values.get(self.code)) for value, label in self.pairs()]


@dataclass(frozen=True, kw_only=True)
class BooleanFilter(Filter):
    """Yes or no. `yes`: a condition for yes (no is its opposite); without it `field` is a boolean."""

    yes: Q | Combinable | None = None
    yes_label: str | Promise = ""
    no_label: str | Promise = ""

    def apply(self, queryset: QuerySet[Any], values: Values) -> QuerySet[Any]:
        condition = self.yes if self.yes is not None else Q(**{self.field or self.code: True})
        match values[self.code]:
            case "yes":
                return queryset.filter(condition)
            case "no":
                return queryset.exclude(condition)
            case _:
                return queryset

    def options(self, values: Values) -> list[tuple[str, str, bool]]:
        chosen = values.get(self.code)
        return [
            ("yes", str(self.yes_label or _("Yes")), chosen == "yes"),
            ("no", str(self.no_label or _("No")), chosen == "no"),
        ]


@dataclass(frozen=True, kw_only=True)
class ArchivedFilter(Filter):
    """What is in use, unless the person asks for what is archived (`archived`: the condition for it), or for both."""

    code: str = "archived"
    label: str | Promise = ARCHIVE
    blank: str | Promise = IN_USE
    archived: Q = ARCHIVED
    archived_label: str | Promise = ARCHIVED_LABEL
    both_label: str | Promise = BOTH_LABEL

    always_applies = True

    def apply(self, queryset: QuerySet[Any], values: Values) -> QuerySet[Any]:
        match values.get(self.code):
            case "yes":
                return queryset.filter(self.archived)
            case "all":
                return queryset
            case _:
                return queryset.exclude(self.archived)

    def options(self, values: Values) -> list[tuple[str, str, bool]]:
        chosen = values.get(self.code)
        return [
            ("yes", str(self.archived_label), chosen == "yes"),
            ("all", str(self.both_label), chosen == "all"),
        ]


@dataclass(frozen=True, kw_only=True)
class RangeFilter(Filter):
    """From … to, either end open."""

    template = "components/_filter_range.html"
    input_type = "text"

    @property
    def names(self) -> tuple[str, ...]:
        return (f"{self.code}_from", f"{self.code}_to")

    def ends(self, values: Values) -> Sequence[tuple[str, str, str]]:
        """(parameter, label, value) of the two inputs."""
        first, last = self.names
        return [(first, _("From"), values.get(first, "")), (last, _("To"), values.get(last, ""))]


@dataclass(frozen=True, kw_only=True)
class DateRangeFilter(RangeFilter):
    """Days, both included, in the person's zone. `instant`: the field is a moment, not a day."""

    instant: bool = True
    input_type = "date"

    def apply(self, queryset: QuerySet[Any], values: Values) -> QuerySet[Any]:
        field = self.field or self.code
        first, last = (_day(values.get(name, "")) for name in self.names)
        if first:
            queryset = queryset.filter(**{f"{field}__gte": _midnight(first) if self.instant else first})
        if last and self.instant:
            queryset = queryset.filter(**{f"{field}__lt": _midnight(last + timedelta(days=1))})
        elif last:
            queryset = queryset.filter(**{f"{field}__lte": last})
        return queryset


@dataclass(frozen=True, kw_only=True)
class NumberRangeFilter(RangeFilter):
    """Numbers, both ends included."""

    input_type = "number"

    def apply(self, queryset: QuerySet[Any], values: Values) -> QuerySet[Any]:
        field = self.field or self.code
        for name, lookup in zip(self.names, ("gte", "lte"), strict=True):
            value = _decimal(values.get(name, ""))
            if value is not None:
                queryset = queryset.filter(**{f"{field}__{lookup}": value})
        return queryset


def _day(text: str) -> date | None:
    try:
        day = date.fromisoformat(text)
    except ValueError:
        return None
    return day if 1900 <= day.year <= 2999 else None


def _midnight(day: date) -> datetime:
    return timezone.make_aware(datetime.combine(day, time.min))


def _decimal(text: str) -> Decimal | None:
    try:
        value = Decimal(text)
    except InvalidOperation:
        return None
    return value if value.is_finite() and abs(value) < Decimal(10) ** 15 else None
