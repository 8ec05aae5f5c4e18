# ruff: noqa: S608  (every piece of SQL here is a constant of this module; values travel as parameters)
"""What is counted: each measure as rows of (day, channel, salesperson, attended by, value), straight from the records.

Nothing is stored twice, so a number is never older than the record it came from; indexes on the time columns keep a
question over a year under a tenth of a second on a hundred thousand leads. Days are cut by the company's zone.

- A lead belongs to the day it occurred. Its salesperson is the owner of the contact's mini-list at that time, else the
  person it was assigned to.
- A customer is counted once, on the day of the contact's first sale over nothing, and credited to the channel, the way
  of attending and (failing a mini-list) the person of their latest lead at or before it; without a lead to the order's
  channel.
- A cohort customer is the same person, dated on the day of that lead.
- Revenue is the net of sales and returns at the stored rate. Spend is booked to a channel and a day only.
"""

from dataclasses import dataclass
from decimal import Decimal
from typing import Any, Literal

from django.db import connection

from analytics.kpis.periods import Period

Dimension = Literal["total", "channel", "salesperson", "attended_by", "day"]
Key = int | str | None

# What is looked up for a row stands in the select list or in a join on a key: Postgres leaves out what a question does
# not ask for, so a sum by day never looks for owners.
_OWNER = """(SELECT m.owner_id FROM crm_minilistmembership m
    WHERE m.contact_id = {contact} AND m.since <= {at} AND (m.until IS NULL OR m.until > {at})
    ORDER BY m.since DESC LIMIT 1)"""

_SPEND = """SELECT s.day, s.channel_id, NULL::bigint AS owner_id, NULL::text AS attended_by, s.amount * s.rate AS value
FROM marketing_spendentry s WHERE s.day BETWEEN %(start)s AND %(end)s"""

_LEADS = f"""SELECT (l.occurred_at AT TIME ZONE %(zone)s)::date AS day, l.channel_id,
    coalesce({_OWNER.format(contact="l.contact_id", at="l.occurred_at")}, l.owner_id) AS owner_id, l.attended_by,
    1 AS value
FROM crm_lead l WHERE l.occurred_at >= %(begins_at)s AND l.occurred_at < %(ends_at)s"""

_CUSTOMERS = f"""SELECT (c.first_order_at AT TIME ZONE %(zone)s)::date AS day,
    coalesce(l.channel_id, (
        SELECT y.channel_id FROM crm_order y
        WHERE y.contact_id = c.id AND y.placed_at = c.first_order_at AND y.kind = 'sale' AND y.gross > 0
        ORDER BY y.id LIMIT 1)) AS channel_id,
    coalesce({_OWNER.format(contact="c.id", at="c.first_order_at")}, l.owner_id) AS owner_id, l.attended_by,
    {{value}} AS value
FROM crm_contact c LEFT JOIN crm_lead l ON l.id = (
    SELECT x.id FROM crm_lead x WHERE x.contact_id = c.id AND x.occurred_at <= c.first_order_at
    ORDER BY x.occurred_at DESC, x.id DESC LIMIT 1)
WHERE c.first_order_at >= %(begins_at)s AND c.first_order_at < %(ends_at)s"""

_NO_LEAD = """CASE WHEN EXISTS (
    SELECT 1 FROM crm_lead z WHERE z.contact_id = c.id AND z.occurred_at <= c.first_order_at) THEN 0 ELSE 1 END"""

_COHORT = f"""SELECT (l.occurred_at AT TIME ZONE %(zone)s)::date AS day, l.channel_id,
    coalesce({_OWNER.format(contact="l.contact_id", at="l.occurred_at")}, l.owner_id) AS owner_id, l.attended_by,
    1 AS value
FROM crm_lead l JOIN crm_contact c ON c.id = l.contact_id AND c.first_order_at >= l.occurred_at
WHERE l.occurred_at >= %(begins_at)s AND l.occurred_at < %(ends_at)s AND NOT EXISTS (
    SELECT 1 FROM crm_lead x WHERE x.contact_id = l.contact_id AND x.occurred_at <= c.first_order_at
    AND (x.occurred_at, x.id) > (l.occurred_at, l.id))"""

