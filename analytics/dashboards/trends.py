"""How a figure moved, as a picture and its table. A ratio of a few weeks is drawn over the seven days up to each day:
single days of a small company say more about chance than about marketing."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import date, timedelta
from decimal import Decimal

from django.utils.translation import gettext as _

from accounts.people.models import User
from analytics.dashboards.drill_links import Part, parts_of
from analytics.dashboards.figures import Figure
from analytics.kpis import figure_text
from analytics.kpis.periods import Period
from analytics.kpis.queries import KpiValue, SeriesRow, kpi_series
from core.kpis import Kpi, Unit, kpis
from core.ui.charts import Chart, Format, bar_chart, line_chart
from core.ui.charts import Series as Drawn
from core.ui.dates import short_date

WINDOW = 7
FORMATS: dict[Unit, Format] = {Unit.MONEY: "money", Unit.RATIO: "percent"}


@dataclass(frozen=True)
class TrendLine:
    """One point: its days, the figure, and the sums it is made of (`parts` where these have rows behind them)."""

    starts_on: date
    ends_on: date
    value: Decimal | None
    text: str
    made_of: str
    parts: tuple[Part, ...]


@dataclass(frozen=True)
class Trend:
    """`chart` is None when fewer than two points are known. `is_rolling`: each point is the seven days up to it."""

    kpi: Kpi
    lines: tuple[TrendLine, ...]
    chart: Chart | None
    is_rolling: bool


def trend_of(figure: Figure, *, period: Period, user: User, height: int = 240) -> Trend:
    """The trend of one ratio over `period`, with its target as a dashed line."""
    return trends_of([figure], period=period, user=user, height=height)[figure.kpi.code]


def trends_of(figures: Sequence[Figure], *, period: Period, user: User, height: int = 240) -> dict[str, Trend]:
    """The trends of several ratios, from one question to the records."""
    grain = period.grain()
    is_rolling = grain == "day"
    asked = replace(period, start=period.start - timedelta(days=WINDOW - 1)) if is_rolling else period
    series = kpi_series(codes=[figure.kpi.code for figure in figures], period=asked, by=grain, user=user)
    rows = list(series.rows)
    found = {}
    for figure in figures:
        kpi = figure.kpi
        if is_rolling:
            lines = [_rolling(kpi, rows[n : n + WINDOW], series.currency) for n in range(len(rows) - WINDOW + 1)]
        else:
            lines = [_line(kpi, row, series.currency) for row in rows]
        aim = figure.target.value if figure.target else None
        found[kpi.code] = Trend(kpi, tuple(lines), _chart(kpi, lines, aim, is_rolling, height), is_rolling)
    return found


def sum_chart(code: str, *, period: Period, user: User, height: int = 176) -> Chart:
    """A sum (spend, leads) by day, week or month, as bars."""
    series = kpi_series(codes=[code], period=period, by=period.grain(), user=user)
    values = [row.values[code].value for row in series.rows]
    labels = [bucket_label(row.starts_on) for row in series.rows if row.starts_on]
    form = FORMATS.get(kpis[code].unit, "number")
    return bar_chart(kpis[code].name, labels, [Drawn(kpis[code].name, values)], value_format=form, height=height)


def _line(kpi: Kpi, row: SeriesRow, currency: str) -> TrendLine:
    assert row.starts_on  # noqa: S101
    assert row.ends_on  # noqa: S101
    return _point(row.values[kpi.code], row.starts_on, row.ends_on, currency)


def _rolling(kpi: Kpi, rows: Sequence[SeriesRow], currency: str) -> TrendLine:
    """The figure over these days together, from sums."""
    first, last = rows[0], rows[-1]
    assert first.starts_on  # noqa: S101
    assert last.ends_on  # noqa: S101
    top = sum((row.values[kpi.code].numerator or Decimal(0) for row in rows), Decimal(0))
    below = sum((row.values[kpi.code].denominator or Decimal(0) for row in rows), Decimal(0))
    value = top * kpi.factor / below if below else None
    summed = replace(last.values[kpi.code], value=value, numerator=top, denominator=below)
    return _point(summed, first.starts_on, last.ends_on, currency)


def _point(value: KpiValue, start: date, end: date, currency: str) -> TrendLine:
    text, made = figure_text.value_text(value.kpi, value.value, currency), figure_text.ratio_text(value, currency)
    return TrendLine(start, end, value.value, text, made, parts_of(value, start=start, end=end, currency=currency))


def _chart(kpi: Kpi, lines: Sequence[TrendLine], aim: Decimal | None, is_rolling: bool, height: int) -> Chart | None:
    values = [line.value for line in lines]
    if sum(value is not None for value in values) < 2:
        return None
    drawn = [Drawn(kpi.code.upper(), values)]
    if aim is not None:
        drawn.append(Drawn(_("Target"), [aim] * len(lines), color=6, dashed=True))
    labels = [bucket_label(line.ends_on if is_rolling else line.starts_on) for line in lines]
    return line_chart(kpi.name, labels, drawn, value_format=FORMATS.get(kpi.unit, "number"), height=height)


def bucket_label(day: date) -> str:
    """A day as it stands below a picture."""
    return short_date(day, "j M")
