"""Sample-ratio mismatch: were the arms filled as planned? If not, something broke and the test proves nothing."""

from collections.abc import Sequence

ALARM_BELOW = 0.001


def mismatch_p(counts: Sequence[int], weights: Sequence[float] | None = None) -> float | None:
    """The chi-squared p of `counts` per arm against `weights` (equal when not given).

    None when there is nobody yet, or fewer than two arms. Under `ALARM_BELOW` the split is not to be trusted.
    """
    total = sum(counts)
    shares = weights or [1.0] * len(counts)
    if not total or len(counts) < 2:
        return None
    from scipy.stats import chisquare  # here: a hundred megabytes that only those who ask need

    expected = [total * share / sum(shares) for share in shares]
    return float(chisquare(list(counts), expected).pvalue)
