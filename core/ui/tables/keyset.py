"""Keyset pages: the page after a row, found by that row's sort value and key. Rows without a value come last, both ways
round; equal values are told apart by the key. As cheap on page 1,000 as on page 1, and stable while rows are added."""

import base64
import binascii
import json
from collections.abc import Callable
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from decimal import Decimal, InvalidOperation
from typing import Any, Generic, TypeVar

from django.core.exceptions import ValidationError
from django.db.models import F, Field, Model, Q, QuerySet, Value
from django.db.models.expressions import Combinable

Row = TypeVar("Row", bound=Model)
KEY = "keyset_value"
_READERS: dict[str, Callable[[Any], Any]] = {
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
        kind, value = _written(self.value)
        text = json.dumps([kind, value, self.key, int(self.backwards)], separators=(",", ":"))
        return base64.urlsafe_b64encode(text.encode()).decode().rstrip("=")

    @classmethod
    def decode(cls, text: str) -> "Cursor | None":
        """None for anything that is not a cursor: the first page is shown then."""
        try:
            raw = base64.urlsafe_b64decode(text + "=" * (-len(text) % 4))
            kind, value, key, backwards = json.loads(raw)
            cursor = cls(_READERS[kind](value), int(key), bool(backwards))
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
    whole number by which the rows differ; sorted by it alone, each page is one stretch of its index."""
    rows = _with_value(queryset, sort)
    if cursor is not None and not _fits(rows, cursor):
        cursor = None
    backwards = cursor is not None and cursor.backwards
    if cursor is not None:
        field = rows.query.annotations[KEY].output_field
        rows = rows.filter(_beyond(cursor, descending, field, key, is_key=sort == key))
    found = list(_ordered(rows, descending, backwards, key, is_key=sort == key)[: size + 1])
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
        Cursor(getattr(last, KEY), getattr(last, key)).encode() if has_next else "",
        Cursor(getattr(first, KEY), getattr(first, key), backwards=True).encode() if has_previous else "",
    )


def keyset_ordered(
    queryset: QuerySet[Row], *, sort: str | Combinable, descending: bool, key: str = "pk"
) -> QuerySet[Row]:
    """All rows in the order their pages have."""
    return _ordered(_with_value(queryset, sort), descending, False, key, is_key=sort == key)


def _with_value(queryset: QuerySet[Row], sort: str | Combinable) -> QuerySet[Row]:
    rows: QuerySet[Row] = queryset.annotate(**{KEY: F(sort) if isinstance(sort, str) else sort})
    return rows


def _ordered(rows: QuerySet[Row], descending: bool, backwards: bool, key: str, *, is_key: bool) -> QuerySet[Row]:
    """Forwards the missing values come last; backwards is the exact reverse."""
    if descending != backwards:
        value = F(KEY).desc(nulls_first=True) if backwards else F(KEY).desc(nulls_last=True)
        return rows.order_by(f"-{key}") if is_key else rows.order_by(value, f"-{key}")
    value = F(KEY).asc(nulls_first=True) if backwards else F(KEY).asc(nulls_last=True)
    return rows.order_by(key) if is_key else rows.order_by(value, key)


def _fits(rows: QuerySet[Row], cursor: Cursor) -> bool:
    """Whether the cursor's value is one the sorted column can have (the address may come from another sort)."""
    try:
        rows.query.annotations[KEY].output_field.get_prep_value(cursor.value)
    except (ValueError, TypeError, ValidationError):
        return False
    return True


def _beyond(cursor: Cursor, descending: bool, field: "Field[Any, Any]", name: str, *, is_key: bool) -> Q:
    """Rows after the cursor, or before it when it looks backwards."""
    upwards = descending == cursor.backwards
    key = Q(**{f"{name}__{'gt' if upwards else 'lt'}": cursor.key})
    if is_key:
        return key
    missing = Q(**{f"{KEY}__isnull": True})
    if cursor.value is None:
        return (missing & key) | ~missing if cursor.backwards else missing & key
    value = Value(cursor.value, output_field=field)  # a bare number is cut to the declared range: sums may exceed it
    beyond = Q(**{f"{KEY}__{'gt' if upwards else 'lt'}": value})
    same = Q(**{KEY: value}) & key
    return beyond | same if cursor.backwards else beyond | same | missing


def _written(value: Any) -> tuple[str, Any]:
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
