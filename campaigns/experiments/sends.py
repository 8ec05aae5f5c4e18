"""What tests add to the sends that carry them: checks before the launch, what its arms differ in, the days to keep."""

from collections.abc import Iterator

from django.utils.translation import gettext as _

from campaigns.experiments.models import Experiment
from campaigns.experiments.services import differences, same_arms
from delivery.sends.authors import Problem
from delivery.sends.models import Send, Variant


def experiment_problems(send: Send, variants: list[Variant]) -> Iterator[Problem]:
    """What is missing of the test a send carries."""
    experiment = Experiment.objects.filter(send=send).first()
    if len(variants) < 2 or experiment is None:
        message = _("There is no test yet. Every send carries one: add a second variant.")
        if send.kind == Send.Kind.LETTER:
            message = _("A letter to so many people carries a small test: write a second subject.")
        yield Problem("test_missing", message, "test")
        return
    alike = same_arms(variants)
    if alike:
        yield Problem(
            "arms_do_not_differ",
            _("%(one)s and %(other)s are the same. Change the subject, sender, content, offer or time of one.")
            % {"one": alike[0], "other": alike[1]},
            "test",
        )
    for variant in variants:
        if not variant.weight:
            yield Problem(
                "arm_empty", _("Variant %(label)s has no recipients. Enter a share.") % {"label": variant.label}, "test"
            )
    if not experiment.hypothesis.strip():
        yield Problem("hypothesis_missing", _("Write what you expect to happen, and why."), "test")
    if not experiment.metric:
        yield Problem("metric_missing", _("Choose how the test is measured."), "test")
    if experiment.metric == Experiment.Metric.OPEN and not send.is_tracked:
        yield Problem(
            "metric_not_measured",
            _("In privacy mode nobody's opens are recorded. Measure the test by purchases or clicks."),
            "test",
        )
    if not experiment.horizon:
        yield Problem("horizon_missing", _("Enter the sample size of the test."), "test")


def differences_record(send: Send, variants: list[Variant]) -> None:
    """Fix at the launch in what the arms differ."""
    Experiment.objects.filter(send=send).update(differs_in=differences(variants))


def order_days(send: Send) -> tuple[int, ...]:
    """After how many days the test of a send counts orders; it is read after its ledger was purged, too."""
    experiment = Experiment.objects.filter(send=send).first()
    return (experiment.horizon_days,) if experiment else ()
