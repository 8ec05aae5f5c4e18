"""Rates of success with their uncertainty."""

from dataclasses import dataclass
from math import sqrt
from statistics import NormalDist


@dataclass(frozen=True)
class Interval:
    """The range a figure lies in with the stated confidence."""

    low: float
    high: float


def wilson_interval(successes: int, trials: int, *, confidence: float = 0.95) -> Interval | None:
    """Wilson's score interval (1927) of a rate. None without trials or with more successes than trials.

    A rate over 1 happens to CVR in a period where customers of earlier leads outnumber the leads: no binomial
    model fits it, so no interval is claimed.
    """
    if successes < 0 or trials < 0:
        raise ValueError("counts are not negative")
    if trials == 0 or successes > trials:
        return None
    z = NormalDist().inv_cdf((1 + confidence) / 2)
    rate = successes / trials
    denominator = 1 + z * z / trials
    centre = (rate + z * z / (2 * trials)) / denominator
    half = z * sqrt(rate * (1 - rate) / trials + z * z / (4 * trials * trials)) / denominator
    low = 0.0 if successes == 0 else max(0.0, centre - half)
    high = 1.0 if successes == trials else min(1.0, centre + half)
    return Interval(low, high)
