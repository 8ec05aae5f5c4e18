"""From a number to the rows it counts: the address of the list that shows exactly those."""

from dataclasses import dataclass
from datetime import date
from urllib.parse import urlencode

from django.urls import reverse

from analytics.kpis import figure_text
from analytics.kpis.measures import MEASURES
from analytics.kpis.queries import KpiValue

LISTS = {
    "spend": "spend_list",
    "leads": "lead_list",
    "cohort_customers": "lead_list",
    "customers": "new_customer_list",
    "customers_without_lead": "new_customer_list",
    "nps_answers": "nps_list",
}
EXTRA_FILTERS = {"cohort_customers": {"state": "first_sale"}, "customers_without_lead": {"lead": "no"}}
PARAMETERS = {"channel": "channel", "salesperson": "credit", "attended_by": "attended_by"}
NONE = "none"


@dataclass(frozen=True)
class Part:
    """A sum that a ratio is divided from, and the list of what it counts (none when it counts nothing)."""

    text: str
    url: str


def rows_url(code: str, *, start: date, end: date, by: str = "total", key: str = "") -> str:
    """The list behind the sum `code` over these company days, for the row `key` of a split `by` (an empty key: nobody,
    no channel). Empty for a ratio, whose two sums are the numbers to click."""
    if code not in LISTS or (by in PARAMETERS and by not in MEASURES[code].known_by):
        return ""
    asked = {"day_from": start.isoformat(), "day_to": end.isoformat(), **EXTRA_FILTERS.get(code, {})}
    if by in PARAMETERS:
        asked[PARAMETERS[by]] = key or NONE
    return f"{reverse(LISTS[code])}?{urlencode(asked)}"


def parts_of(value: KpiValue, *, start: date, end: date, currency: str = "") -> tuple[Part, ...]:
    """The two sums of a ratio over these days, each with its rows; none for a sum, nor where a part is a difference
    (promoters less detractors)."""
    kpi = value.kpi
    texts = figure_text.ratio_sums(value, currency)
    if not texts or kpi.numerator not in LISTS:
        return ()
    sums = ((kpi.numerator, value.numerator), (kpi.denominator, value.denominator))
    return tuple(
        Part(text, rows_url(code, start=start, end=end) if amount else "")
        for (code, amount), text in zip(sums, texts, strict=True)
    )
