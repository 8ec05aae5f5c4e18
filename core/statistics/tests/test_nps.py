import csv
from pathlib import Path

import pytest

from core.statistics.nps import NpsCounts, nps_counts

SURVEY = Path(__file__).parents[4] / "shared/data/SFO_2017_customer_survey.csv"


def test_published_survey() -> None:
    counts = NpsCounts(promoters=1436, detractors=342, answers=2746)
    assert counts.score == pytest.approx(39.84, abs=0.005)
    assert counts.standard_error == pytest.approx(1.334, abs=0.0005)
    assert counts.passives == 968


@pytest.mark.real_data
@pytest.mark.skipif(not SURVEY.is_file(), reason="the public survey is not on this machine")
def test_survey_file_without_its_blanks() -> None:
    with SURVEY.open(encoding="utf-8-sig", errors="replace", newline="") as file:
        answers = [int(row["NETPRO"]) for row in csv.DictReader(file) if row["NETPRO"].strip()]
    counts = nps_counts(answer for answer in answers if answer != 11)
    assert (counts.promoters, counts.passives, counts.detractors, counts.answers) == (1436, 968, 342, 2746)
    with pytest.raises(ValueError, match="11"):
        nps_counts(answers)


def test_interval_is_adjusted_and_clipped() -> None:
    interval = NpsCounts(promoters=3, detractors=0, answers=3).interval()
    assert interval is not None
    assert interval.high == 100
    assert round(interval.low, 2) == -6.58
    assert NpsCounts(0, 0, 0).interval() is None


def test_no_answers_have_no_score() -> None:
    assert NpsCounts(0, 0, 0).score is None
    assert NpsCounts(0, 0, 0).standard_error is None


def test_passives_stand_in_the_denominator() -> None:
    assert nps_counts([10, 9, 8, 7, 6, 0]).score == 0
    assert nps_counts([10, 8, 7, 7]).score == 25


@pytest.mark.parametrize("score", [-1, 11, 7.5, "9", None, True])
def test_only_whole_answers_count(score: object) -> None:
    with pytest.raises(ValueError, match="0 to 10"):
        nps_counts([score])  # type: ignore[list-item]


def test_counts_that_cannot_be() -> None:
    with pytest.raises(ValueError, match="among"):
        NpsCounts(promoters=3, detractors=3, answers=5)
