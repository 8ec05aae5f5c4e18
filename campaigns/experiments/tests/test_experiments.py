"""A test read as a sentence, judged by evidence alone."""

import pytest

from accounts.people.models import User
from campaigns.campaigns.tests.factories import campaign_make
from campaigns.experiments.experiment_analysis import ArmCount, Reading, Status, read
from campaigns.experiments.models import Experiment
from campaigns.experiments.services import experiment_conclude
from core.errors import Conflict, DomainError


def reading(*successes: int, people: int = 2000, horizon: int = 4000, is_due: bool = False) -> Reading:
    arms = [ArmCount(label, 50, people, people, n) for label, n in zip("ABC", successes, strict=False)]
    return read(arms=arms, metric="click", horizon=horizon, alpha=0.05, is_due=is_due)


def test_a_clear_winner_is_said_with_its_interval() -> None:
    found = reading(60, 140)
    assert (found.status, found.leaders) == (Status.WINNER, ("B",))
    assert found.sentence == (
        "B had 4.0 more clicks per 100 than A (between 1.9 and 6.0). The difference is large enough to act on."
    )


def test_the_baseline_can_win() -> None:
    found = reading(140, 60)
    assert (found.status, found.leaders) == (Status.WINNER, ("A",))
    assert "fewer clicks per 100 than A" in found.sentence


def test_the_raw_maximum_is_not_a_winner() -> None:
    found = reading(60, 66, horizon=10_000)
    assert (found.status, found.leaders) == (Status.RUNNING, ())
    assert "not conclusive yet" in found.sentence


def test_no_difference_is_a_result_once_the_plan_is_fulfilled() -> None:
    assert reading(60, 62).status is Status.RUNNING
    assert reading(60, 62, horizon=10_000, is_due=True).status is Status.NO_DIFFERENCE


def test_two_that_beat_the_baseline_but_not_each_other_are_tied() -> None:
    found = reading(60, 200, 205)
    assert (found.status, found.leaders) == (Status.TIED, ("C", "B"))


def test_a_wrong_split_raises_the_alarm() -> None:
    arms = [ArmCount("A", 50, 3000, 3000, 90), ArmCount("B", 50, 2000, 2000, 140)]
    found = read(arms=arms, metric="click", horizon=5000, alpha=0.05)
    assert found.status is Status.UNEVEN
    assert not found.is_even
    assert found.leaders == ()


def test_nobody_yet() -> None:
    assert reading(0, 0, people=0).status is Status.EMPTY


@pytest.mark.django_db
def test_concluding_keeps_the_winner_and_the_learning(marketer: User) -> None:
    campaign = campaign_make(marketer)
    experiment = Experiment.objects.get(send=campaign.send)
    done = experiment_conclude(experiment=experiment, reading=reading(60, 140), learning="Ask.", actor=marketer)
    assert done.winner is not None
    assert (done.winner.label, done.verdict, done.learning) == ("B", "winner", "Ask.")
    assert done.concluded_at is not None
    with pytest.raises(Conflict):
        experiment_conclude(experiment=experiment, reading=reading(60, 140), learning="Again", actor=marketer)


@pytest.mark.django_db
def test_a_winner_without_evidence_is_refused(marketer: User) -> None:
    campaign = campaign_make(marketer)
    experiment = Experiment.objects.get(send=campaign.send)
    arm = campaign.send.variants.get(label="B")
    with pytest.raises(DomainError) as refused:
        experiment_conclude(experiment=experiment, reading=reading(60, 62), learning="x", actor=marketer, chosen=arm)
    assert refused.value.code == "winner_not_shown"
