"""Chance to beat and expected loss against their published values."""

import pytest

from core.statistics.bayes import chance_to_beat, expected_loss


def test_published_check() -> None:
    assert chance_to_beat(baseline=(49, 100), challenger=(51, 100)) == pytest.approx(0.6108, abs=5e-5)
    assert expected_loss(baseline=(49, 100), challenger=(51, 100)) == pytest.approx(0.0191, abs=5e-5)


def test_equal_arms_are_even() -> None:
    assert chance_to_beat(baseline=(7, 30), challenger=(7, 30)) == pytest.approx(0.5)


def test_the_two_chances_add_up_to_one() -> None:
    one = chance_to_beat(baseline=(3, 40), challenger=(9, 38))
    other = chance_to_beat(baseline=(9, 38), challenger=(3, 40))
    assert one + other == pytest.approx(1.0)


def test_large_arms_agree_with_the_approximation() -> None:
    exact = chance_to_beat(baseline=(19_900, 100_000), challenger=(19_990, 100_000))
    near = chance_to_beat(baseline=(20_100, 101_000), challenger=(20_190, 101_000))
    assert exact == pytest.approx(near, abs=0.005)


def test_more_successes_than_trials_are_refused() -> None:
    with pytest.raises(ValueError, match="successes"):
        chance_to_beat(baseline=(5, 4), challenger=(1, 2))
