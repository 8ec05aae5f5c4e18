from decimal import Decimal

import pytest

from core.statistics.funnel import Funnel, project
from core.statistics.proportions import wilson_interval


def test_published_chain() -> None:
    funnel = Funnel(spend=Decimal(10_000), leads=400, customers=40)
    assert funnel.cost_per_lead == 25
    assert funnel.conversion_rate == Decimal("0.1")
    assert funnel.cost_per_customer == 250
    interval = funnel.cost_per_customer_interval()
    assert interval is not None
    assert (round(interval.low, 2), round(interval.high, 2)) == (187.53, 336.48)


def test_zero_denominators_are_undefined() -> None:
    assert Funnel(Decimal(10), 0, 3).cost_per_lead is None
    assert Funnel(Decimal(10), 0, 3).conversion_rate is None
    assert Funnel(Decimal(10), 5, 0).cost_per_customer is None
    assert Funnel(Decimal(10), 5, 0).cost_per_customer_interval() is None


def test_projection_rounds_leads_up() -> None:
    plan = project(Funnel(Decimal(1_000), 30, 7), target_customers=10)
    assert plan is not None
    assert plan.leads == 43  # 10 / (7/30) = 42.86
    assert plan.spend == 43 * Decimal(1_000) / 30
    assert plan.best_leads < plan.leads < plan.worst_leads


def test_projection_of_an_exact_rate_does_not_add_a_lead() -> None:
    plan = project(Funnel(Decimal(10_000), 400, 40), target_customers=30)
    assert plan is not None
    assert plan.leads == 300
    assert plan.spend == 7_500


def test_projection_needs_a_customer() -> None:
    assert project(Funnel(Decimal(100), 10, 0), target_customers=5) is None


@pytest.mark.parametrize(
    ("successes", "trials", "low", "high"),
    [(416, 2896, 0.1313, 0.1569), (44, 301, 0.1107, 0.1905), (61, 1324, 0.0360, 0.0587), (0, 10, 0.0, 0.2775)],
)
def test_wilson(successes: int, trials: int, low: float, high: float) -> None:
    interval = wilson_interval(successes, trials)
    assert interval is not None
    assert (round(interval.low, 4), round(interval.high, 4)) == (low, high)


def test_wilson_refuses_what_is_no_rate() -> None:
    assert wilson_interval(0, 0) is None
    assert wilson_interval(5, 4) is None
    with pytest.raises(ValueError, match="not negative"):
        wilson_interval(-1, 4)
