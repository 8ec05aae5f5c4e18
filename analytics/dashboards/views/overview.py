"""Is marketing working, and what needs me today?"""

from django.http import HttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_safe

from accounts.access import SignedInRequest, is_director, is_office, require
from analytics.dashboards.figures import CHAIN, SUMS, figures, movers
from analytics.dashboards.period_picker import period_context, period_request
from analytics.dashboards.split_table import split_table
from analytics.dashboards.svg import spark
from analytics.dashboards.trends import trends_of
from analytics.kpis import figure_text
from analytics.kpis.queries import kpi_series
from core.kpis import kpis
from core.ui.alerts import alerts_for

CHANNEL_COLUMNS = ("spend", "leads", "customers", "cpl", "cvr", "cpa")


@require(is_office)
@require_safe
def overview(request: SignedInRequest) -> HttpResponse:
    question = period_request(request)
    period = question.choice.period
    codes = [*SUMS, *CHAIN]
    current = kpi_series(codes=[*codes, "customers_without_lead"], period=period, by=period.grain(), user=request.user)
    without_lead = current.total.values["customers_without_lead"]
    found = figures(codes, period=period, now=question.now, user=request.user, current=current)
    code = request.GET.get("kpi", "cpa")
    code = code if code in CHAIN else "cpa"
    trends = trends_of([found[it] for it in CHAIN], period=period, user=request.user)
    channels = kpi_series(codes=CHANNEL_COLUMNS, period=period, by="channel", user=request.user)
    context = {
        **period_context(request, question),
        "stages": [
            {
                "sum": found[total],
                "ratio": found[ratio],
                "spark": spark([line.value for line in trends[ratio].lines]),
                "icon": icon,
            }
            for total, ratio, icon in zip(SUMS, CHAIN, ("coins", "magnet", "user-check", "message-heart"), strict=True)
        ],
        "without_lead": {
            "value": without_lead,
            "text": figure_text.value_text(without_lead.kpi, without_lead.value, current.currency),
        },
        "is_empty": all(not found[total].value.value for total in SUMS),
        "kpi": kpis[code],
        "kpi_options": [
            {"label": kpis[it].code.upper(), "url": f"?{question.choice.query}&kpi={it}#trend", "active": it == code}
            for it in CHAIN
        ],
        "movers": movers(code, period=period, now=question.now, user=request.user, channels=channels),
        "trend": trends[code],
        "alerts": alerts_for(request.user),
        "channel_table": split_table(channels, CHANNEL_COLUMNS),
        "may_set_targets": is_director(request.user),
    }
    return render(request, "analytics/dashboards/overview.html", context)
