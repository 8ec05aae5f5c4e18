"""The values of the audit trail: plain JSON when they are recorded, words in the reader's language and zone when they
are read."""

import json
from collections.abc import Callable, Iterable, Mapping
from datetime import UTC, date, datetime, time, timedelta
from decimal import Decimal
from enum import Enum
from typing import Any, TypeAlias

from django.contrib.postgres.fields import ArrayField
from django.db import models
from django.utils import translation
from django.utils.functional import Promise
from django.utils.translation import gettext

from core.ui import dates, numbers
from core.ui.numbers import DASH

Show: TypeAlias = Callable[[Any], str]
MAX_TEXT = 500
MAX_JSON = 20_000


def stored(value: Any) -> Any:
    """`value` as JSON: numbers exact, instants in UTC, durations in seconds, things by their name in the language of
    the source, so that names which came with the product can be translated when they are read."""
    plain = _plain(value)
    is_long = isinstance(plain, (list, dict)) and len(json.dumps(plain)) > MAX_JSON
    return str(plain)[:MAX_TEXT] if is_long else plain


def _plain(value: Any) -> Any:
    match value:
        case Enum():
            return _plain(value.value)
        case None | bool() | int():
            return value
        case datetime():
            return value.astimezone(UTC).isoformat(timespec="seconds")
        case date() | time():
            return value.isoformat()
        case timedelta():
            return value.total_seconds()
        case models.Model() | Promise():
            return source_text(value)
        case Mapping():
            return {str(key): _plain(item) for key, item in value.items()}
        case list() | tuple() | models.QuerySet():
            return [_plain(item) for item in value]
        case _:
            return str(value)[:MAX_TEXT]


def source_text(value: object) -> str:
    """The name of a thing untranslated."""
    with translation.override(None):
        return str(value)[:MAX_TEXT]


def money_of(amount: Decimal | None, currency: str) -> dict[str, Any] | None:
    """An amount to record with its currency; `money` shows it."""
    return None if amount is None else {"amount": amount, "currency": currency}


def text(value: Any) -> str:
    """Any value without knowing what it means: by the type it has in JSON."""
    match value:
        case None | "":
            return DASH
        case bool():
            return yes_no(value)
        case int() | float():
            return decimal(value)
        case list():
            return ", ".join(text(item) for item in value) or DASH
        case dict():
            return ", ".join(f"{key}: {text(item)}" for key, item in value.items()) or DASH
        case _:
            return str(value)


def yes_no(value: Any) -> str:
    if str(value) not in {"True", "False"}:
        raise ValueError(value)
    return gettext("Yes") if str(value) == "True" else gettext("No")


def count(value: Any) -> str:
    return numbers.number(int(value))


def decimal(value: Any) -> str:
    """With the decimals that say something: "1.5", "2"."""
    exact = Decimal(str(value)).normalize()
    return numbers.number(exact, max(0, -int(exact.as_tuple().exponent)))


def percent(value: Any) -> str:
    """Of a ratio."""
    return numbers.percent(Decimal(str(value)))


def money(value: Any) -> str:
    """An amount with its currency (`money_of`), or a bare amount in the company's."""
    if isinstance(value, dict):
        return numbers.money(Decimal(value["amount"]), value["currency"])
    return numbers.money(Decimal(str(value)))


def moment(value: Any) -> str:
    """An instant on the reader's clock."""
    return dates.clock(datetime.fromisoformat(str(value).replace(" UTC", "+00:00")))


def day(value: Any) -> str:
    return dates.day(date.fromisoformat(str(value)))


def hour(value: Any) -> str:
    """A time of day: "09:30"."""
    return f"{time.fromisoformat(str(value)):%H:%M}"


def duration(value: Any) -> str:
    """Of seconds."""
    return numbers.duration(float(value))


def one_of(choices: Iterable[tuple[Any, Any]]) -> Show:
    """The label of a choice, or of each in a list; a code that is no choice any more stands as it is."""
    labels = {str(code): label for code, label in choices}

    def show(value: Any) -> str:
        if isinstance(value, list):
            return ", ".join(show(item) for item in value) or DASH
        return str(labels.get(str(value), value))

    return show


def shipped_name(name: str) -> str:
    """A name that may have come with the product, stored in English and translated when it is shown."""
    return gettext(name) if name else ""


def unnamed(_name: str) -> str:
    """Settings of which there is one are called by their kind alone."""
    return ""


BY_FIELD: "tuple[tuple[type[models.Field[Any, Any]], Show], ...]" = (
    (models.BooleanField, yes_no),
    (models.DateTimeField, moment),
    (models.DateField, day),
    (models.TimeField, hour),
    (models.DurationField, duration),
    (models.DecimalField, decimal),
    (models.FloatField, decimal),
    (models.IntegerField, count),
)


def show_of(field: "models.Field[Any, Any]") -> Show:
    """How the values of a model's field are shown."""
    if isinstance(field, ArrayField) and field.base_field.flatchoices:
        return one_of(field.base_field.flatchoices)
    if field.flatchoices:
        return one_of(field.flatchoices)
    return next((show for kind, show in BY_FIELD if isinstance(field, kind)), text)


def in_words(show: Show, value: Any) -> str:
    """`value` by `show`; what it cannot read (an entry from before the field was what it is now) as it stands."""
    if value in (None, "", [], {}):
        return DASH
    try:
        return show(value)
    except (ValueError, TypeError, KeyError, ArithmeticError):
        return text(value)
