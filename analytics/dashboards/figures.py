"""The chain on the director's first screen: spend, leads, customers, recommendation, and the four ratios between."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal

from django.utils.translation import gettext as _

from accounts.people.models import User
from analytics.dashboards.drill_links import Part, parts_of, rows_url
from analytics.kpis import figure_text
from analytics.kpis.periods import Period
from analytics.kpis.queries import KpiValue, Series, SeriesRow, kpi_series
from core.kpis import BetterWhen, Kpi, Unit, kpis
from core.ui import numbers
from marketing.planning.models import KpiTarget

SUMS = ("spend", "leads", "customers", "nps_answers")
CHAIN = ("cpl", "cvr", "cpa", "nps")
MAX_MOVERS = 3


@dataclass(frozen=True)
class Target:
    """What was aimed at, for exactly these days (a sum is shared out over the days of its target)."""

    value: Decimal
    is_met: bool | None
    text: str


@dataclass(frozen=True)
class Figure:
    """One number of the chain with everything said about it."""

    kpi: Kpi
    value: KpiValue
    text: str
    made_of: str
    interval: str
    change: str
    judgement: str
    judgement_text: str
    year_change: str
    target: Target | None
    trend: tuple[Decimal | None, ...]
    url: str = ""
    parts: tuple[Part, ...] = ()


@dataclass(frozen=True)
class Mover:
    """A channel and what its change did to the company's figure."""

    channel: str
    effect: Decimal
    text: str
    judgement: str
    because: str


def figures(
    codes: Sequence[str], *, period: Period, now: datetime, user: User, current: Series | None = None
) -> dict[str, Figure]:
    """The figures with comparison, target and trend: four questions to the records, whatever the codes. `current` is
    the answer of the period by its grain where a caller has asked before."""
    current = current or kpi_series(codes=codes, period=period, by=period.grain(), user=user)
    before = kpi_series(codes=codes, period=period.previous(now), user=user).total.values
    year = kpi_series(codes=codes, period=period.year_before(now), user=user).total.values
    targets = list(KpiTarget.objects.filter(starts_on__lte=period.end, ends_on__gte=period.start, kpi__in=codes))
    return {code: _figure(code, current, before[code], year[code], period, targets) for code in codes}


def _figure(
    code: str, current: Series, before: KpiValue, year: KpiValue, period: Period, targets: list[KpiTarget]
) -> Figure:
    kpi, value, money = kpis[code], current.total.values[code], current.currency
    better = figure_text.better_or_worse(kpi, value.value, before.value)
    return Figure(
        kpi=kpi,
        value=value,
        text=figure_text.value_text(kpi, value.value, money),
        made_of=figure_text.ratio_text(value, money),
        interval=figure_text.interval_text(kpi, value, money),
        change=figure_text.change_text(kpi, value.value, before.value, period.days, money),
        judgement=better,
        judgement_text=figure_text.better_or_worse_text(better),
        year_change=figure_text.value_text(kpi, year.value, money) if year.value is not None else "",
        target=target_for(kpi, value.value, period, [target for target in targets if target.kpi == code], money),
        trend=tuple(row.values[code].value for row in current.rows),
        url=rows_url(code, start=period.start, end=period.end),
        parts=parts_of(value, start=period.start, end=period.end, currency=money),
    )


def target_for(
    kpi: Kpi, value: Decimal | None, period: Period, targets: Sequence[KpiTarget], currency: str
) -> Target | None:
    """The target that covers most of the period (the shorter of equals); of a sum, its share of these days."""

    def shared(target: KpiTarget) -> int:
        return (min(target.ends_on, period.end) - max(target.starts_on, period.start)).days + 1

    def length(target: KpiTarget) -> int:
        return (target.ends_on - target.starts_on).days + 1

    if not targets:
        return None
    chosen = max(targets, key=lambda target: (shared(target), -length(target)))
    aim = chosen.value
    if not kpi.denominator:
        aim = chosen.value * shared(chosen) / length(chosen)
        aim = aim.quantize(Decimal("0.01") if kpi.unit is Unit.MONEY else Decimal(1))
    met = None if value is None else value >= aim if kpi.better_when is BetterWhen.HIGHER else value <= aim
    return Target(aim, met, figure_text.value_text(kpi, aim, currency))


def movers(code: str, *, period: Period, now: datetime, user: User, channels: Series | None = None) -> list[Mover]:
    """The channels that moved a ratio the most: what it would be had this channel stayed as it was before.

    Effects of single channels do not add up to the whole change of a ratio; each stands for itself. `channels` is the
    period's answer by channel where a caller has asked before.
    """
    kpi = kpis[code]
    if channels is None or code not in channels.codes:
        channels = kpi_series(codes=[code], period=period, by="channel", user=user)
    here = channels
    there = kpi_series(codes=[code], period=period.previous(now), by="channel", user=user)
    whole, was = here.total.values[code], there.total.values[code]
    if whole.value is None or was.value is None:
        return []
    old = {row.key: row for row in there.rows}
    found = []
    for row in [*here.rows, *(row for key, row in old.items() if key not in {it.key for it in here.rows})]:
        now_row = next((it for it in here.rows if it.key == row.key), None)
        mover = _mover(kpi, row, now_row, old.get(row.key), whole, here.currency)
        if mover is not None:
            found.append(mover)
    return sorted(found, key=lambda mover: -abs(mover.effect))[:MAX_MOVERS]


def _mover(
    kpi: Kpi, row: SeriesRow, now: SeriesRow | None, before: SeriesRow | None, whole: KpiValue, currency: str
) -> Mover | None:
    def part(line: SeriesRow | None, name: str) -> Decimal:
        value = getattr(line.values[kpi.code], name) if line else None
        return value or Decimal(0)

    top = (whole.numerator or Decimal(0)) - part(now, "numerator") + part(before, "numerator")
    below = (whole.denominator or Decimal(0)) - part(now, "denominator") + part(before, "denominator")
    if not below or whole.value is None:
        return None
    effect = whole.value - top * kpi.factor / below
    if round(effect, 4) == 0:
        return None
    judged = "better" if (effect > 0) == (kpi.better_when is BetterWhen.HIGHER) else "worse"
    changes = [
        f"{label} {numbers.signed(part(now, name) - part(before, name))}"
        for name, label in (("numerator", _measure(kpi.numerator)), ("denominator", _measure(kpi.denominator)))
    ]
    return Mover(row.label, effect, figure_text.signed_change(kpi, effect, currency), judged, ", ".join(changes))


def _measure(code: str) -> str:
    if code == "nps_balance":
        return _("promoters minus detractors")
    return str(kpis[code].name).lower()
