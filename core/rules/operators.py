"""What can be said about a field of each kind: operators, the shape of their value, and which negates which."""

from dataclasses import dataclass
from enum import Enum

from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _


class Kind(Enum):
    """What sort of thing a field holds."""

    TEXT = "text"
    NUMBER = "number"
    MONEY = "money"
    SCORE = "score"
    DATE = "date"
    BIRTHDAY = "birthday"
    CHOICE = "choice"
    CHOICES = "choices"
    BOOLEAN = "boolean"
    COUNT = "count"
    SUM = "sum"
    SEGMENT = "segment"


class Shape(Enum):
    """What an operator is given."""

    NOTHING = "nothing"
    TEXT = "text"
    TEXTS = "texts"
    NUMBER = "number"
    NUMBERS = "numbers"
    DAY = "day"
    DAYS = "days"
    SPAN = "span"
    CODES = "codes"


@dataclass(frozen=True)
class Operator:
    """`negates` names the positive operator this one is the exact complement of."""

    code: str
    label: str | Promise
    shape: Shape
    negates: str = ""


_SET = (
    Operator("is_set", _("is known"), Shape.NOTHING),
    Operator("is_not_set", _("is not known"), Shape.NOTHING, negates="is_set"),
)
_NUMBERS = (
    Operator("at_least", _("is at least"), Shape.NUMBER),
    Operator("at_most", _("is at most"), Shape.NUMBER),
    Operator("more_than", _("is more than"), Shape.NUMBER),
    Operator("less_than", _("is less than"), Shape.NUMBER),
    Operator("equals", _("is exactly"), Shape.NUMBER),
    Operator("not_equals", _("is not exactly"), Shape.NUMBER, negates="equals"),
    Operator("between", _("is between"), Shape.NUMBERS),
)
_MEASURED = (
    Operator("at_least", _("at least"), Shape.NUMBER),
    Operator("at_most", _("at most"), Shape.NUMBER),
    Operator("equals", _("exactly"), Shape.NUMBER),
)

OPERATORS: dict[Kind, tuple[Operator, ...]] = {
    Kind.TEXT: (
        Operator("is", _("is"), Shape.TEXT),
        Operator("is_not", _("is not"), Shape.TEXT, negates="is"),
        Operator("is_any_of", _("is one of"), Shape.TEXTS),
        Operator("is_none_of", _("is none of"), Shape.TEXTS, negates="is_any_of"),
        Operator("contains", _("contains"), Shape.TEXT),
        Operator("not_contains", _("does not contain"), Shape.TEXT, negates="contains"),
        Operator("starts_with", _("starts with"), Shape.TEXT),
        *_SET,
    ),
    Kind.NUMBER: (*_NUMBERS, *_SET),
    Kind.MONEY: (*_NUMBERS, *_SET),
    Kind.SCORE: (*_NUMBERS, *_SET),
    Kind.DATE: (
        Operator("in_last", _("in the last … days"), Shape.SPAN),
        Operator("not_in_last", _("not in the last … days"), Shape.SPAN, negates="in_last"),
        Operator("older_than", _("more than … days ago"), Shape.SPAN),
        Operator("on", _("on"), Shape.DAY),
        Operator("since", _("on or after"), Shape.DAY),
        Operator("before", _("before"), Shape.DAY),
        Operator("between", _("between"), Shape.DAYS),
        *_SET,
    ),
    Kind.BIRTHDAY: (
        Operator("in_next", _("in the next … days"), Shape.SPAN),
        Operator("in_month", _("in the month of"), Shape.CODES),
        *_SET,
    ),
    Kind.CHOICE: (
        Operator("is_any_of", _("is"), Shape.CODES),
        Operator("is_none_of", _("is not"), Shape.CODES, negates="is_any_of"),
        *_SET,
    ),
    Kind.CHOICES: (
        Operator("has_any_of", _("any of"), Shape.CODES),
        Operator("has_all_of", _("all of"), Shape.CODES),
        Operator("has_none_of", _("none of"), Shape.CODES, negates="has_any_of"),
    ),
    Kind.BOOLEAN: (
        Operator("is_true", _("yes"), Shape.NOTHING),
        Operator("is_false", _("no"), Shape.NOTHING, negates="is_true"),
    ),
    Kind.COUNT: _MEASURED,
    Kind.SUM: _MEASURED,
    Kind.SEGMENT: (
        Operator("in_any_of", _("in any of"), Shape.CODES),
        Operator("in_none_of", _("in none of"), Shape.CODES, negates="in_any_of"),
    ),
}
