"""Everything the tests have taught."""

from django.core.paginator import Paginator
from django.http import HttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_GET

from accounts.access import SignedInRequest, require
from campaigns.experiments.experiment_queries import experiment_reading, learnings, running_tests
from campaigns.experiments.models import Experiment
from delivery.access import may_read

PAGE = 25


@require(may_read)
@require_GET
def learning_list(request: SignedInRequest) -> HttpResponse:
    """What every concluded test taught, to search before the next one is planned."""
    text, verdict, metric = (request.GET.get(name, "").strip() for name in ("q", "verdict", "metric"))
    rows = learnings(request.user, text=text, verdict=verdict, metric=metric)
    context = {
        "page": Paginator(rows, PAGE).get_page(request.GET.get("page")),
        "text": text,
        "verdict": verdict,
        "metric": metric,
        "verdicts": [choice for choice in Experiment.Verdict.choices if choice[0] != Experiment.Verdict.OPEN],
        "metrics": Experiment.Metric.choices,
        "running": [
            (experiment, experiment_reading(experiment.send, experiment))
            for experiment in running_tests(request.user)[:10]
        ],
        "is_filtered": bool(text or verdict or metric),
    }
    return render(request, "campaigns/experiments/learnings.html", context)
