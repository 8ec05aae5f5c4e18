"""Numbers as sentences: the same words on every screen."""

from decimal import Decimal

from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from analytics.kpis.queries import KpiValue
from core.kpis import BetterWhen, Kpi, Unit
from core.ui import numbers

DASH = "—"


def value_text(kpi: Kpi, value: Decimal | None, currency: str = "") -> str:
    """A figure in its unit; an em dash when it is undefined."""
    if value is None:
        return DASH
    match kpi.unit:
        case Unit.MONEY:
            return numbers.money(value, currency)
        case Unit.RATIO:
            return numbers.percent(value)
        case Unit.SCORE:
            return numbers.signed(value, lambda it: numbers.number(it, 1)) if value else numbers.number(0, 1)
    return numbers.number(value)


def interval_text(kpi: Kpi, value: KpiValue, currency: str = "") -> str:
    """The 95 % range, or nothing."""
    if value.low is None or value.high is None:
        return ""
    return _("Between %(low)s and %(high)s with 95%% confidence") % {
        "low": value_text(kpi, value.low, currency),
        "high": value_text(kpi, value.high, currency),
    }


def ratio_sums(value: KpiValue, currency: str = "") -> tuple[str, str] | tuple[()]:
    """The two sums a ratio is divided from, written: "€10,000.00", "400"; nothing for a sum."""
    if value.denominator is None or value.numerator is None:
        return ()
    is_money = value.kpi.unit is Unit.MONEY
    top = numbers.money(value.numerator, currency) if is_money else numbers.number(value.numerator)
    return top, numbers.number(value.denominator)


def ratio_text(value: KpiValue, currency: str = "") -> str:
    """What a ratio is divided from: "€10,000.00 ÷ 400"; nothing for a sum."""
    return " ÷ ".join(ratio_sums(value, currency))


def change_text(kpi: Kpi, now: Decimal | None, before: Decimal | None, days: int, currency: str = "") -> str:
    """ "12 fewer than in the 14 days before"."""
    if now is None or before is None:
        return _("No earlier data to compare with")
    change = now - before
    span = ngettext("the day before", "the %(days)s days before", days) % {"days": days}
    if not change:
        return _("The same as in %(span)s") % {"span": span}
    match kpi.unit:
        case Unit.MONEY:
            amount = numbers.money(abs(change), currency)
        case Unit.RATIO:
            amount = _("%(points)s points") % {"points": numbers.number(abs(change) * 100, 1)}
        case Unit.SCORE:
            amount = _("%(points)s points") % {"points": numbers.number(abs(change), 1)}
        case _:
            amount = numbers.number(abs(change))
            text = _("%(amount)s more than in %(span)s") if change > 0 else _("%(amount)s fewer than in %(span)s")
            return text % {"amount": amount, "span": span}
    text = _("%(amount)s higher than in %(span)s") if change > 0 else _("%(amount)s lower than in %(span)s")
    return text % {"amount": amount, "span": span}


def signed_change(kpi: Kpi, change: Decimal, currency: str = "") -> str:
    """ "+€3.10", "−1.2 points"."""
    if kpi.unit is Unit.MONEY:
        return numbers.signed(change, lambda it: numbers.money(it, currency))
    scale = 100 if kpi.unit is Unit.RATIO else 1
    return _("%(points)s points") % {"points": numbers.signed(change * scale, lambda it: numbers.number(it, 1))}


def better_or_worse(kpi: Kpi, now: Decimal | None, before: Decimal | None) -> str:
    """ "better", "worse", or nothing where neither can be said."""
    if now is None or before is None or now == before or not kpi.is_compared:
        return ""
    return "better" if (now > before) == (kpi.better_when is BetterWhen.HIGHER) else "worse"


def better_or_worse_text(code: str) -> str:
    return {"better": _("better"), "worse": _("worse")}.get(code, "")
