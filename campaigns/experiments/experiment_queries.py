"""The test of one send, read now from its counts; and every test there was, to learn from."""

from datetime import timedelta

from django.db.models import Q, QuerySet, Sum
from django.utils import timezone

from accounts.people.models import User
from campaigns.experiments.experiment_analysis import ArmCount, Reading, read, read_counts
from campaigns.experiments.models import Experiment
from delivery.sends.models import Batch, Send
from delivery.sends.variant_counts import ArmCounts, variant_counts

METRIC_COLUMN = {
    Experiment.Metric.CLICK: "clicks",
    Experiment.Metric.OPEN: "opens",
    Experiment.Metric.ORDER: "orders",
}


def experiment_reading(send: Send, experiment: Experiment, counts: list[ArmCounts] | None = None) -> Reading:
    """Where the test of `send` stands: due once the days people had to react are over."""
    counts = variant_counts(send, horizon_days=experiment.horizon_days) if counts is None else counts
    assigned = dict(Batch.objects.filter(send=send, number__gt=0).values_list("variant_id").annotate(total=Sum("size")))
    weights = dict(send.variants.values_list("pk", "weight"))
    column = METRIC_COLUMN[Experiment.Metric(experiment.metric or Experiment.Metric.CLICK)]
    is_counted = not send.is_tracked and column == "clicks"
    arms = [
        ArmCount(
            count.label,
            weights.get(count.variant_id, 0),
            assigned.get(count.variant_id, 0),
            count.recipients,
            getattr(count, column) if is_counted else min(getattr(count, column), count.recipients),
        )
        for count in counts
    ]
    if is_counted:
        return read_counts(arms=arms, is_due=_days_are_over(send, experiment))
    return read(
        arms=arms,
        metric=experiment.metric,
        horizon=experiment.horizon or max(2, sum(arm.assigned for arm in arms)),
        alpha=float(experiment.alpha),
        is_due=_days_are_over(send, experiment),
    )


def _days_are_over(send: Send, experiment: Experiment) -> bool:
    ended = send.finished_at or send.launched_at
    return ended is not None and timezone.now() >= ended + timedelta(days=experiment.horizon_days)


def experiments_seen_by(user: User) -> "QuerySet[Experiment]":
    """Tests of sends that left: campaigns for the office, of letters a salesperson's own."""
    rows = Experiment.objects.exclude(send__launched_at=None).select_related(
        "send__campaign__segment", "send__campaign__proposition_version", "send__letter__author", "winner"
    )
    return rows.filter(send__letter__author=user) if user.is_salesperson else rows


def learnings(user: User, *, text: str = "", verdict: str = "", metric: str = "") -> "QuerySet[Experiment]":
    """What concluded tests taught, newest first, narrowed by words in hypothesis, learning or campaign."""
    rows = experiments_seen_by(user).exclude(concluded_at=None)
    for word in text.split()[:6]:
        rows = rows.filter(
            Q(hypothesis__icontains=word) | Q(learning__icontains=word) | Q(send__campaign__name__icontains=word)
        )
    if verdict in Experiment.Verdict.values:
        rows = rows.filter(verdict=verdict)
    if metric in Experiment.Metric.values:
        rows = rows.filter(metric=metric)
    return rows.order_by("-concluded_at")


def running_tests(user: User) -> "QuerySet[Experiment]":
    """Tests whose send left and that nobody has concluded yet, newest first."""
    return experiments_seen_by(user).filter(concluded_at=None).order_by("-send__launched_at")
