"""What came of a salesperson's work, against their own past."""

from django.http import HttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_safe

from accounts.access import SignedInRequest, is_salesperson, require
from analytics.dashboards.my_results import results_of
from analytics.dashboards.period_picker import period_context, period_request


@require(is_salesperson)
@require_safe
def my_results(request: SignedInRequest) -> HttpResponse:
    question = period_request(request)
    results = results_of(user=request.user, period=question.choice.period, now=question.now)
    return render(
        request, "analytics/dashboards/my_results.html", {**period_context(request, question), "results": results}
    )
