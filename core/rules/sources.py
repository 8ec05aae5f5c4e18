"""Where the answer to a field stands, and how a condition on it becomes a Django Q over the contact.

Every Q made here is true or false for every row, never NULL: a nullable column is always tested together with
`IS NOT NULL`, and other tables are reached through EXISTS or a grouped IN, never through a join. So `~Q` is an exact
complement. Only positive operators reach a source; the compiler negates.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from decimal import Decimal
from typing import Any, Protocol, cast

from django.db.models import Aggregate, Exists, OuterRef, Q, QuerySet
from django.db.models.expressions import BaseExpression, Combinable
from django.db.models.functions import ExtractDay, ExtractMonth
from django.db.models.lookups import (
    Exact,
    GreaterThan,
    GreaterThanOrEqual,
    In,
    IsNull,
    LessThan,
    LessThanOrEqual,
)

from core.rules.context import RuleContext
from core.rules.values import Value, Window

NOBODY = Q(pk__in=[])
_NUMBER_LOOKUPS = {"at_least": "gte", "at_most": "lte", "more_than": "gt", "less_than": "lt", "equals": "exact"}
_TEXT_LOOKUPS = {"is": "iexact", "contains": "icontains", "starts_with": "istartswith"}
_EXPRESSION_LOOKUPS = {
    "exact": Exact,
    "gt": GreaterThan,
    "gte": GreaterThanOrEqual,
    "lt": LessThan,
    "lte": LessThanOrEqual,
}


class Source(Protocol):
    """Answers the positive operators of a field."""

    def condition(self, operator: str, value: Value, window: Window, context: RuleContext) -> Q: ...


@dataclass(frozen=True)
class Column:
    """A column of the contact, or an expression over its columns. `blank` says that the empty text means missing;
    `is_instant` that it holds moments rather than days."""

    name: str | BaseExpression
    blank: bool = False
    is_instant: bool = True

    def condition(self, operator: str, value: Value, window: Window, context: RuleContext) -> Q:
        known = self._lookup("isnull", False)
        if self.blank:
            known &= ~Q(**{f"{self.name}": ""})
        if operator == "is_set":
            return known
        return self._test(operator, value, context) & known

    def _test(self, operator: str, value: Value, context: RuleContext) -> Q:
        if operator in _NUMBER_LOOKUPS:
            return self._lookup(_NUMBER_LOOKUPS[operator], value)
        if operator in _TEXT_LOOKUPS:
            return self._lookup(_TEXT_LOOKUPS[operator], value)
        if operator == "is_any_of":
            return self._any_of(cast("tuple[str, ...]", value))
        if operator == "between" and isinstance(cast("tuple[Any, Any]", value)[0], Decimal):
            low, high = cast("tuple[Decimal, Decimal]", value)
            return self._lookup("gte", low) & self._lookup("lte", high)
        return self._days(operator, value, context)

    def _any_of(self, values: tuple[str, ...]) -> Q:
        """Texts compare without case like `is`; the column of a choice holds its code."""
        if not self.blank:
            return self._lookup("in", values)
        found = Q()
        for text in values:
            found |= self._lookup("iexact", text)
        return found

    def _days(self, operator: str, value: Value, context: RuleContext) -> Q:
        if operator == "in_last":
            days = cast("int", value)
            if not self.is_instant:
                first = context.today - timedelta(days=days - 1)
                return self._lookup("gte", first) & self._lookup("lte", context.today)
            return self._lookup("gte", context.last_days_start(days)) & self._lookup("lte", context.now)
        if operator == "older_than":
            before = context.today - timedelta(days=cast("int", value))
            return self._lookup("lt", context.starts(before) if self.is_instant else before)
        first, last = cast("tuple[date, date]", value if isinstance(value, tuple) else (value, value))
        start = context.starts(first) if self.is_instant else first
        end = context.ends(last) if self.is_instant else last + timedelta(days=1)
        if operator == "since":
            return self._lookup("gte", start)
        if operator == "before":
            return self._lookup("lt", start)
        return self._lookup("gte", start) & self._lookup("lt", end)

    def _lookup(self, name: str, value: Any) -> Q:
        if isinstance(self.name, str):
            return Q(**{f"{self.name}__{name}": value})
        if name == "isnull":
            return Q(IsNull(self.name, value))
        return Q(_EXPRESSION_LOOKUPS[name](self.name, value))


@dataclass(frozen=True)
class Related:
    """A column of another table with rows per contact (`link` leads back): true when any of `rows()` matches."""

    rows: Callable[[], "QuerySet[Any]"]
    column: Column
    link: str = "contact"

    def condition(self, operator: str, value: Value, window: Window, context: RuleContext) -> Q:
        test = self.column.condition(operator, value, window, context)
        return Q(Exists(self.rows().filter(test, **{self.link: OuterRef("pk")})))


@dataclass(frozen=True)
class Events:
    """Events of a contact, measured in a window: `measure` is Count or Sum over `rows()`, `at` when each happened.

    Grouped once over the whole table, not once per contact. A contact without events measures 0.
    """

    rows: Callable[[], "QuerySet[Any]"]
    at: str
    measure: Callable[[], Aggregate]
    link: str = "contact"

    def condition(self, operator: str, value: Value, window: Window, context: RuleContext) -> Q:
        number = cast("Decimal", value)
        holds_for_zero = {"at_least": number <= 0, "at_most": number >= 0, "equals": number == 0}[operator]
        if not holds_for_zero:
            return Q(pk__in=self._measured(window, context, **{f"measured__{_NUMBER_LOOKUPS[operator]}": number}))
        opposite = {
            "at_least": Q(measured__lt=number),
            "at_most": Q(measured__gt=number),
            "equals": Q(measured__lt=number) | Q(measured__gt=number),
        }
        return ~Q(pk__in=self._measured(window, context, opposite[operator]))

    def _measured(self, window: Window, context: RuleContext, *tests: Q, **lookups: Any) -> "QuerySet[Any]":
        rows = self.rows().filter(in_window(self.at, window, context), **{f"{self.link}__isnull": False})
        grouped = rows.order_by().values(self.link).annotate(measured=self.measure())
        measured: QuerySet[Any, Any] = grouped.filter(*tests, **lookups).values(self.link)
        return measured


@dataclass(frozen=True)
class Happened:
    """Events of a contact that carry a code: `column` of `rows()` is one of the chosen codes, in the window."""

    rows: Callable[[], "QuerySet[Any]"]
    column: str
    at: str = ""
    link: str = "contact"

    def condition(self, operator: str, value: Value, window: Window, context: RuleContext) -> Q:
        codes = cast("tuple[str, ...]", value)
        groups: Sequence[tuple[str, ...]] = [(code,) for code in codes] if operator == "has_all_of" else [codes]
        found = Q()
        for chosen in groups:
            rows = self.rows().filter(in_window(self.at, window, context), **{f"{self.column}__in": chosen})
            found &= Q(Exists(rows.filter(**{self.link: OuterRef("pk")})))
        return found


@dataclass(frozen=True)
class Listed:
    """A text array of the contact (tastes)."""

    column: str

    def condition(self, operator: str, value: Value, window: Window, context: RuleContext) -> Q:
        lookup = "contains" if operator == "has_all_of" else "overlap"
        return Q(**{f"{self.column}__{lookup}": list(cast("tuple[str, ...]", value))})


@dataclass(frozen=True)
class Flag:
    """Yes or no, by a Q that is never NULL."""

    test: Callable[[RuleContext], Q]

    def condition(self, operator: str, value: Value, window: Window, context: RuleContext) -> Q:
        return self.test(context)


@dataclass(frozen=True)
class Coded:
    """A choice decided by code: `test(codes)` is a Q that is never NULL, `known()` whether there is any value."""

    test: Callable[[tuple[str, ...]], Q]
    known: Callable[[], Q]

    def condition(self, operator: str, value: Value, window: Window, context: RuleContext) -> Q:
        if operator == "is_set":
            return self.known()
        codes = cast("tuple[str, ...]", value)
        if operator != "has_all_of":
            return self.test(codes)
        found = Q()
        for code in codes:
            found &= self.test((code,))
        return found


@dataclass(frozen=True)
class Age:
    """Whole years since a date of birth, today in the company's zone. Whoever was born on 29 February turns a year
    older on 1 March of an ordinary year."""

    column: str

    def condition(self, operator: str, value: Value, window: Window, context: RuleContext) -> Q:
        known = Q(**{f"{self.column}__isnull": False})
        if operator == "is_set":
            return known
        low, high = _whole_years(operator, value)
        found = known
        if low is not None:
            found &= Q(**{f"{self.column}__lte": _years_before(context.today, low)})
        if high is not None:
            found &= Q(**{f"{self.column}__gt": _years_before(context.today, high + 1)})
        return found


@dataclass(frozen=True)
class Birthday:
    """The day of the year somebody was born on."""

    column: str

    def condition(self, operator: str, value: Value, window: Window, context: RuleContext) -> Q:
        known = Q(**{f"{self.column}__isnull": False})
        if operator == "is_set":
            return known
        if operator == "in_month":
            months = [int(code) for code in cast("tuple[str, ...]", value) if code.isdecimal()]
            return Q(In(ExtractMonth(self.column), months)) & known if months else NOBODY
        codes = birthday_codes(context.today, cast("int", value))
        day_of_year = cast("Combinable", ExtractMonth(self.column) * 100 + ExtractDay(self.column))
        return Q(In(day_of_year, codes)) & known


def in_window(at: str, window: Window, context: RuleContext) -> Q:
    """Happened in the window. An open window takes everything."""
    if window.days is not None:
        return Q(**{f"{at}__gte": context.last_days_start(window.days), f"{at}__lte": context.now})
    found = Q()
    if window.since is not None:
        found &= Q(**{f"{at}__gte": context.starts(window.since)})
    if window.until is not None:
        found &= Q(**{f"{at}__lt": context.ends(window.until)})
    return found


def newest(rows: "QuerySet[Any]", *, at: str, link: str, same: Sequence[str] = ()) -> "QuerySet[Any]":
    """Those of `rows` with no newer one of the same `link` (and of the same `same` columns)."""
    later = rows.model._default_manager.filter(
        Q(**{f"{at}__gt": OuterRef(at)}) | Q(**{at: OuterRef(at), "pk__gt": OuterRef("pk")}),
        **{name: OuterRef(name) for name in (link, *same)},
    )
    return rows.filter(~Exists(later))


def birthday_codes(today: date, days: int) -> list[int]:
    """month * 100 + day of today and the days after it; 29 February stands with 1 March of an ordinary year."""
    codes: set[int] = set()
    for ahead in range(min(days, 366)):
        day = today + timedelta(days=ahead)
        codes.add(day.month * 100 + day.day)
        if (day.month, day.day) == (3, 1) and (day - timedelta(days=1)).day == 28:
            codes.add(229)
    return sorted(codes)


def _whole_years(operator: str, value: Value) -> tuple[int | None, int | None]:
    """The least and the greatest whole number of years that satisfy the operator."""
    if operator == "between":
        first, last = cast("tuple[Decimal, Decimal]", value)
        return _ceil(first), _floor(last)
    number = cast("Decimal", value)
    return {
        "at_least": (_ceil(number), None),
        "at_most": (None, _floor(number)),
        "more_than": (_floor(number) + 1, None),
        "less_than": (None, _ceil(number) - 1),
        "equals": (_ceil(number), _floor(number)),
    }[operator]


def _floor(number: Decimal) -> int:
    return int(number.to_integral_value("ROUND_FLOOR"))


def _ceil(number: Decimal) -> int:
    return int(number.to_integral_value("ROUND_CEILING"))


def _years_before(day: date, years: int) -> date:
    year = max(1, day.year - years) if years >= 0 else min(9998, day.year - years)
    try:
        return day.replace(year=year)
    except ValueError:
        return day.replace(year=year, day=28)
