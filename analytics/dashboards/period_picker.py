"""The period of a dashboard: read from the address, with its picker."""

from dataclasses import dataclass
from datetime import datetime
from typing import Any
from urllib.parse import urlencode

from django.utils import timezone
from django.utils.translation import gettext as _

from accounts.access import SignedInRequest
from accounts.company.models import Company
from analytics.kpis.periods import PRESETS, Choice, choose


@dataclass(frozen=True)
class PeriodRequest:
    """The question in the address."""

    choice: Choice
    now: datetime
    company: Company


def period_request(request: SignedInRequest) -> PeriodRequest:
    company, now = Company.get(), timezone.now()
    return PeriodRequest(choose(request.GET, now=now, zone=company.zone), now, company)


def period_context(request: SignedInRequest, question: PeriodRequest) -> dict[str, Any]:
    """For `analytics/dashboards/_period.html`; other parameters of the page are kept."""
    kept = {name: value for name, value in request.GET.items() if name not in {"period", "from", "to", "at"}}
    short = ("last_7", "last_28", "last_90", "this_month", "this_year")
    options = [
        {
            "label": label,
            "url": "?" + urlencode({**kept, "period": code}),
            "active": code == question.choice.preset,
            "short": code in short,
        }
        for code, label in PRESETS.items()
    ]
    period = question.choice.period
    return {
        "period": period,
        "period_query": question.choice.query,
        "period_options": options,
        "period_label": PRESETS.get(question.choice.preset, _("Custom period")),
        "period_message": question.choice.message,
        "period_kept": list(kept.items()),
        "company": question.company,
        "as_of": question.now,
        "row_query": urlencode({"day_from": period.start.isoformat(), "day_to": period.end.isoformat()}),
    }
