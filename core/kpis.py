"""The KPI registry: what each number is. The screen, the API, the CSV and the tooltip all read it."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from decimal import Decimal
from enum import Enum

from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from core.registry import Registry
from core.statistics.proportions import Interval

Sums = Mapping[str, Decimal]
IntervalMethod = Callable[[Sums], Interval | None]
NOTHING_TO_DIVIDE_BY = _("There is nothing to divide by.")
NOT_KNOWN = _("This figure is not known for this split.")


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
    denominator is a sum. `factor` scales the ratio (100 for NPS). All that tells one KPI from another stands here:

    - `interval` gives its 95 % interval where chance plays a part, out of the sums of numerator, denominator and
      `interval_measures` (none where one of these is not known for a split).
    - `undefined` says why there is no value when the denominator is zero, `not_split` when a measure is not known for
      the split or the person asked about.
    - `is_compared` is False where a change is neither better nor worse by itself, as of spend.
    - `has_targets` offers it among the targets.
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
    interval: IntervalMethod | None = None
    interval_measures: tuple[str, ...] = ()
    undefined: str | Promise = NOTHING_TO_DIVIDE_BY
    not_split: str | Promise = NOT_KNOWN
    is_compared: bool = True
    has_targets: bool = False

    @property
    def measures(self) -> frozenset[str]:
        """Every measure that it is made of."""
        return frozenset(name for name in (self.numerator, self.denominator, *self.interval_measures) if name)


kpis: Registry[Kpi] = Registry("KPI")
