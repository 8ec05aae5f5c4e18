"""Comparing two rates with an interval that stays true however often one looks.

The asymptotic confidence sequence of Waudby-Smith et al. ("Time-uniform central limit theory and asymptotic
confidence sequences", 2021), which GrowthBook also uses. The estimand is the absolute difference of two rates.
"""

import math
from dataclasses import dataclass
from statistics import NormalDist


@dataclass(frozen=True)
class Comparison:
    """A challenger against a baseline: the difference of their rates, its interval and its always-valid p."""

    difference: float
    low: float
    high: float
    p_value: float

    @property
    def is_decisive(self) -> bool:
        """The interval leaves zero out."""
        return self.low > 0 or self.high < 0


def tuning(*, horizon: int, alpha: float) -> float:
    """rho^2 that makes the sequence tightest at `horizon` (N*) observations over both arms."""
    if horizon < 1 or not 0 < alpha < 1:
        raise ValueError("horizon is at least 1 and alpha lies between 0 and 1")
    log_alpha = math.log(alpha)
    return (-2 * log_alpha + math.log(1 - 2 * log_alpha)) / horizon


def compare(
    *,
    baseline: tuple[int, int],
    challenger: tuple[int, int],
    horizon: int,
    alpha: float = 0.05,
) -> Comparison | None:
    """Each arm is (successes, trials). None while an arm has no trials: there is nothing to compare.

    `horizon` is N* for these two arms together, fixed before the first look.
    """
    if not baseline[1] or not challenger[1]:
        return None
    trials = baseline[1] + challenger[1]
    rho2 = tuning(horizon=horizon, alpha=alpha)
    difference = challenger[0] / challenger[1] - baseline[0] / baseline[1]
    error = math.sqrt(_variance_of_mean(*baseline) + _variance_of_mean(*challenger))
    grown = trials * rho2 + 1
    half = error * math.sqrt(2 * grown / (trials * rho2) * math.log(math.sqrt(grown) / alpha))
    z2 = (difference / error) ** 2
    p_value = min(1.0, math.sqrt(grown) * math.exp(-rho2 * trials * z2 / (2 * grown)))
    return Comparison(difference, max(-1.0, difference - half), min(1.0, difference + half), p_value)


def naive_z(*, baseline: tuple[int, int], challenger: tuple[int, int]) -> float | None:
    """The textbook pooled z of two rates: true for one look only, so kept for checks and never shown as a verdict."""
    trials = baseline[1] + challenger[1]
    if not baseline[1] or not challenger[1]:
        return None
    pooled = (baseline[0] + challenger[0]) / trials
    error = math.sqrt(pooled * (1 - pooled) * (1 / baseline[1] + 1 / challenger[1]))
    return (challenger[0] / challenger[1] - baseline[0] / baseline[1]) / error if error else None


def suggested_horizon(*, rate: float, lift: float, audience: int, alpha: float = 0.05, power: float = 0.8) -> int:
    """Recipients over two arms a fixed test would need to see an absolute `lift` on a base `rate`, at most `audience`.

    A sound N*: the sequence is then tightest when the answer is due. At least 2.
    """
    normal = NormalDist()
    wanted = normal.inv_cdf(1 - alpha / 2) + normal.inv_cdf(power)
    other = min(rate + lift, 1.0)
    per_arm = wanted**2 * (rate * (1 - rate) + other * (1 - other)) / lift**2
    return max(2, min(audience, math.ceil(2 * per_arm)))


def _variance_of_mean(successes: int, trials: int) -> float:
    """p(1-p)/n; an arm with no success, or nothing but successes, borrows half of each, so that it is never
    certain."""
    rate = successes / trials if 0 < successes < trials else (successes + 0.5) / (trials + 1)
    return rate * (1 - rate) / trials