_REVENUE = f"""SELECT (r.placed_at AT TIME ZONE %(zone)s)::date AS day, r.channel_id,
    {_OWNER.format(contact="r.contact_id", at="r.placed_at")} AS owner_id, NULL::text AS attended_by,
    r.net * r.rate AS value
FROM crm_order r WHERE r.placed_at >= %(begins_at)s AND r.placed_at < %(ends_at)s"""

_ANSWERS = f"""SELECT (n.answered_at AT TIME ZONE %(zone)s)::date AS day, n.channel_id,
    {_OWNER.format(contact="n.contact_id", at="n.answered_at")} AS owner_id, NULL::text AS attended_by,
    {{value}} AS value
FROM crm_npsanswer n WHERE n.answered_at >= %(begins_at)s AND n.answered_at < %(ends_at)s"""


@dataclass(frozen=True)
class Measure:
    """`known_by` are the ways it can be split besides days; `is_money` sums are in the company's currency."""

    code: str
    sql: str
    known_by: frozenset[str]
    is_money: bool = False


_ALL = frozenset({"channel", "salesperson", "attended_by"})
_PEOPLE = frozenset({"channel", "salesperson"})

MEASURES: dict[str, Measure] = {
    measure.code: measure
    for measure in (
        Measure("spend", _SPEND, frozenset({"channel"}), is_money=True),
        Measure("leads", _LEADS, _ALL),
        Measure("customers", _CUSTOMERS.format(value="1"), _ALL),
        Measure("customers_without_lead", _CUSTOMERS.format(value=_NO_LEAD), _ALL),
        Measure("cohort_customers", _COHORT, _ALL),
        Measure("revenue", _REVENUE, _PEOPLE, is_money=True),
        Measure("nps_answers", _ANSWERS.format(value="1"), _PEOPLE),
        Measure("nps_promoters", _ANSWERS.format(value="CASE WHEN n.score >= 9 THEN 1 ELSE 0 END"), _PEOPLE),
        Measure("nps_detractors", _ANSWERS.format(value="CASE WHEN n.score <= 6 THEN 1 ELSE 0 END"), _PEOPLE),
        Measure(
            "nps_balance",
            _ANSWERS.format(value="CASE WHEN n.score >= 9 THEN 1 WHEN n.score <= 6 THEN -1 ELSE 0 END"),
            _PEOPLE,
        ),
    )
}
_COLUMNS: dict[str, str] = {
    "total": "NULL::text",
    "channel": "channel_id",
    "salesperson": "owner_id",
    "attended_by": "attended_by",
    "day": "day",
}


def measure_sums(
    codes: set[str],
    *,
    period: Period,
    by: Dimension,
    channel_id: int | None = None,
    salesperson_id: int | None = None,
) -> dict[str, dict[object, Decimal]]:
    """`{measure: {key: sum}}`; keys are channel or person ids, ways of attending or dates (None: nobody, none, total).

    A measure that is not known by salesperson is left out when one is asked for.
    """
    if salesperson_id is not None:
        codes = {code for code in codes if "salesperson" in MEASURES[code].known_by}
    sums: dict[str, dict[object, Decimal]] = {code: {} for code in codes}
    if not codes:
        return sums
    where = ["true"]
    parameters: dict[str, Any] = {
        "start": period.start,
        "end": period.end,
        "zone": period.zone.key,
        "begins_at": period.begins_at,
        "ends_at": period.ends_at,
        "channel": channel_id,
        "salesperson": salesperson_id,
    }
    if channel_id is not None:
        where.append("channel_id = %(channel)s")
    if salesperson_id is not None:
        where.append("owner_id = %(salesperson)s")
    statements = [
        f"SELECT '{code}' AS measure, {_COLUMNS[by]}::text AS key, sum(value) FROM ({MEASURES[code].sql}) r "
        f"WHERE {' AND '.join(where)} GROUP BY 2"
        for code in sorted(codes)
    ]
    with connection.cursor() as cursor:
        cursor.execute(" UNION ALL ".join(statements), parameters)
        for measure, key, value in cursor.fetchall():
            if value is not None:
                sums[measure][_key(by, key)] = Decimal(value)
    return sums


def _key(by: Dimension, text: str | None) -> object:
    if text is None:
        return None
    return int(text) if by in {"channel", "salesperson"} else text
