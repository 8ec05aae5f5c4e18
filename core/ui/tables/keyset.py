"""Keyset pages: the page after a row, found by that row's sort value and key. Rows without a value come last, ascending
and descending; the key orders rows of equal value. Page 1,000 is as cheap as page 1; new rows do not shift it."""

import base64
import binascii
import json
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from decimal import Decimal, InvalidOperation
from typing import Any, Generic, TypeVar

from django.core.exceptions import FieldDoesNotExist, ValidationError
from django.db.models import F, Func, Lookup, Model, Q, QuerySet, TextField, Value
from django.db.models.expressions import Combinable
from django.db.models.lookups import GreaterThan, LessThan

Row = TypeVar("Row", bound=Model)
SORT_VALUE = "keyset_value"
_DECODERS: dict[str, Callable[[Any], Any]] = {
    "none": lambda _value: None,
    "bool": bool,
    "int": int,
    "float": float,
    "text": str,
    "decimal": Decimal,
    "instant": datetime.fromisoformat,
    "day": date.fromisoformat,
    "span": lambda value: timedelta(seconds=value),
}


@dataclass(frozen=True)
class Page(Generic[Row]):
    """Rows in order, and the cursors of the neighbouring pages (empty where there is none)."""

    rows: list[Row]
    next: str
    previous: str


@dataclass(frozen=True)
class Cursor:
    """A place between two rows: after (or, backwards, before) the row with this value and key."""

    value: Any
    key: int
    backwards: bool = False

    def encode(self) -> str:
        kind, value = _encoded(self.value)
        text = json.dumps([kind, value, self.key, int(self.backwards)], separators=(",", ":"))
        return base64.urlsafe_b64encode(text.encode()).decode().rstrip("=")

    @classmethod
    def decode(cls, text: str) -> "Cursor | None":
        """None for anything that is not a cursor: the first page is shown then."""
        try:
            raw = base64.urlsafe_b64decode(text + "=" * (-len(text) % 4))
            kind, value, key, backwards = json.loads(raw)
            cursor = cls(_DECODERS[kind](value), int(key), bool(backwards))
        except (binascii.Error, ValueError, TypeError, KeyError, InvalidOperation, OverflowError, RecursionError):
            return None
        return None if isinstance(cursor.value, str) and "\x00" in cursor.value else cursor


def keyset_page(
    queryset: QuerySet[Row],
    *,
    sort: str | Combinable,
    descending: bool,
    cursor: Cursor | None,
    size: int,
    key: str = "pk",
) -> Page[Row]:
    """The page of `size` rows at `cursor` (the first without one), by `sort` (a field path or an expression). `key`: a
    whole number by which the rows differ. With an index on (sort, key), or sorted by the key alone, each page is one
    range of that index, in both directions."""
    rows = _with_value(queryset, sort)
    if cursor is not None and not _cursor_fits(rows, cursor):
        cursor = None
    backwards = cursor is not None and cursor.backwards
    scan_descending = descending != backwards
    found: list[Row] = []
    for index_range in _index_ranges(rows, cursor, backwards, scan_descending, key, sort):
        found += _read(
            rows, _ordered(index_range, scan_descending, key, is_key=sort == key), key, size + 1 - len(found)
        )
        if len(found) > size:
            break
    more = len(found) > size
    found = found[:size]
    if backwards:
        found.reverse()
    if not found:
        return Page([], "", "")
    first, last = found[0], found[-1]
    has_next, has_previous = (True, more) if backwards else (more, cursor is not None)
    return Page(
        found,
        Cursor(getattr(last, SORT_VALUE), getattr(last, key)).encode() if has_next else "",
        Cursor(getattr(first, SORT_VALUE), getattr(first, key), backwards=True).encode() if has_previous else "",
    )


def keyset_ordered(
    queryset: QuerySet[Row], *, sort: str | Combinable, descending: bool, key: str = "pk"
) -> Iterator[QuerySet[Row]]:
    """All rows in the order their pages have, in one piece or two."""
    rows = _with_value(queryset, sort)
    for index_range in _index_ranges(rows, None, False, descending, key, sort):
        yield _ordered(index_range, descending, key, is_key=sort == key)


