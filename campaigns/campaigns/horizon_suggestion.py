"""How many people a test should see: from what earlier campaigns reached, and how big this audience is."""

from dataclasses import dataclass

from django.db.models import Sum

from campaigns.campaigns.models import Campaign
from campaigns.experiments.models import Experiment
from core.statistics.sequential import suggested_horizon
from delivery.sends.models import Batch
from delivery.tracking.models import Engagement

USUAL_RATE = {Experiment.Metric.CLICK: 0.03, Experiment.Metric.OPEN: 0.2, Experiment.Metric.ORDER: 0.01}
RELATIVE_LIFT = 0.25
ENOUGH = 500


@dataclass(frozen=True)
class Suggestion:
    """`recipients` for the horizon, to see a `lift` (share) over the `rate` one expects; `measured`: the rate is this
    company's own, not a usual one. `is_short`: the audience is smaller than what such a lift takes."""

    recipients: int | None
    rate: float
    lift: float
    measured: bool
    is_short: bool


def horizon_suggestion(campaign: Campaign, experiment: Experiment) -> Suggestion:
    """N* for a lift of a quarter over the usual rate, at most the segment; None while the segment's size is unknown."""
    metric = Experiment.Metric(experiment.metric or Experiment.Metric.CLICK)
    rate, measured = _rate(metric)
    lift = rate * RELATIVE_LIFT
    audience = campaign.segment.size if campaign.segment else None
    wanted = suggested_horizon(rate=rate, lift=lift, audience=1_000_000_000)
    if not audience or audience < 2:
        return Suggestion(None, rate, lift, measured, False)
    return Suggestion(min(wanted, audience), rate, lift, measured, audience < wanted)


def _rate(metric: Experiment.Metric) -> tuple[float, bool]:
    """What earlier messages brought, once enough of them went out; for orders the usual figure."""
    if metric != Experiment.Metric.ORDER:
        sent = Batch.objects.aggregate(all=Sum("sent"))["all"] or 0
        if sent >= ENOUGH:
            column = "human_clicks" if metric == Experiment.Metric.CLICK else "human_opens"
            reacted = Engagement.objects.filter(**{f"{column}__gt": 0}).count()
            if reacted:
                return min(reacted / sent, 0.9), True
    return USUAL_RATE[metric], False
