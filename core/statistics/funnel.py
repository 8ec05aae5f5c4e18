"""The chain from money to customers: CPL = spend / leads, CVR = customers / leads, CPA = spend / customers.

A zero denominator gives None, never 0: nobody knows what a lead costs in a week without leads.
"""

from dataclasses import dataclass
from decimal import ROUND_CEILING, Decimal

from core.statistics.proportions import Interval, wilson_interval


@dataclass(frozen=True)
class Funnel:
    """Spend in one currency, and what came of it in the same period."""

    spend: Decimal
    leads: int
    customers: int

    @property
    def cost_per_lead(self) -> Decimal | None:
        return self.spend / self.leads if self.leads else None

    @property
    def conversion_rate(self) -> Decimal | None:
        return Decimal(self.customers) / self.leads if self.leads else None

    @property
    def cost_per_customer(self) -> Decimal | None:
        return self.spend / self.customers if self.customers else None

    def conversion_interval(self, *, confidence: float = 0.95) -> Interval | None:
        return wilson_interval(self.customers, self.leads, confidence=confidence)

    def cost_per_customer_interval(self, *, confidence: float = 0.95) -> Interval | None:
        """CPL over the Wilson limits of CVR: the spend is known, who buys is chance. None without customers."""
        rate = self.conversion_interval(confidence=confidence)
        if rate is None or not self.customers or self.cost_per_lead is None:
            return None
        cost = float(self.cost_per_lead)
        return Interval(cost / rate.high, cost / rate.low)


@dataclass(frozen=True)
class Projection:
    """What a sales target takes. `worst` and `best` follow the two ends of the interval of CVR."""

    leads: int
    spend: Decimal
    best_leads: int
    worst_leads: int
    best_spend: Decimal
    worst_spend: Decimal


def project(funnel: Funnel, *, target_customers: int) -> Projection | None:
    """Leads = ceil(target / CVR), spend = leads x CPL, as the funnel stands. None while it has no customer."""
    rate = funnel.conversion_interval()
    if rate is None or not funnel.customers or funnel.cost_per_lead is None:
        return None
    cost = funnel.cost_per_lead
    leads = _ceil(Decimal(target_customers) * funnel.leads / funnel.customers)
    best = _ceil(Decimal(target_customers) / Decimal(rate.high))
    worst = _ceil(Decimal(target_customers) / Decimal(rate.low))
    return Projection(leads, leads * cost, best, worst, best * cost, worst * cost)


def _ceil(value: Decimal) -> int:
    return int(value.to_integral_value(rounding=ROUND_CEILING))
