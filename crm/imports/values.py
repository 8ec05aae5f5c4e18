"""Reading numbers, dates and texts as people write them, and refusing what cannot be read with a sentence."""

import re
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import UTC, date, datetime
from decimal import Decimal, InvalidOperation
from typing import Literal
from zoneinfo import ZoneInfo

DateOrder = Literal["ymd", "dmy", "mdy"]

_NUMBER = re.compile(r"[+-]?(?:\d+(?:\.\d*)?|\.\d+)(?:[eE][+-]?\d{1,3})?")
_MARKS = re.compile(r"[\s\u00a0\u202f'’€$£¥]|(?:EUR|USD|GBP|PEN|MXN)\b", re.IGNORECASE)
_DAY = re.compile(
    r"(\d{1,4})[-/.](\d{1,2})[-/.](\d{1,4})(?:[T ]+(\d{1,2}):(\d{2})(?::(\d{2})(?:[.,]\d+)?)?\s*([AaPp])?\.?[Mm]?\.?)?"
)


class BadValue(ValueError):
    """A cell that is not what its column should hold; `code` is a reason such as `bad_number`."""

    def __init__(self, code: str) -> None:
        super().__init__(code)
        self.code = code


@dataclass(frozen=True)
class Format:
    """How a file writes numbers and dates: decimal mark, the order of day and month, and the zone its times are in."""

    zone: ZoneInfo
    date_order: DateOrder = "ymd"
    decimal: Literal[".", ","] = "."

    def number(self, text: str) -> Decimal:
        """`1,234.50`, `1.234,50`, `-12`, `(12)`, `€ 3,95` as a Decimal. Raises BadValue `bad_number`."""
        try:
            if _NUMBER.fullmatch(text) and self.decimal == ".":
                return _finite(text)
        except InvalidOperation:
            raise BadValue("bad_number") from None
        plain = _MARKS.sub("", text).replace("−", "-")
        if plain.startswith("(") and plain.endswith(")"):
            plain = "-" + plain[1:-1]
        group = "," if self.decimal == "." else "."
        if group in plain and not re.fullmatch(rf"[+-]?\d{{1,3}}(?:\{group}\d{{3}})+(?:\{self.decimal}\d*)?", plain):
            raise BadValue("bad_number")
        plain = plain.replace(group, "").replace(self.decimal, ".")
        if not _NUMBER.fullmatch(plain):
            raise BadValue("bad_number")
        return _finite(plain)

    def moment(self, text: str) -> datetime:
        """A date, with or without a time, as an instant in UTC; a date alone is its midnight, in the file's zone.

        Raises BadValue `missing_date` or `bad_date`.
        """
        if not text:
            raise BadValue("missing_date")
        try:
            local = datetime.fromisoformat(text)
        except ValueError:
            local = self._parts(text)
        if local.tzinfo is None:
            local = local.replace(tzinfo=self.zone)
        if not 1900 <= local.year <= 2200:
            raise BadValue("bad_date")
        return local.astimezone(UTC)

    def day(self, text: str) -> date:
        """A calendar day. Raises BadValue `missing_date` or `bad_date`."""
        return self.moment(text).astimezone(self.zone).date()

    def _parts(self, text: str) -> datetime:
        match = _DAY.fullmatch(text.strip())
        if match is None:
            raise BadValue("bad_date")
        first, second, third = int(match[1]), int(match[2]), int(match[3])
        if len(match[1]) > 2:
            year, month, day = first, second, third
        elif self.date_order == "mdy":
            year, month, day = third, first, second
        else:
            year, month, day = third, second, first
        if year < 100 and len(match[1]) <= 2:
            year += 2000 if year < 70 else 1900
        hour = int(match[4] or 0)
        if match[7]:
            if not 1 <= hour <= 12:
                raise BadValue("bad_date")
            hour = hour % 12 + (12 if match[7] in "pP" else 0)
        try:
            return datetime(year, month, day, hour, int(match[5] or 0), int(match[6] or 0))  # noqa: DTZ001
        except ValueError:
            raise BadValue("bad_date") from None


def _finite(text: str) -> Decimal:
    number = Decimal(text)
    if not number.is_finite() or abs(number) >= Decimal(10) ** 12:
        raise BadValue("bad_number")
    return number


@dataclass(frozen=True)
class DateOrders:
    """Which orders of day and month a column allows: both, one, or none (then it is ISO or no date at all)."""

    dmy: bool
    mdy: bool
    seen: int

    @property
    def is_ambiguous(self) -> bool:
        return self.seen > 0 and self.dmy and self.mdy

    @property
    def guess(self) -> DateOrder:
        """The one order that fits; day first where both do, since most of the world writes so; ISO otherwise."""
        if not self.seen:
            return "ymd"
        return "mdy" if self.mdy and not self.dmy else "dmy"


def date_orders(texts: Iterable[str]) -> DateOrders:
    """Look over a column of dates for days greater than 12. One impossible value does not outvote the rest: an order
    is kept while at least as many values allow it as allow the other."""
    seen = day_first = month_first = 0
    for text in texts:
        match = _DAY.fullmatch(text.strip())
        if match is None or len(match[1]) > 2:
            continue
        seen += 1
        day_first += int(match[2]) <= 12 and int(match[1]) <= 31
        month_first += int(match[1]) <= 12 and int(match[2]) <= 31
    return DateOrders(dmy=day_first >= month_first and seen > 0, mdy=month_first >= day_first and seen > 0, seen=seen)


def decimal_mark(texts: Iterable[str]) -> Literal[".", ","]:
    """Whether a column of numbers uses a decimal comma: a comma followed by one, two or four digits at the end, or one
    after a dot, outvotes dots used the same way."""
    comma = dot = 0
    for text in texts:
        plain = _MARKS.sub("", text)
        last_comma, last_dot = plain.rfind(","), plain.rfind(".")
        if last_comma > last_dot and (last_dot >= 0 or len(plain) - last_comma - 1 != 3 or plain.startswith("0,")):
            comma += 1
        elif last_dot > last_comma and (last_comma >= 0 or len(plain) - last_dot - 1 != 3 or plain.startswith("0.")):
            dot += 1
    return "," if comma > dot else "."
