"""Numbers as people of the active language write them: money, percentages, counts; a dash where there is none."""

from collections.abc import Callable
from datetime import timedelta
from decimal import Decimal
from typing import TypeAlias

from babel.core import Locale
from babel.numbers import format_compact_decimal, format_currency, format_decimal, format_percent
from django.utils.translation import get_language, ngettext, to_locale

Number: TypeAlias = Decimal | float
DASH = "–"
_currency_source: list[Callable[[], str]] = []


def register_currency_source(source: Callable[[], str]) -> None:
    """Say where the company's currency is read (core stands below the app that keeps it)."""
    _currency_source[:] = [source]


def company_currency() -> str:
    """The ISO code of the company's currency."""
    return _currency_source[0]() if _currency_source else "EUR"


def _locale() -> Locale:
    return Locale.parse(to_locale(get_language() or "en"))


def number(value: Number | None, places: int = 0) -> str:
    """1234.5 with one place: "1,234.5" or "1.234,5"."""
    if value is None:
        return DASH
    pattern = "#,##0" + ("." + "0" * places if places else "")
    return format_decimal(value, format=pattern, locale=_locale())


def percent(ratio: Number | None, places: int = 1) -> str:
    """0.1234: "12.3%"."""
    if ratio is None:
        return DASH
    locale = _locale()
    pattern = locale.percent_formats[None].pattern.split(";")[0]
    pattern = pattern.replace("0", "0." + "0" * places, 1) if places and "." not in pattern else pattern
    pattern = pattern.replace("#,##0.0", "#,##0." + "0" * places) if places else pattern
    return format_percent(ratio, format=pattern, locale=locale)


def money(value: Number | None, currency: str = "", places: int | None = None) -> str:
    """An amount in `currency` (the company's when empty). `places` defaults to what the currency has."""
    if value is None:
        return DASH
    locale = _locale()
    pattern = locale.currency_formats["standard"].pattern.split(";")[0]
    if places is not None:
        pattern = pattern.replace("0.00", "0" + ("." + "0" * places if places else ""))
    return format_currency(
        value, currency or company_currency(), format=pattern, locale=locale, currency_digits=places is None
    )


def compact(value: Number | None) -> str:
    """12345: "12.3K" / "12,3 mil": for axes and tiles, never where the exact number matters."""
    if value is None:
        return DASH
    if -1000 < value < 1000:
        return number(value, 0 if value == int(value) else 1)
    return format_compact_decimal(value, locale=_locale(), fraction_digits=1)


def signed(value: Number | None, write: Callable[[Number], str] = number) -> str:
    """With its sign and a true minus: "+12", "−3"."""
    if value is None:
        return DASH
    sign = "+" if value > 0 else "−" if value < 0 else "±"
    return sign + write(-value if value < 0 else value)


def duration(value: timedelta | float | None) -> str:
    """About how long, in one unit, for people: "40 seconds", "3 minutes", "2 hours", "5 days"."""
    if value is None:
        return DASH
    seconds = round(value.total_seconds() if isinstance(value, timedelta) else value)
    if seconds < 90:
        return ngettext("%(count)s second", "%(count)s seconds", seconds) % {"count": seconds}
    minutes = round(seconds / 60)
    if minutes < 90:
        return ngettext("%(count)s minute", "%(count)s minutes", minutes) % {"count": minutes}
    hours = round(minutes / 60)
    if hours < 48:
        return ngettext("%(count)s hour", "%(count)s hours", hours) % {"count": hours}
    days = round(hours / 24)
    return ngettext("%(count)s day", "%(count)s days", days) % {"count": number(days)}
