"""The 95 % intervals of the key figures in which chance plays a part, out of summed measures."""

from decimal import Decimal

from core.kpis import IntervalMethod, Sums
from core.statistics.funnel import Funnel
from core.statistics.nps import NpsCounts
from core.statistics.proportions import Interval, wilson_interval


def _count(sums: Sums, measure: str) -> int:
    return int(sums.get(measure, 0))


def share_of(part: str, whole: str) -> IntervalMethod:
    """The interval of a rate: `part` of `whole`, both counts."""

    def interval(sums: Sums) -> Interval | None:
        return wilson_interval(_count(sums, part), _count(sums, whole))

    return interval


def cost_per_customer(sums: Sums) -> Interval | None:
    """Of CPA: the spend is known, how many of the leads buy is chance."""
    funnel = Funnel(sums.get("spend", Decimal(0)), _count(sums, "leads"), _count(sums, "customers"))
    return funnel.cost_per_customer_interval()


def net_promoter(sums: Sums) -> Interval | None:
    """Of the Net Promoter Score."""
    promoters, detractors = _count(sums, "nps_promoters"), _count(sums, "nps_detractors")
    return NpsCounts(promoters, detractors, _count(sums, "nps_answers")).interval()
