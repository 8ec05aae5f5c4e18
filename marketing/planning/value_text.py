"""The value of a target in the unit of its key figure."""

from decimal import Decimal

from core.kpis import Unit, kpis
from core.ui import numbers


def value_text(kpi: str, value: Decimal) -> str:
    match kpis[kpi].unit:
        case Unit.MONEY:
            return numbers.money(value)
        case Unit.RATIO:
            return numbers.percent(value)
        case Unit.SCORE:
            return numbers.number(value, 1)
    return numbers.number(value)
