"""Sample-ratio mismatch against published values."""

import pytest

from core.statistics.srm import ALARM_BELOW, mismatch_p


def test_published_checks() -> None:
    assert mismatch_p([1000, 1100]) == pytest.approx(0.0291, abs=5e-5)
    assert mismatch_p([821588, 815482]) == pytest.approx(1.82e-6, abs=5e-9)


def test_weights_are_what_was_planned() -> None:
    assert mismatch_p([800, 200], [80, 20]) == 1.0
    p = mismatch_p([500, 500], [80, 20])
    assert p is not None
    assert p < ALARM_BELOW


def test_nobody_yet_or_one_arm_says_nothing() -> None:
    assert mismatch_p([0, 0]) is None
    assert mismatch_p([10]) is None
