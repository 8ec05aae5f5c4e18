"""Net Promoter Score: promoters (9, 10) less detractors (0 to 6) per hundred answers; passives count below the line."""

from collections.abc import Iterable
from dataclasses import dataclass
from math import sqrt
from statistics import NormalDist

from core.statistics.proportions import Interval

PROMOTER_FROM = 9
DETRACTOR_TO = 6


@dataclass(frozen=True)
class NpsCounts:
    """How many answered what. `answers` includes the passives (7, 8)."""

    promoters: int
    detractors: int
    answers: int

    def __post_init__(self) -> None:
        if min(self.promoters, self.detractors) < 0 or self.promoters + self.detractors > self.answers:
            raise ValueError("promoters and detractors are among the answers")

    @property
    def passives(self) -> int:
        return self.answers - self.promoters - self.detractors

    @property
    def score(self) -> float | None:
        """-100 to 100; None without answers."""
        return 100 * (self.promoters - self.detractors) / self.answers if self.answers else None

    @property
    def standard_error(self) -> float | None:
        """Of the score, in its points: 100 sqrt(((P + D)/n - ((P - D)/n)^2) / n)."""
        if not self.answers:
            return None
        spread = (self.promoters + self.detractors) / self.answers
        mean = (self.promoters - self.detractors) / self.answers
        return 100 * sqrt((spread - mean * mean) / self.answers)

    def interval(self, *, confidence: float = 0.95) -> Interval | None:
        """Adjusted Wald: three answers are added, 3/4 of each extreme; clipped to +-100. None without answers."""
        if not self.answers:
            return None
        n, p, d = self.answers + 3, self.promoters + 0.75, self.detractors + 0.75
        mean = (p - d) / n
        half = NormalDist().inv_cdf((1 + confidence) / 2) * sqrt(((p + d) / n - mean * mean) / n)
        return Interval(max(-100.0, 100 * (mean - half)), min(100.0, 100 * (mean + half)))


def nps_counts(scores: Iterable[int]) -> NpsCounts:
    """Count answers. Raises ValueError for anything but a whole number from 0 to 10 (a blank is not an answer)."""
    promoters = detractors = answers = 0
    for score in scores:
        if isinstance(score, bool) or not isinstance(score, int) or not 0 <= score <= 10:
            raise ValueError(f"{score!r} is not an answer from 0 to 10")
        answers += 1
        promoters += score >= PROMOTER_FROM
        detractors += score <= DETRACTOR_TO
    return NpsCounts(promoters=promoters, detractors=detractors, answers=answers)
