"""The KPI registry: what each number is. The screen, the API, the CSV and the tooltip all read it."""

from dataclasses import dataclass
from enum import Enum

from django.utils.functional import Promise

from core.registry import Registry


class Unit(Enum):
    MONEY = "money"
    RATIO = "ratio"
    COUNT = "count"
    SCORE = "score"


class BetterWhen(Enum):
    HIGHER = "higher"
    LOWER = "lower"


@dataclass(frozen=True)
class Kpi:
    """A KPI as a ratio of two summed measures (or one sum). Ratios are recomputed from sums, never averaged.

    `numerator` and `denominator` name measures of analytics' facts (`spend`, `leads`, `customers`); a KPI without a
    denominator is a sum. `factor` scales the ratio (100 for NPS).
    """

    code: str
    name: str | Promise
    question: str | Promise
    formula: str | Promise
    unit: Unit
    better_when: BetterWhen
    numerator: str
    denominator: str = ""
    factor: int = 1
    definition_version: int = 1


kpis: Registry[Kpi] = Registry("KPI")
