"""The values a condition can be given: read from JSON into Python, refused with a sentence, written back the same."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import date
from decimal import Decimal, InvalidOperation
from typing import Any, TypeAlias

from django.utils.translation import gettext as _

from core.rules.operators import Kind, Shape

Value: TypeAlias = str | tuple[str, ...] | Decimal | tuple[Decimal, Decimal] | date | tuple[date, date] | int | None
MAX_VALUES = 200
MAX_TEXT = 200
MAX_DAYS = 36_500
MAX_NUMBER = Decimal(10) ** 12


class InvalidValue(Exception):
    """The value does not fit its operator; the text is for the person."""


@dataclass(frozen=True)
class Window:
    """When an event has to have happened: in the last `days`, or from `since` to `until` (both days counted).

    All empty: at any time.
    """

    days: int | None = None
    since: date | None = None
    until: date | None = None

    @property
    def is_open(self) -> bool:
        return self.days is None and self.since is None and self.until is None


def read_value(shape: Shape, raw: Any, *, kind: Kind, least: int | None = None, most: int | None = None) -> Value:
    """Raises InvalidValue."""
    if shape is Shape.NOTHING:
        return None
    if shape is Shape.NUMBER:
        return _number(raw, kind=kind, least=least, most=most)
    if shape is Shape.NUMBERS:
        first, second = _pair(raw)
        low, high = (_number(it, kind=kind, least=least, most=most) for it in (first, second))
        if high < low:
            raise InvalidValue(_("The second number is smaller than the first."))
        return (low, high)
    if shape is Shape.DAYS:
        first, second = _pair(raw)
        start, end = _day(first), _day(second)
        if end < start:
            raise InvalidValue(_("The second day is before the first."))
        return (start, end)
    return _SIMPLE[shape](raw)


def read_window(raw: Any) -> Window:
    """A window from JSON: absent, {"days": 30} or {"since": "2026-03-01", "until": "2026-03-31"}.

    Raises InvalidValue.
    """
    if raw is None or raw == {}:
        return Window()
    if not isinstance(raw, dict) or set(raw) - {"days", "since", "until"}:
        raise InvalidValue(_("Choose a period."))
    if "days" in raw:
        if len(raw) > 1:
            raise InvalidValue(_("Choose either the last days or dates, not both."))
        return Window(days=_span(raw["days"]))
    since = _day(raw["since"]) if raw.get("since") is not None else None
    until = _day(raw["until"]) if raw.get("until") is not None else None
    if since and until and until < since:
        raise InvalidValue(_("The second day is before the first."))
    return Window(since=since, until=until)


def write_value(value: Value) -> Any:
    """The JSON of a value; `read_value` gives the same value back."""
    if isinstance(value, tuple):
        return [write_value(item) for item in value]
    if isinstance(value, Decimal):
        return format(value, "f")
    if isinstance(value, date):
        return value.isoformat()
    return value


def write_window(window: Window) -> dict[str, Any]:
    written = {"days": window.days, "since": write_value(window.since), "until": write_value(window.until)}
    return {name: value for name, value in written.items() if value is not None}


def _pair(raw: Any) -> tuple[Any, Any]:
    if not isinstance(raw, (list, tuple)) or len(raw) != 2:
        raise InvalidValue(_("Enter two values, from and to."))
    return raw[0], raw[1]


def _number(raw: Any, *, kind: Kind, least: int | None, most: int | None) -> Decimal:
    if isinstance(raw, bool) or not isinstance(raw, (str, int, float, Decimal)) or raw == "":
        raise InvalidValue(_("Enter a number."))
    try:
        number = Decimal(str(raw).strip())
    except InvalidOperation:
        raise InvalidValue(_("“%(value)s” is not a number.") % {"value": str(raw)[:40]}) from None
    if not number.is_finite() or abs(number) > MAX_NUMBER:
        raise InvalidValue(_("This number is too large."))
    if kind in {Kind.COUNT, Kind.SCORE} and number != number.to_integral_value():
        raise InvalidValue(_("Enter a whole number."))
    if least is not None and number < least:
        raise InvalidValue(_("Enter %(least)s or more.") % {"least": least})
    if most is not None and number > most:
        raise InvalidValue(_("Enter %(most)s or less.") % {"most": most})
    return number


def _day(raw: Any) -> date:
    try:
        day = date.fromisoformat(raw)
    except (TypeError, ValueError):
        raise InvalidValue(_("Choose a day.")) from None
    if not 1900 <= day.year <= 2200:
        raise InvalidValue(_("Choose a day between the years 1900 and 2200."))
    return day


def _span(raw: Any) -> int:
    try:
        days = int(str(raw))
    except ValueError:
        raise InvalidValue(_("Enter a number of days.")) from None
    if isinstance(raw, bool) or not 1 <= days <= MAX_DAYS:
        raise InvalidValue(_("Enter a number of days from 1 to %(most)s.") % {"most": MAX_DAYS})
    return days


def _text(raw: Any) -> str:
    if not isinstance(raw, str) or not raw.strip():
        raise InvalidValue(_("Enter a text."))
    if len(raw) > MAX_TEXT or "\x00" in raw:
        raise InvalidValue(_("This text is too long, or contains a character that cannot be saved."))
    return raw.strip()


def _texts(raw: Any) -> tuple[str, ...]:
    if not isinstance(raw, (list, tuple)) or not raw:
        raise InvalidValue(_("Choose at least one."))
    if len(raw) > MAX_VALUES:
        raise InvalidValue(_("Choose at most %(most)s.") % {"most": MAX_VALUES})
    return tuple(dict.fromkeys(_text(item) for item in raw))


_SIMPLE: dict[Shape, Callable[[Any], Value]] = {
    Shape.TEXT: _text,
    Shape.TEXTS: _texts,
    Shape.CODES: _texts,
    Shape.DAY: _day,
    Shape.SPAN: _span,
}
