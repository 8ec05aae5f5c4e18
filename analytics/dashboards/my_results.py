"""A salesperson's figures against their own past: never beside another's."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime, timedelta
from decimal import Decimal

from django.utils.translation import gettext as _

from accounts.company.models import Company
from accounts.people.models import User
from analytics.dashboards.figures import Figure, Target, figures
from analytics.dashboards.trends import FORMATS, bucket_label, sum_chart, trend_of
from analytics.kpis import figure_text
from analytics.kpis.periods import Period
from analytics.kpis.queries import bucket_start
from core.kpis import BetterWhen, Kpi, Unit
from core.ui.charts import Chart, bar_chart
from core.ui.charts import Series as Drawn
from crm.activities.salesperson_results import Counted, ResultEvent, ResultMeasure, result_measures

SUMS = ("customers",)
RATIOS = ("cvr", "nps")
HEIGHT = 144


@dataclass(frozen=True)
class Result:
    """One figure: what it is now, like for like against the days before and the year before, and how it moved.

    `target` is the company's, of a rate only: of a sum it would be everybody's together.
    """

    code: str
    title: str
    text: str
    change: str
    judgement: str
    judgement_text: str
    year_change: str
    reason: str = ""
    explanation: str = ""
    target: Target | None = None
    chart: Chart | None = None
    chart_note: str = ""


def results_of(*, user: User, period: Period, now: datetime) -> list[Result]:
    """Everything that counts for `user` in `period`."""
    found = figures([*SUMS, *RATIOS], period=period, now=now, user=user)
    return [
        *(_measured(measure, user, period, now) for measure in sorted(result_measures, key=lambda it: it.order)),
        *(_summed(found[code], user, period) for code in SUMS),
        *(_rated(found[code], user, period) for code in RATIOS),
    ]


def _measured(measure: ResultMeasure, user: User, period: Period, now: datetime) -> Result:
    def during(days: Period) -> list[ResultEvent]:
        return list(measure.events(user, days.begins_at, days.ends_at))

    events = during(period)
    value, before = measure.value(events), measure.value(during(period.previous(now)))
    year = measure.value(during(period.year_before(now)))
    kpi, currency = _kpi_of(measure), Company.get().currency
    better = figure_text.better_or_worse(kpi, value, before)
    return Result(
        code=measure.code,
        title=str(measure.title),
        text=figure_text.value_text(kpi, value, currency),
        change=figure_text.change_text(kpi, value, before, period.days, currency),
        judgement=better,
        judgement_text=figure_text.better_or_worse_text(better),
        year_change=figure_text.value_text(kpi, year, currency) if year else "",
        chart=_bars(measure, kpi, events, period),
    )


def _kpi_of(measure: ResultMeasure) -> Kpi:
    """The measure as a figure that the sentences can be made about."""
    unit = Unit.MONEY if measure.counted is Counted.MONEY else Unit.COUNT
    return Kpi(measure.code, measure.title, "", "", unit, BetterWhen.HIGHER, numerator=measure.code)


def _bars(measure: ResultMeasure, kpi: Kpi, events: Sequence[ResultEvent], period: Period) -> Chart | None:
    """By day, week or month, on the company's clock."""
    if not events:
        return None
    grain, week_starts_on = period.grain(), Company.get().week_starts_on
    starts: dict[date, list[ResultEvent]] = {}
    for offset in range(period.days):
        starts.setdefault(bucket_start(period.start + timedelta(days=offset), grain, week_starts_on), [])
    for event in events:
        starts[bucket_start(event.at.astimezone(period.zone).date(), grain, week_starts_on)].append(event)
    values: list[Decimal] = [measure.value(found) for found in starts.values()]
    labels = [bucket_label(max(start, period.start)) for start in starts]
    form = FORMATS.get(kpi.unit, "number")
    return bar_chart(measure.title, labels, [Drawn(measure.title, values)], value_format=form, height=HEIGHT)


def _summed(figure: Figure, user: User, period: Period) -> Result:
    chart = sum_chart(figure.kpi.code, period=period, user=user, height=HEIGHT) if figure.value.value else None
    return replace(_result_of(figure), chart=chart)


def _rated(figure: Figure, user: User, period: Period) -> Result:
    """One person's rates of single weeks say more about chance than about them: drawn are the months of a year."""
    year = Period(period.end - timedelta(days=364), period.end, period.zone)
    chart = trend_of(figure, period=year, user=user, height=HEIGHT).chart
    note = _("Month by month, over the year up to the last day of the period.") if chart else ""
    return replace(_result_of(figure), target=figure.target, chart=chart, chart_note=note)


def _result_of(figure: Figure) -> Result:
    said = [str(figure.kpi.formula), figure.made_of, figure.interval]
    return Result(
        code=figure.kpi.code,
        title=str(figure.kpi.name),
        text=figure.text,
        change=figure.change,
        judgement=figure.judgement,
        judgement_text=figure.judgement_text,
        year_change=figure.year_change,
        reason=figure.value.reason,
        explanation=" ".join(f"{part.rstrip('.')}." for part in said if part),
    )
