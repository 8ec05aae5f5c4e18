"""Reading a test: from counts per arm to a sentence with its interval, and a verdict by evidence alone."""

from collections.abc import Sequence
from dataclasses import dataclass
from enum import Enum

from django.utils import formats
from django.utils.translation import gettext as _

from campaigns.experiments.models import Experiment
from core.statistics.bayes import chance_to_beat, expected_loss
from core.statistics.proportions import Interval, wilson_interval
from core.statistics.sequential import Comparison, compare
from core.statistics.srm import ALARM_BELOW, mismatch_p


@dataclass(frozen=True)
class ArmCount:
    """One arm: `people` got the message, `successes` of them did what is measured; `assigned` were put in the arm."""

    label: str
    weight: int
    assigned: int
    people: int
    successes: int


class Status(Enum):
    """How far a test is. `UNEVEN`: the split went wrong, so the figures prove nothing. `COUNTED`: clicks were counted
    without people (privacy mode), which shows but cannot prove."""

    EMPTY = "empty"
    RUNNING = "running"
    WINNER = "winner"
    TIED = "tied"
    NO_DIFFERENCE = "no_difference"
    UNEVEN = "uneven"
    COUNTED = "counted"


@dataclass(frozen=True)
class ArmReading:
    count: ArmCount
    rate: float | None
    interval: Interval | None


@dataclass(frozen=True)
class Versus:
    """A challenger against the baseline: difference as a share (0.021 is 2.1 per 100), chance to beat it, what
    choosing it would cost on average if it were the worse one, and the sentence."""

    label: str
    baseline: str
    result: Comparison
    chance: float
    loss: float
    sentence: str


@dataclass(frozen=True)
class Reading:
    """A test as it stands. `leaders`: the arms the evidence shows ahead (one: a winner; several: they beat the
    baseline but not each other). `is_due`: it has seen what it was planned for, people or days."""

    status: Status
    sentence: str
    arms: tuple[ArmReading, ...]
    versus: tuple[Versus, ...] = ()
    leaders: tuple[str, ...] = ()
    people: int = 0
    is_due: bool = False
    split_p: float | None = None
    advice: str = ""

    @property
    def is_even(self) -> bool:
        return self.split_p is None or self.split_p >= ALARM_BELOW


def read(*, arms: Sequence[ArmCount], metric: str, horizon: int, alpha: float, is_due: bool = False) -> Reading:
    """The state of a test with the first arm as baseline.

    With k challengers each comparison is held to alpha / k (Bonferroni), so that the whole test keeps alpha.
    `horizon` is N* over all arms; each pair gets its share of it. `is_due`: the days people had to react are over;
    until then, no difference so far is not yet a result, however many received it.
    """
    shown = tuple(
        ArmReading(arm, arm.successes / arm.people if arm.people else None, wilson_interval(arm.successes, arm.people))
        for arm in arms
    )
    people = sum(arm.people for arm in arms)
    if len(arms) < 2 or not people:
        return Reading(Status.EMPTY, _("Nobody has received it yet: results appear as people react."), shown)
    split_p = mismatch_p([arm.assigned for arm in arms], [arm.weight for arm in arms])
    baseline, challengers = arms[0], arms[1:]
    versus = tuple(
        made
        for arm in challengers
        if (made := _against(baseline, arm, metric, horizon, alpha / len(challengers), len(arms))) is not None
    )
    leaders = _leaders(baseline, challengers, versus, horizon, alpha, len(arms))
    status = _status(versus, leaders, due=is_due, even=split_p is None or split_p >= ALARM_BELOW)
    return Reading(
        status,
        _headline(status, versus, leaders, baseline.label),
        shown,
        versus,
        leaders if status in {Status.WINNER, Status.TIED} else (),
        people,
        is_due,
        split_p,
        _advice(status, split_p),
    )


def read_counts(*, arms: Sequence[ArmCount], is_due: bool = False) -> Reading:
    """What clicks counted without people say: so many per 100 messages and arm, and no more.

    One person may stand for several clicks, by an amount nobody knows; so there is no interval, chance or winner.
    """
    shown = tuple(ArmReading(arm, arm.successes / arm.people if arm.people else None, None) for arm in arms)
    people = sum(arm.people for arm in arms)
    if len(arms) < 2 or not people:
        return Reading(Status.EMPTY, _("Nobody has received it yet: results appear as people react."), shown)
    each = ", ".join(f"{arm.count.label} {per_hundred(arm.rate)}" for arm in shown if arm.rate is not None)
    return Reading(
        Status.COUNTED,
        _("Clicks per 100 messages: %(each)s. Clicks are anonymous here, so they are an indication, not proof.")
        % {"each": each},
        shown,
        people=people,
        is_due=is_due,
        split_p=mismatch_p([arm.assigned for arm in arms], [arm.weight for arm in arms]),
        advice=_(
            "In privacy mode, several clicks may come from one contact. A test measured by purchases can be decided."
        ),
    )


