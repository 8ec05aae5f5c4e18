"""The drill-downs: generating demand by channel, attending it, and the relationship."""

from typing import Any
from urllib.parse import urlencode

from django.db.models import Count, Exists, OuterRef, Q, Subquery
from django.http import HttpResponse, HttpResponseBase
from django.shortcuts import render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_safe

from accounts.access import SignedInRequest, is_office, require
from accounts.people.models import User
from analytics.dashboards.drill_links import rows_url
from analytics.dashboards.figures import figures
from analytics.dashboards.funnel import STEPS, people_behind
from analytics.dashboards.period_picker import PeriodRequest, period_context, period_request
from analytics.dashboards.split_table import split_table
from analytics.dashboards.svg import band, stack
from analytics.dashboards.tables import LeadPeopleTable, NewCustomerTable
from analytics.dashboards.trends import sum_chart, trend_of
from analytics.kpis.queries import KpiValue, kpi_series
from core.kpis import kpis
from crm.channels.models import Channel
from crm.contacts.models import Contact
from crm.forms.models import LeadForm
from crm.leads.models import Lead
from crm.leads.queries import RESPONSE_LIMIT, unattended
from crm.surveys.models import NpsAnswer
from crm.surveys.services import nps_channel_url
from crm.surveys.tables import NpsTable


@require(is_office)
@require_safe
def channel_overview(request: SignedInRequest) -> HttpResponse:
    """What does a lead cost, where, and why?"""
    question = period_request(request)
    period, user = question.choice.period, request.user
    codes = ("spend", "leads", "cpl", "customers", "cpa")
    days = kpi_series(codes=["spend", "leads", "cpl"], period=period, by=period.grain(), user=user)
    found = figures(["spend", "leads", "cpl", "cpa"], period=period, now=question.now, user=user)
    context = {
        **period_context(request, question),
        "figures": list(found.values()),
        "table": split_table(kpi_series(codes=codes, period=period, by="channel", user=user), codes),
        "sums": [sum_chart(code, period=period, user=user) for code in ("spend", "leads")],
        "trend": trend_of(found["cpl"], period=period, user=user, height=176),
        "trend_table": split_table(days, ("spend", "leads", "cpl")),
        "forms": LeadForm.objects.active()
        .select_related("channel")
        .annotate(
            lead_count=Count(
                "submissions",
                filter=Q(
                    submissions__lead__occurred_at__gte=period.begins_at,
                    submissions__lead__occurred_at__lt=period.ends_at,
                ),
            )
        ),
    }
    return render(request, "analytics/dashboards/channels.html", context)


@require(is_office)
@require_safe
def funnel(request: SignedInRequest) -> HttpResponse:
    """How well do we turn leads into customers?"""
    question = period_request(request)
    period, user = question.choice.period, request.user
    codes = ["leads", "customers", "cvr", "cvr_cohort", "customers_without_lead"]
    found = figures(codes, period=period, now=question.now, user=user)
    splits = []
    for by, label in (
        ("attended_by", _("eCommerce or sales force")),
        ("channel", _("Channel")),
        ("salesperson", _("Salesperson")),
    ):
        series = kpi_series(codes=["leads", "customers", "cvr", "cvr_cohort"], period=period, by=by, user=user)  # type: ignore[arg-type]
        table = split_table(series, ("leads", "customers", "cvr", "cvr_cohort"))
        bands = [_rate_band(row.values["cvr"]) for row in series.rows]
        for line, picture in zip(table["rows"], bands, strict=True):  # type: ignore[call-overload]
            line["band"] = picture
        splits.append({"label": label, "table": table})
    waiting = unattended(Lead.objects.visible_to(user)).filter(occurred_at__lt=question.now - RESPONSE_LIMIT)
    context = {
        **period_context(request, question),
        "figures": [found[code] for code in codes],
        "steps": _steps(question, user),
        "splits": splits,
        "waiting": waiting.count(),
        "oldest": waiting.order_by("occurred_at").select_related("contact", "channel", "owner")[:8],
        "kpi": kpis["cvr"],
        "trend": trend_of(found["cvr"], period=period, user=user),
    }
    return render(request, "analytics/dashboards/funnel.html", context)