def _with_value(queryset: QuerySet[Row], sort: str | Combinable) -> QuerySet[Row]:
    rows: QuerySet[Row] = queryset.annotate(**{SORT_VALUE: F(sort) if isinstance(sort, str) else sort})
    return rows


def _index_ranges(
    rows: QuerySet[Row], cursor: Cursor | None, backwards: bool, descending: bool, key: str, sort: str | Combinable
) -> Iterator[QuerySet[Row]]:
    """The rows after the cursor: first those with a value, then those without (backwards: the reverse). As two queries,
    each reads an index in its order; one query with the missing values last in both directions could not."""
    if sort == key:
        yield rows if cursor is None else rows.filter(_beyond_key(cursor, descending, key))
        return
    if not _is_nullable(rows, sort):
        yield rows if cursor is None else rows.filter(_beyond(rows, cursor, descending, key))
        return
    known, missing = rows.filter(**{f"{SORT_VALUE}__isnull": False}), rows.filter(**{f"{SORT_VALUE}__isnull": True})
    if cursor is None:
        yield from (known, missing)
    elif cursor.value is None:
        rest = missing.filter(_beyond_key(cursor, descending, key))
        yield from (rest, known) if backwards else (rest,)
    else:
        rest = known.filter(_beyond(rows, cursor, descending, key))
        yield from (rest,) if backwards else (rest, missing)


def _is_nullable(rows: QuerySet[Row], sort: str | Combinable) -> bool:
    """Whether a row can be without a value: not where the sort is a column of the model that is NOT NULL."""
    if not isinstance(sort, str):
        return True
    try:
        return bool(rows.model._meta.get_field(sort).null)
    except FieldDoesNotExist:
        return True


def _ordered(rows: QuerySet[Row], descending: bool, key: str, *, is_key: bool) -> QuerySet[Row]:
    names = (key,) if is_key else (SORT_VALUE, key)
    return rows.order_by(*(f"-{name}" if descending else name for name in names))


def _read(rows: QuerySet[Row], ordered: QuerySet[Row], key: str, count: int) -> list[Row]:
    """The first `count` of `ordered`. Related rows are joined for these alone, not for all that are sorted."""
    if not rows.query.select_related or rows.query.distinct:
        return list(ordered[:count])
    keys = ordered.select_related(None).values(key)[:count]
    return list(rows.filter(**{f"{key}__in": keys}).order_by(*ordered.query.order_by))


def _cursor_fits(rows: QuerySet[Row], cursor: Cursor) -> bool:
    """Whether the cursor's value is one the sorted column can have (the address may come from another sort)."""
    try:
        rows.query.annotations[SORT_VALUE].output_field.get_prep_value(cursor.value)
    except (ValueError, TypeError, ValidationError):
        return False
    return True


class _RowValue(Func):
    """Two values compared as one: by the second where the first are equal. An index on both finds its place."""

    function = "ROW"
    output_field = TextField()


def _beyond(rows: QuerySet[Row], cursor: Cursor, descending: bool, key: str) -> "Lookup[Any]":
    """Rows with a value beyond the cursor's, in the direction of the scan."""
    field = rows.query.annotations[
        SORT_VALUE
    ].output_field  # a bare number is cut to the declared range: sums may exceed it
    place = _RowValue(Value(cursor.value, output_field=field), Value(cursor.key))
    return (LessThan if descending else GreaterThan)(_RowValue(F(SORT_VALUE), F(key)), place)


def _beyond_key(cursor: Cursor, descending: bool, key: str) -> Q:
    return Q(**{f"{key}__{'lt' if descending else 'gt'}": cursor.key})


def _encoded(value: Any) -> tuple[str, Any]:
    match value:
        case None:
            return "none", None
        case bool():
            return "bool", value
        case int():
            return "int", value
        case float():
            return "float", value
        case Decimal():
            return "decimal", str(value)
        case datetime():
            return "instant", value.isoformat()
        case date():
            return "day", value.isoformat()
        case timedelta():
            return "span", value.total_seconds()
        case _:
            return "text", str(value)