def _against(baseline: ArmCount, arm: ArmCount, metric: str, horizon: int, alpha: float, arms: int) -> Versus | None:
    one, other = (baseline.successes, baseline.people), (arm.successes, arm.people)
    result = compare(baseline=one, challenger=other, horizon=max(1, horizon * 2 // arms), alpha=alpha)
    if result is None:
        return None
    return Versus(
        arm.label,
        baseline.label,
        result,
        chance_to_beat(baseline=one, challenger=other),
        expected_loss(baseline=one, challenger=other),
        sentence(arm.label, baseline.label, result, metric),
    )


def _leaders(
    baseline: ArmCount,
    challengers: Sequence[ArmCount],
    versus: Sequence[Versus],
    horizon: int,
    alpha: float,
    arms: int,
) -> tuple[str, ...]:
    """The challengers shown better than the baseline, less those shown worse than the best of them; the baseline
    itself when it is shown better than every challenger."""
    better = {v.label for v in versus if v.result.low > 0}
    if not better:
        beaten = [v for v in versus if v.result.high < 0]
        return (baseline.label,) if beaten and len(beaten) == len(challengers) else ()
    ahead = sorted(
        (arm for arm in challengers if arm.label in better), key=lambda arm: arm.successes / arm.people, reverse=True
    )
    best = ahead[0]
    kept = [best.label]
    for arm in ahead[1:]:
        gap = compare(
            baseline=(arm.successes, arm.people),
            challenger=(best.successes, best.people),
            horizon=max(1, horizon * 2 // arms),
            alpha=alpha / len(challengers),
        )
        if gap is None or gap.low <= 0:
            kept.append(arm.label)
    return tuple(kept)


def _status(versus: Sequence[Versus], leaders: Sequence[str], *, due: bool, even: bool) -> Status:
    if not even:
        return Status.UNEVEN
    if not versus:
        return Status.EMPTY
    if len(leaders) == 1:
        return Status.WINNER
    if leaders:
        return Status.TIED
    return Status.NO_DIFFERENCE if due else Status.RUNNING


def _headline(status: Status, versus: Sequence[Versus], leaders: Sequence[str], baseline: str) -> str:
    if status is Status.EMPTY or not versus:
        return _("One of the variants has reached nobody yet: results appear as people react.")
    if status is Status.TIED:
        return _("%(labels)s did better than %(baseline)s. The best of them is not clear yet.") % {
            "labels": _(" and ").join(leaders),
            "baseline": baseline,
        }
    if status is Status.WINNER and leaders[0] != baseline:
        return next(v.sentence for v in versus if v.label == leaders[0])
    strongest = max(versus, key=lambda v: abs(v.result.difference))
    if status is Status.NO_DIFFERENCE:
        return _("No difference found. %(sentence)s") % {"sentence": strongest.sentence}
    return strongest.sentence


def _advice(status: Status, split_p: float | None) -> str:
    if status is Status.UNEVEN and split_p is not None:
        return _(
            "The variants were not filled in the shares you planned (p = %(p)s). Something went wrong on the way, "
            "so do not act on these figures."
        ) % {"p": formats.number_format(split_p or 0, 6)}
    return {
        Status.RUNNING: _("You can check the result at any time. Decide when the planned sample is complete."),
        Status.WINNER: _("Conclude the test and write down the learning."),
        Status.TIED: _("Conclude with the one you prefer, or test them against each other next."),
        Status.NO_DIFFERENCE: _("That is a result too: keep the simpler one, and test something bolder next."),
    }.get(status, "")


def sentence(label: str, baseline: str, result: Comparison, metric: str) -> str:
    """ "B brought 2.1 more clicks per 100 than A (between 0.4 and 3.8); that is sure enough to act on." """
    words = {"label": label, "baseline": baseline, "what": _noun(metric), "n": per_hundred(abs(result.difference))}
    if result.low > 0:
        words |= {"low": per_hundred(result.low), "high": per_hundred(result.high)}
        return (
            _(
                "%(label)s had %(n)s more %(what)s per 100 than %(baseline)s (between %(low)s and "
                "%(high)s). The difference is large enough to act on."
            )
            % words
        )
    if result.high < 0:
        words |= {"low": per_hundred(-result.high), "high": per_hundred(-result.low)}
        return (
            _(
                "%(label)s had %(n)s fewer %(what)s per 100 than %(baseline)s (between %(low)s and %(high)s "
                "fewer). The difference is large enough to act on."
            )
            % words
        )
    words |= {"fewer": per_hundred(-result.low), "more": per_hundred(result.high)}
    if result.difference >= 0:
        return (
            _(
                "%(label)s had %(n)s more %(what)s per 100 than %(baseline)s. The true difference may be "
                "between %(fewer)s fewer and %(more)s more: not conclusive yet."
            )
            % words
        )
    return (
        _(
            "%(label)s had %(n)s fewer %(what)s per 100 than %(baseline)s. The true difference may be "
            "between %(fewer)s fewer and %(more)s more: not conclusive yet."
        )
        % words
    )


def per_hundred(share: float) -> str:
    """0.021 -> "2.1": a difference of rates as people say it, in the reader's number format."""
    return formats.number_format(share * 100, 1)


def _noun(metric: str) -> str:
    return {
        Experiment.Metric.CLICK: _("clicks"),
        Experiment.Metric.OPEN: _("opens"),
        Experiment.Metric.ORDER: _("buyers"),
    }.get(Experiment.Metric(metric) if metric else Experiment.Metric.CLICK, _("clicks"))
