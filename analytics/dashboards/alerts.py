"""What the numbers ask the director to decide."""

from collections.abc import Iterator

from django.db.models import Max
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from accounts.access import is_marketer
from accounts.company.models import Company
from accounts.people.models import User
from analytics.dashboards.figures import target_for
from analytics.kpis import figure_text
from analytics.kpis.periods import DEFAULT_PRESET, preset_period
from analytics.kpis.queries import kpi_series
from core.kpis import kpis
from core.ui.alerts import Alert, Urgency
from core.ui.numbers import number
from crm.leads.models import Lead
from crm.leads.queries import RESPONSE_LIMIT, unattended
from marketing.planning.models import KpiTarget
from marketing.spend.models import SpendEntry

MISSING_SPEND_DAYS = 3


def number_alerts(user: User) -> Iterator[Alert]:
    """Spend not booked for days, leads nobody answered, targets missed over the last 28 days."""
    if not is_marketer(user):
        return
    yield from _spend_missing()
    yield from _leads_waiting()
    yield from _targets_missed(user)


def _spend_missing() -> Iterator[Alert]:
    today = timezone.localdate(timezone=Company.get().zone)
    last = SpendEntry.objects.filter(day__lte=today).aggregate(last=Max("day"))["last"]
    if last is None or (today - last).days < MISSING_SPEND_DAYS:
        return
    days = (today - last).days
    text = ngettext("Spend is missing for %(days)s day", "Spend is missing for %(days)s days", days)
    yield Alert(
        title=text % {"days": number(days)},
        text=_("Until the spend is recorded, CPL and CPA look better than they are."),
        action_label=_("Record spend"),
        action_url=reverse("spend_grid"),
        urgency=Urgency.OVERDUE,
        icon="coins",
    )


def _leads_waiting() -> Iterator[Alert]:
    count = unattended(Lead.objects.filter(occurred_at__lt=timezone.now() - RESPONSE_LIMIT)).count()
    if count:
        text = ngettext(
            "%(count)s lead has waited for over two days", "%(count)s leads have waited for over two days", count
        )
        yield Alert(
            title=text % {"count": number(count)},
            text=_("These leads have not been contacted yet."),
            action_label=_("View leads"),
            action_url=reverse("lead_list") + "?state=waiting",
            urgency=Urgency.OVERDUE,
            icon="clock",
        )


def _targets_missed(user: User) -> Iterator[Alert]:
    company = Company.get()
    today = timezone.localdate(timezone=company.zone)
    period = preset_period(DEFAULT_PRESET, today=today, zone=company.zone)
    targets = [
        target
        for target in KpiTarget.objects.filter(starts_on__lte=period.end, ends_on__gte=period.start)
        if target.kpi in kpis and kpis[target.kpi].denominator
    ]
    codes = sorted({target.kpi for target in targets})
    if not codes:
        return
    values = kpi_series(codes=codes, period=period, user=user).total.values
    for code in codes:
        own = [target for target in targets if target.kpi == code]
        target = target_for(kpis[code], values[code].value, period, own, company.currency)
        if target is not None and target.is_met is False:
            said = {
                "kpi": kpis[code].name,
                "value": figure_text.value_text(kpis[code], values[code].value, company.currency),
            }
            yield Alert(
                title=_("%(kpi)s is off its target") % said,
                text=_("%(value)s over the last 28 days; the target is %(target)s.") % {**said, "target": target.text},
                action_label=_("See why"),
                action_url=reverse("overview") + f"?kpi={code}#trend",
                urgency=Urgency.WORTH_A_LOOK,
                icon="target-arrow",
            )
