"""Key figures: one number as a director reads it, with all that makes it honest."""

from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal

from django.utils.functional import Promise
from django.utils.translation import gettext as _

from core.kpis import BetterWhen, Unit
from core.ui import numbers
from core.ui.numbers import Number

Words = str | Promise


@dataclass(frozen=True)
class KeyFigure:
    """One number with its unit, period, comparison, target, freshness and what it is made of.

    `value` None is a dash, and `reason` says why. `before` is the same figure over the like-for-like period that
    `compared_to` names ("than the 30 days before"). `url` leads to the rows behind it.
    """

    label: Words
    value: Number | None
    unit: Unit = Unit.COUNT
    unit_label: Words = ""
    period: Words = ""
    before: Number | None = None
    compared_to: Words = ""
    better: BetterWhen | None = BetterWhen.HIGHER
    target: Number | None = None
    as_of: datetime | None = None
    made_of: Words = ""
    reason: Words = ""
    url: str = ""
    places: int | None = None
    currency: str = ""

    def write(self, value: Number | None) -> str:
        """`value` in this figure's unit."""
        match self.unit:
            case Unit.MONEY:
                return numbers.money(value, self.currency, self.places)
            case Unit.RATIO:
                return numbers.percent(value, 1 if self.places is None else self.places)
            case _:
                return numbers.number(value, self.places or 0)

    @property
    def text(self) -> str:
        return self.write(self.value)

    @property
    def why_undefined(self) -> str:
        return str(self.reason or _("Not enough data yet.")) if self.value is None else ""

    @property
    def change(self) -> Decimal | None:
        """By how much it differs from before, in its own unit (percentage points for a ratio)."""
        if self.value is None or self.before is None:
            return None
        return _exact(self.value) - _exact(self.before)

    @property
    def relative(self) -> Decimal | None:
        """The change as a share of before; None where before was nothing, and for ratios and scores."""
        if self.change is None or not self.before or self.unit in {Unit.RATIO, Unit.SCORE}:
            return None
        return self.change / abs(_exact(self.before))

    @property
    def change_text(self) -> str:
        """ "12 fewer", "+€3.20", "+1.4 points": what changed, before `compared_to`."""
        change = self.change
        if change is None:
            return ""
        if not change:
            return _("the same")
        if self.unit is Unit.RATIO:
            points = numbers.signed(change * 100, lambda size: numbers.number(size, 1))
            return _("%(points)s points") % {"points": points}
        if self.unit is Unit.SCORE:
            return _("%(points)s points") % {"points": numbers.signed(change)}
        if self.unit is Unit.COUNT:
            size = {"size": self.write(abs(change))}
            return _("%(size)s more") % size if change > 0 else _("%(size)s fewer") % size
        return numbers.signed(change, self.write)

    @property
    def tone(self) -> str:
        """good or bad by the direction that is better; empty where neither is."""
        if not self.change or self.better is None:
            return ""
        rose = self.change > 0
        return "good" if rose == (self.better is BetterWhen.HIGHER) else "bad"

    @property
    def arrow(self) -> str:
        return "" if not self.change else "arrow-up-right" if self.change > 0 else "arrow-down-right"

    @property
    def target_text(self) -> str:
        return self.write(self.target) if self.target is not None else ""

    @property
    def target_share(self) -> int | None:
        """How much of the target is reached, 0 to 100, for figures that grow towards it."""
        if self.target is None or self.value is None or self.better is not BetterWhen.HIGHER or self.target <= 0:
            return None
        return max(0, min(100, int(_exact(self.value) * 100 / _exact(self.target))))

    @property
    def target_tone(self) -> str:
        """good when the target is met, bad when not."""
        if self.target is None or self.value is None or self.better is None:
            return ""
        value, target = _exact(self.value), _exact(self.target)
        return "good" if (value >= target if self.better is BetterWhen.HIGHER else value <= target) else "bad"


def _exact(value: Number) -> Decimal:
    return value if isinstance(value, Decimal) else Decimal(str(value))
