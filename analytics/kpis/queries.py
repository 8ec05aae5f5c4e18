"""The one way to ask for a number. The screens, the API, the CSV and the alerts all come through `kpi_series`."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from decimal import Decimal
from typing import Literal

from django.utils.translation import gettext as _
from django.utils.translation import pgettext

from accounts.company.models import Company
from accounts.people.models import User
from analytics.kpis.measures import MEASURES, Dimension, measure_sums
from analytics.kpis.periods import Period
from core.kpis import Kpi, Sums, kpis
from core.statistics.proportions import Interval
from crm.channels.models import Channel
from crm.leads.models import Lead

By = Literal["total", "channel", "salesperson", "attended_by", "day", "week", "month"]
SPLITS: tuple[By, ...] = ("channel", "salesperson", "attended_by", "day", "week", "month")
TIME_SPLITS = frozenset({"day", "week", "month"})
PLACES = Decimal("0.0001")


@dataclass(frozen=True)
class KpiValue:
    """A KPI with what it is made of. `value` is None when undefined, and `reason` says why.

    `low` and `high` are the 95 % interval where chance plays a part (CVR, CPA, NPS).
    """

    kpi: Kpi
    value: Decimal | None
    numerator: Decimal | None
    denominator: Decimal | None
    low: Decimal | None = None
    high: Decimal | None = None
    reason: str = ""
    reason_code: str = ""


@dataclass(frozen=True)
class SeriesRow:
    """One line of an answer: a channel, a person, a day. `key` is stable (code, public id, ISO day; empty for none)."""

    key: str
    label: str
    values: dict[str, KpiValue]
    starts_on: date | None = None
    ends_on: date | None = None
    group: str = ""
    pk: int | None = None


@dataclass(frozen=True)
class Series:
    """The answer to one question; `total` is recomputed from sums, never from the rows."""

    codes: tuple[str, ...]
    period: Period
    by: By
    currency: str
    total: SeriesRow
    rows: tuple[SeriesRow, ...]


def kpi_series(
    *,
    codes: Sequence[str],
    period: Period,
    by: By = "total",
    user: User,
    channel: Channel | None = None,
    salesperson: User | None = None,
) -> Series:
    """The KPIs `codes` over `period`, split `by`. A salesperson is answered about their own mini-list only.

    Raises KeyError for an unknown code.
    """
    company = Company.get()
    person = user if user.is_salesperson else salesperson
    wanted = _measures_of(codes)
    dimension: Dimension = "day" if by in TIME_SPLITS else by  # type: ignore[assignment]
    sums = measure_sums(
        wanted,
        period=period,
        by=dimension,
        channel_id=channel.pk if channel else None,
        salesperson_id=person.pk if person else None,
    )
    folded = _fold(sums, by=by, period=period, week_starts_on=company.week_starts_on)
    totals = {measure: sum(values.values(), Decimal(0)) for measure, values in sums.items()}
    total = SeriesRow("total", _("Total"), _values(codes, totals, by="total", person=person))
    rows = () if by == "total" else _rows(codes, folded, by=by, period=period, person=person, company=company)
    return Series(tuple(codes), period, by, company.currency, total, rows)


def _measures_of(codes: Iterable[str]) -> set[str]:
    wanted: set[str] = set()
    for code in codes:
        wanted |= kpis[code].measures
    return wanted


def _fold(
    sums: Mapping[str, Mapping[object, Decimal]], *, by: By, period: Period, week_starts_on: int
) -> dict[object, dict[str, Decimal]]:
    """`{key: {measure: sum}}`, days gathered into weeks or months; every bucket of the period is there."""
    folded: dict[object, dict[str, Decimal]] = {}
    if by in TIME_SPLITS:
        for offset in range(period.days):
            folded.setdefault(bucket_start(period.start + timedelta(days=offset), by, week_starts_on), {})
    for measure, values in sums.items():
        for key, value in values.items():
            place = bucket_start(date.fromisoformat(str(key)), by, week_starts_on) if by in TIME_SPLITS else key
            row = folded.setdefault(place, {})
            row[measure] = row.get(measure, Decimal(0)) + value
    if by in TIME_SPLITS:
        for row in folded.values():
            for measure in sums:
                row.setdefault(measure, Decimal(0))
    return folded


def bucket_start(day: date, by: str, week_starts_on: int = 0) -> date:
    """The first day of the day's bucket; weeks begin on the company's day (0 is Monday)."""
    if by == "month":
        return day.replace(day=1)
    if by == "week":
        return day - timedelta(days=(day.weekday() - week_starts_on) % 7)
    return day


def _bucket_end(start: date, by: str) -> date:
    if by == "month":
        return (start.replace(day=28) + timedelta(days=4)).replace(day=1) - timedelta(days=1)
    return start + timedelta(days=6 if by == "week" else 0)


def _rows(
    codes: Sequence[str],
    folded: dict[object, dict[str, Decimal]],
    *,
    by: By,
    period: Period,
    person: User | None,
    company: Company,
) -> tuple[SeriesRow, ...]:
    if by in TIME_SPLITS:
        rows = []
        for start in sorted(key for key in folded if isinstance(key, date)):
            first, last = max(start, period.start), min(_bucket_end(start, by), period.end)
            values = _values(codes, folded[start], by=by, person=person)
            rows.append(SeriesRow(start.isoformat(), start.isoformat(), values, starts_on=first, ends_on=last))
        return tuple(rows)
    filled = {key: {**dict.fromkeys(_split_measures(codes, by), Decimal(0)), **row} for key, row in folded.items()}
    if by == "attended_by":
        names = {str(value): str(label) for value, label in Lead.AttendedBy.choices}
        return tuple(
            SeriesRow(str(key or ""), names.get(str(key), _("Without a lead")), _values(codes, filled[key], by=by))
            for key in sorted(filled, key=lambda it: (it is None, str(it)))
        )
    if by == "salesperson":
        people = User.objects.in_bulk([key for key in filled if isinstance(key, int)])
        return tuple(
            SeriesRow(
                people[key].public_id if isinstance(key, int) else "",
                people[key].full_name if isinstance(key, int) else _("No owner"),
                _values(codes, filled[key], by=by, person=person),
                pk=key if isinstance(key, int) else None,
            )
            for key in sorted(filled, key=lambda it: (it is None, people[it].full_name if isinstance(it, int) else ""))
        )
    return _channel_rows(codes, filled, person=person)


def _channel_rows(
    codes: Sequence[str], filled: dict[object, dict[str, Decimal]], *, person: User | None
) -> tuple[SeriesRow, ...]:
    channels = Channel.objects.in_bulk([key for key in filled if isinstance(key, int)])
    rows = [
        SeriesRow(
            channel.code,
            str(channel),
            _values(codes, filled[pk], by="channel", person=person),
            group=channel.get_group_display(),
            pk=pk,
        )
        for pk, channel in sorted(channels.items(), key=lambda it: (it[1].position, it[1].name))
    ]
    if None in filled:
        values = _values(codes, filled[None], by="channel", person=person)
        rows.append(SeriesRow("", pgettext("channel", "No channel"), values))
    return tuple(rows)


def _split_measures(codes: Sequence[str], by: str) -> list[str]:
    return [measure for measure in _measures_of(codes) if by in MEASURES[measure].known_by]


def _values(codes: Sequence[str], sums: Sums, *, by: By, person: User | None = None) -> dict[str, KpiValue]:
    return {code: kpi_value(kpis[code], sums, by=by, person=person) for code in codes}


def kpi_value(kpi: Kpi, sums: Sums, *, by: By = "total", person: User | None = None) -> KpiValue:
    """One KPI out of summed measures; undefined with its reason when there is nothing to divide by."""
    parts = [name for name in (kpi.numerator, kpi.denominator) if name]
    ways = ({by} if by in {"channel", "salesperson", "attended_by"} else set()) | ({"salesperson"} if person else set())
    if any(not ways <= MEASURES[name].known_by for name in parts):
        return KpiValue(kpi, None, None, None, reason=str(kpi.not_split), reason_code="not_split")
    top = sums.get(kpi.numerator, Decimal(0))
    if not kpi.denominator:
        return KpiValue(kpi, _rounded(top), _rounded(top), None)
    below = sums.get(kpi.denominator, Decimal(0))
    if not below:
        code = f"no_{kpi.denominator}"
        return KpiValue(kpi, None, _rounded(top), _rounded(below), reason=str(kpi.undefined), reason_code=code)
    interval = _interval(kpi, sums)
    return KpiValue(
        kpi,
        _rounded(top * kpi.factor / below),
        _rounded(top),
        _rounded(below),
        low=_rounded(interval.low) if interval else None,
        high=_rounded(interval.high) if interval else None,
    )


def _interval(kpi: Kpi, sums: Sums) -> Interval | None:
    if kpi.interval is None or any(measure not in sums for measure in kpi.interval_measures):
        return None
    return kpi.interval(sums)


def _rounded(value: Decimal | float) -> Decimal:
    return Decimal(value).quantize(PLACES)