def _rate_band(value: KpiValue) -> Any:
    if value.low is None or value.high is None or value.value is None:
        return ""
    return band(float(value.low) * 100, float(value.value) * 100, float(value.high) * 100)


def _steps(question: PeriodRequest, user: User) -> list[dict[str, Any]]:
    """The period's leads and how far their people have come; each number opens the list of those it counts."""
    period = question.choice.period
    days = {"day_from": period.start.isoformat(), "day_to": period.end.isoformat()}
    leads = Lead.objects.visible_to(user).filter(occurred_at__gte=period.begins_at, occurred_at__lt=period.ends_at)
    people = Contact.objects.visible_to(user)
    steps = [
        (_("Leads"), leads.count(), rows_url("leads", start=period.start, end=period.end)),
        (_("Contacts behind the leads"), people_behind(leads, people).count(), _people_url(days)),
        *(
            (step.label, people_behind(leads, people, step.code).count(), _people_url({**days, "reached": step.code}))
            for step in STEPS
        ),
    ]
    most = max(1, steps[0][1])
    return [
        {"label": label, "count": count, "share": round(100 * count / most), "url": url if count else ""}
        for label, count, url in steps
    ]


def _people_url(asked: dict[str, str]) -> str:
    return f"{reverse('lead_people_list')}?{urlencode(asked)}"


@require(is_office)
@require_safe
def nps_overview(request: SignedInRequest) -> HttpResponse:
    """Do customers recommend us, and what do they say?"""
    question = period_request(request)
    period, user = question.choice.period, request.user
    found = figures(["nps", "nps_answers"], period=period, now=question.now, user=user)
    answers = NpsAnswer.objects.filter(answered_at__gte=period.begins_at, answered_at__lt=period.ends_at)
    counted = dict(answers.values_list("score").annotate(count=Count("pk")).values_list("score", "count"))
    scores = [{"score": score, "count": counted.get(score, 0)} for score in range(10, -1, -1)]
    most = max([1, *counted.values()])
    for line in scores:
        line["share"] = round(100 * line["count"] / most)
    groups = [
        ("promoters", _("Promoters (9–10)"), "n-good", sum(counted.get(score, 0) for score in (9, 10))),
        ("passives", _("Passives (7–8)"), "n-neutral", sum(counted.get(score, 0) for score in (7, 8))),
        ("detractors", _("Detractors (0–6)"), "n-bad", sum(counted.get(score, 0) for score in range(7))),
    ]
    context = {
        **period_context(request, question),
        "figures": list(found.values()),
        "kpi": kpis["nps"],
        "trend": trend_of(found["nps"], period=period, user=user),
        "scores": scores,
        "groups": groups,
        "stack": stack([(css, count) for _kind, _label, css, count in groups]),
        "comments": answers.exclude(comment="").select_related("contact").order_by("-answered_at")[:8],
        "links": [(channel, nps_channel_url(channel)) for channel in Channel.objects.active()],
    }
    return render(request, "analytics/dashboards/nps.html", context)


@require(is_office)
@require_safe
def nps_list(request: SignedInRequest) -> HttpResponseBase:
    answers = NpsAnswer.objects.visible_to(request.user).select_related("contact", "channel")
    return NpsTable(request, answers).respond("analytics/dashboards/nps_list.html")


@require(is_office)
@require_safe
def new_customer_list(request: SignedInRequest) -> HttpResponseBase:
    people = Contact.objects.visible_to(request.user).customers()
    return NewCustomerTable(request, people).respond("analytics/dashboards/new_customer_list.html")


@require(is_office)
@require_safe
def lead_people_list(request: SignedInRequest) -> HttpResponseBase:
    """The people behind the leads of some days."""
    leads = Lead.objects.filter(contact=OuterRef("pk")).order_by("-occurred_at")
    people = Contact.objects.visible_to(request.user).filter(Exists(leads))
    people = people.annotate(latest_lead_at=Subquery(leads.values("occurred_at")[:1]))
    return LeadPeopleTable(request, people).respond("analytics/dashboards/lead_people_list.html")
