"""The confidence sequence: its formula, the real test of Hillstrom, and that looking often does not make it lie."""

import csv
import math
from collections import Counter
from pathlib import Path

import numpy as np
import pytest

from core.statistics.sequential import compare, naive_z, suggested_horizon, tuning

HILLSTROM = Path(__file__).resolve().parents[4] / "shared/data/hillstrom_mens_vs_control.csv"


def test_rho_follows_from_the_horizon_and_alpha() -> None:
    assert tuning(horizon=5000, alpha=0.05) == pytest.approx(0.0015870, abs=1e-6)


def test_the_interval_is_the_published_formula() -> None:
    result = compare(baseline=(100, 1000), challenger=(150, 1000), horizon=2000)
    assert result is not None
    rho2, n = tuning(horizon=2000, alpha=0.05), 2000
    error = math.sqrt(0.1 * 0.9 / 1000 + 0.15 * 0.85 / 1000)
    half = (
        error * math.sqrt(n) * math.sqrt(2 * (n * rho2 + 1) / (n**2 * rho2) * math.log(math.sqrt(n * rho2 + 1) / 0.05))
    )
    assert result.difference == pytest.approx(0.05)
    assert result.low == pytest.approx(0.05 - half)
    assert result.high == pytest.approx(0.05 + half)


def test_p_is_under_alpha_exactly_when_the_interval_leaves_zero_out() -> None:
    for successes in range(100, 200, 3):
        result = compare(baseline=(100, 1000), challenger=(successes, 1000), horizon=2000)
        assert result is not None
        assert (result.p_value < 0.05) == result.is_decisive


def test_an_empty_arm_cannot_be_compared() -> None:
    assert compare(baseline=(0, 0), challenger=(1, 10), horizon=100) is None


def test_no_success_anywhere_is_not_certainty() -> None:
    result = compare(baseline=(0, 50), challenger=(0, 50), horizon=100)
    assert result is not None
    assert result.low < 0 < result.high
    assert result.p_value == 1.0


@pytest.mark.parametrize(("horizon", "alpha"), [(0, 0.05), (100, 0.0), (100, 1.0)])
def test_senseless_settings_are_refused(horizon: int, alpha: float) -> None:
    with pytest.raises(ValueError, match="horizon"):
        tuning(horizon=horizon, alpha=alpha)


def test_the_suggested_horizon_is_what_a_fixed_test_needs() -> None:
    assert suggested_horizon(rate=0.03, lift=0.01, audience=1_000_000) == pytest.approx(10_600, rel=0.01)
    assert suggested_horizon(rate=0.03, lift=0.01, audience=800) == 800


@pytest.mark.real_data
@pytest.mark.skipif(not HILLSTROM.exists(), reason="the public data sets are not on this machine")
def test_hillstroms_real_e_mail_test() -> None:
    visits: Counter[str] = Counter()
    people: Counter[str] = Counter()
    with HILLSTROM.open() as lines:
        for row in csv.DictReader(lines):
            visits[row["segment"]] += int(row["visit"])
            people[row["segment"]] += 1
    control = (visits["No E-Mail"], people["No E-Mail"])
    mail = (visits["Mens E-Mail"], people["Mens E-Mail"])
    assert (mail, control) == ((3894, 21307), (2262, 21306))
    assert naive_z(baseline=control, challenger=mail) == pytest.approx(22.49, abs=0.005)
    result = compare(baseline=control, challenger=mail, horizon=42613)
    assert result is not None
    assert result.difference == pytest.approx(0.0766, abs=0.0001)
    assert result.low > 0.06
    assert result.p_value < 1e-40


def test_peeking_at_two_equal_arms_cries_wolf_rarely_while_the_naive_test_does_so_often() -> None:
    """400 A/A tests of 8,000 people, 40 looks each."""
    random = np.random.default_rng(20260301)
    runs, looks, step = 400, 40, 100
    naive = sequential = 0
    for _ in range(runs):
        a = random.binomial(step, 0.1, looks).cumsum()
        b = random.binomial(step, 0.1, looks).cumsum()
        arms = [((int(a[i]), step * (i + 1)), (int(b[i]), step * (i + 1))) for i in range(looks)]
        naive += any(abs(naive_z(baseline=x, challenger=y) or 0) > 1.96 for x, y in arms)
        results = [compare(baseline=x, challenger=y, horizon=2 * step * looks) for x, y in arms]
        sequential += any(result is not None and result.is_decisive for result in results)
    assert naive / runs > 0.2
    assert sequential / runs <= 0.05
