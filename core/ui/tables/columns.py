"""What a table shows of a row, on the screen and in an export."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal
from enum import Enum
from typing import Any, TypeAlias

from django.db.models.expressions import Combinable
from django.http import HttpRequest
from django.template.loader import render_to_string
from django.utils import timezone
from django.utils.functional import Promise
from django.utils.translation import gettext as _

from core.ui import dates, numbers
from core.ui.badges import badge

Exported: TypeAlias = str | int | float | Decimal | date | datetime | None


class Kind(Enum):
    """How a value is written. Numbers stand right; days and instants in the person's zone."""

    TEXT = "text"
    NUMBER = "number"
    MONEY = "money"
    PERCENT = "percent"
    DAY = "day"
    MOMENT = "moment"
    BOOLEAN = "boolean"


NUMERIC = {Kind.NUMBER, Kind.MONEY, Kind.PERCENT}


@dataclass(frozen=True)
class Column:
    """One column.

    `value`: an attribute path (`owner.full_name`) or a function of the row; empty: the code.
    `sort`: a field path or an expression; empty: not sortable.
    `template`: drawn with `row` and `value` (and the request, for a cell with a form) instead of the plain text.
    `link`: carries the row's address (exactly one column should).
    `default`: shown until a person chooses otherwise.
    `phone`: its place in the two-line row of a phone: "title", "value", "detail", "note", or none.
    `export`: what an export says instead of the value.
    `currency`: of a money column, a function of the row; empty: the company's.
    `clip`: long text is cut on the screen. `nowrap`: a few words that stay on one line (numbers and days always do).
    `tone`: a function of the row; the value is a badge of that tone (empty: plain). `missing`: what stands in the cell
    for no value, instead of a dash. `help`: what the column counts, in a sentence, on its heading.
    """

    code: str
    label: str | Promise
    value: str | Callable[[Any], Any] = ""
    kind: Kind = Kind.TEXT
    sort: str | Combinable = ""
    template: str = ""
    link: bool = False
    default: bool = True
    phone: str = ""
    places: int = 0
    export: Callable[[Any], Exported] | None = None
    currency: Callable[[Any], str] | None = None
    clip: bool = False
    nowrap: bool = False
    tone: Callable[[Any], str] | None = None
    missing: str | Promise = ""
    help: str | Promise = ""

    @property
    def is_right(self) -> bool:
        return self.kind in NUMERIC

    @property
    def is_labelled_on_phone(self) -> bool:
        """A bare number in a phone's row, which has no heading above it, gets the column's label."""
        return bool(self.phone) and self.kind in {Kind.NUMBER, Kind.PERCENT}

    @property
    def is_nowrap(self) -> bool:
        """Never broken over two lines."""
        return self.nowrap or self.tone is not None or self.kind is not Kind.TEXT

    @property
    def descending_first(self) -> bool:
        """The first click on a number or a date shows the largest or newest first."""
        return self.kind in NUMERIC | {Kind.DAY, Kind.MOMENT}

    def read(self, row: Any) -> Any:
        """The bare value."""
        if callable(self.value):
            return self.value(row)
        found: Any = row
        for name in (self.value or self.code).replace("__", ".").split("."):
            if found is None:
                return None
            found = getattr(found, name)
        return found() if callable(found) else found

    def text(self, row: Any, request: HttpRequest | None = None) -> str:
        """What stands in the cell."""
        value = self.read(row)
        if self.template:
            return render_to_string(self.template, {"row": row, "value": value}, request=request)
        if value is None or value == "":
            return str(self.missing) or numbers.DASH
        return badge(self._plain(row, value), self.tone(row)) if self.tone else self._plain(row, value)

    def _plain(self, row: Any, value: Any) -> str:
        match self.kind:
            case Kind.NUMBER:
                return numbers.number(value, self.places)
            case Kind.MONEY:
                return numbers.money(value, self.currency(row) if self.currency else "")
            case Kind.PERCENT:
                return numbers.percent(value, self.places or 1)
            case Kind.DAY:
                return dates.day(value)
            case Kind.MOMENT:
                return dates.clock(value)
            case Kind.BOOLEAN:
                return _("Yes") if value else _("No")
            case _:
                return value if isinstance(value, str) else str(value)

    def exported(self, row: Any) -> Exported:
        """The value for a file: numbers as numbers, instants in the person's zone without a suffix."""
        value = self.export(row) if self.export else self.read(row)
        if value is None:
            return None
        if isinstance(value, bool):
            return _("Yes") if value else _("No")
        if isinstance(value, datetime):
            return timezone.localtime(value).replace(tzinfo=None, microsecond=0) if value.tzinfo else value
        if isinstance(value, (int, float, Decimal, date)):
            return value
        return str(value)
