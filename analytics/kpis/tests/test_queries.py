"""The one way to ask for a number, against sums done by hand."""

from datetime import date, datetime, timedelta
from decimal import Decimal
from zoneinfo import ZoneInfo

import pytest

from accounts.company.models import Company
from accounts.people.models import User
from analytics.kpis.periods import Period, choose, preset_period
from analytics.kpis.queries import SPLITS, bucket_start, kpi_series
from core.kpis import kpis
from crm.channels.models import Channel
from crm.contacts.models import Contact, MiniListMembership
from crm.contacts.tests.factories import ContactFactory
from crm.leads.tests.factories import LeadFactory
from crm.sales.tests.factories import OrderFactory
from crm.surveys.models import NpsAnswer
from marketing.spend.models import SpendEntry

LIMA = ZoneInfo("America/Lima")
MARCH = Period(date(2026, 3, 1), date(2026, 3, 31), LIMA)


@pytest.fixture
def company(db: None) -> Company:
    Company.objects.update_or_create(pk=1, defaults={"time_zone": "America/Lima", "currency": "PEN"})
    return Company.get()


def at(text: str) -> datetime:
    return datetime.fromisoformat(text).replace(tzinfo=LIMA)


def customer(first: str, **fields: object) -> Contact:
    contact: Contact = ContactFactory.create(first_order_at=at(first))
    OrderFactory.create(contact=contact, placed_at=at(first), currency="PEN", **fields)
    return contact


@pytest.fixture
def march(company: Company, owner: User) -> dict[str, Channel]:
    """Ads: spend 100 + 20 USD at 3.5, two leads, one customer; SEO: one lead; one customer without a lead."""
    ads, seo = Channel.objects.get(code="search_ads"), Channel.objects.get(code="seo")
    SpendEntry.objects.create(channel=ads, day=date(2026, 3, 2), amount=Decimal(100), currency="PEN")
    SpendEntry.objects.create(channel=ads, day=date(2026, 3, 31), amount=Decimal(20), currency="USD", rate="3.5")
    SpendEntry.objects.create(channel=ads, day=date(2026, 4, 1), amount=Decimal(999), currency="PEN")
    buyer = customer("2026-03-20T10:00")
    LeadFactory.create(contact=buyer, channel=seo, occurred_at=at("2026-03-01T00:00"))
    LeadFactory.create(contact=buyer, channel=ads, occurred_at=at("2026-03-19T10:00"), attended_by="sales_force")
    LeadFactory.create(contact=buyer, channel=seo, occurred_at=at("2026-03-21T10:00"))
    LeadFactory.create(channel=ads, occurred_at=at("2026-04-01T00:00"))
    MiniListMembership.objects.create(contact=buyer, owner=owner, since=at("2026-03-10T00:00"))
    customer("2026-03-31T23:59", channel=seo)
    customer("2026-04-01T00:00")
    for score in (10, 9, 7, 3):
        NpsAnswer.objects.create(score=score, answered_at=at("2026-03-15T12:00"), contact=buyer)
    return {"ads": ads, "seo": seo}


CODES = ("spend", "leads", "customers", "customers_without_lead", "cpl", "cvr", "cvr_cohort", "cpa", "nps", "revenue")


def test_the_chain_by_hand(march: dict[str, Channel], director: User) -> None:
    total = kpi_series(codes=CODES, period=MARCH, user=director).total
    values = {code: value.value for code, value in total.values.items()}
    assert values["spend"] == 170
    assert values["leads"] == 3
    assert values["customers"] == 2
    assert values["customers_without_lead"] == 1
    assert values["cpl"] == Decimal("56.6667")
    assert values["cvr"] == Decimal("0.6667")
    assert values["cvr_cohort"] == Decimal("0.3333")
    assert values["cpa"] == 85
    assert values["nps"] == 25
    assert values["revenue"] == 200
    nps = total.values["nps"]
    assert [nps.numerator, nps.denominator] == [1, 4]
    assert nps.low is not None
    assert nps.low < 25


def test_by_channel_credits_the_latest_lead_before(march: dict[str, Channel], director: User) -> None:
    series = kpi_series(codes=CODES, period=MARCH, by="channel", user=director)
    rows = {row.key: row.values for row in series.rows}
    assert {key: values["customers"].value for key, values in rows.items()} == {"search_ads": 1, "seo": 1, "": 0}
    assert rows["search_ads"]["cpl"].value == 170
    assert rows["search_ads"]["cpa"].value == 170
    assert [rows["seo"][code].value for code in ("leads", "cpl")] == [2, 0]
    assert (rows[""]["cpl"].value, rows[""]["cpl"].reason_code) == (None, "no_leads")


def test_by_salesperson_at_that_time(march: dict[str, Channel], director: User, owner: User) -> None:
    rows = {row.key: row.values for row in kpi_series(codes=CODES, period=MARCH, by="salesperson", user=director).rows}
    assert [rows[key]["leads"].value for key in (owner.public_id, "")] == [2, 1]
    assert rows[owner.public_id]["cvr"].value == Decimal("0.5")
    assert (rows[owner.public_id]["cpl"].value, rows[owner.public_id]["cpl"].reason_code) == (None, "not_split")


def test_by_way_of_attending(march: dict[str, Channel], director: User) -> None:
    rows = {row.key: row.values for row in kpi_series(codes=CODES, period=MARCH, by="attended_by", user=director).rows}
    assert rows["sales_force"]["cvr"].value == 1
    assert rows["ecommerce"]["cvr"].value == 0
    assert rows[""]["customers"].value == 1


def test_a_salesperson_sees_their_own_only(march: dict[str, Channel], owner: User, outsider: User) -> None:
    mine = kpi_series(codes=CODES, period=MARCH, user=owner).total.values
    assert [mine[code].value for code in ("leads", "customers", "nps")] == [2, 1, 25]
    assert mine["spend"].reason_code == "not_split"
    others = kpi_series(codes=CODES, period=MARCH, by="channel", user=outsider)
    assert others.total.values["leads"].value == 0
    assert others.rows == ()


def test_rows_add_up_to_the_total_whatever_the_split(march: dict[str, Channel], director: User) -> None:
    sums = [code for code in CODES if not kpis[code].denominator]
    for by in SPLITS:
        series = kpi_series(codes=CODES, period=MARCH, by=by, user=director)
        for code in sums:
            cells = [row.values[code] for row in series.rows]
            if any(cell.reason_code for cell in cells):
                continue
            assert sum(cell.value or 0 for cell in cells) == series.total.values[code].value, (by, code)


def test_days_weeks_and_months_are_complete(march: dict[str, Channel], director: User) -> None:
    def keys(by: str) -> list[str]:
        return [row.key for row in kpi_series(codes=["leads"], period=MARCH, by=by, user=director).rows]  # type: ignore[arg-type]

    assert (len(keys("day")), keys("week")[0], keys("month")) == (31, "2026-02-23", ["2026-03-01"])
    assert bucket_start(date(2026, 3, 1), "week", week_starts_on=6) == date(2026, 3, 1)


def test_an_empty_home_is_undefined_with_reasons(company: Company, director: User) -> None:
    values = kpi_series(codes=CODES, period=MARCH, user=director).total.values
    assert {code for code, value in values.items() if value.value is None} == {"cpl", "cvr", "cvr_cohort", "cpa", "nps"}
    assert all(values[code].reason for code in ("cpl", "cvr", "cpa", "nps"))


def test_one_query_whatever_is_asked(
    march: dict[str, Channel], director: User, django_assert_num_queries: object
) -> None:
    with django_assert_num_queries(2):  # type: ignore[operator]
        series = kpi_series(codes=CODES, period=MARCH, by="day", user=director)
    assert len(series.rows) == MARCH.days


def test_comparison_of_a_running_period_stops_at_the_same_time_of_day() -> None:
    madrid = ZoneInfo("Europe/Madrid")
    now = datetime(2026, 3, 30, 15, 0, tzinfo=madrid)
    period = preset_period("last_7", today=now.date(), zone=madrid)
    before = period.previous(now)
    assert (before.start, before.end) == (date(2026, 3, 17), date(2026, 3, 23))
    # The clocks changed on 29 March; it is still 15:00 on the wall.
    assert before.ends_at.isoformat() == "2026-03-23T15:00:00+01:00"
    assert period.ends_at.isoformat() == "2026-03-31T00:00:00+02:00"


def test_a_finished_period_is_compared_whole() -> None:
    before = MARCH.previous(at("2026-05-01T00:00"))
    assert (before.start, before.end, before.cut) == (date(2026, 1, 29), date(2026, 2, 28), None)
    assert MARCH.year_before(at("2026-05-01T00:00")).start == MARCH.start - timedelta(weeks=52)


def test_a_day_of_the_clock_change_has_23_hours() -> None:
    day = Period(date(2026, 3, 29), date(2026, 3, 29), ZoneInfo("Europe/Madrid"))
    assert day.ends_at.timestamp() - day.begins_at.timestamp() == 23 * 3600


def test_choosing_a_period() -> None:
    now = at("2026-11-22T01:00")
    assert choose({"period": "this_month"}, now=now, zone=LIMA).period.start == date(2026, 11, 1)
    assert choose({"period": "last_month"}, now=now, zone=LIMA).period.end == date(2026, 10, 31)
    assert choose({"period": "this_quarter"}, now=now, zone=LIMA).period.start == date(2026, 10, 1)
    custom = choose({"from": "2026-01-05", "to": "2026-01-09"}, now=now, zone=LIMA)
    assert (custom.period.days, custom.query) == (5, "from=2026-01-05&to=2026-01-09")
    for bad in ({"from": "x"}, {"from": "2026-02-01", "to": "2026-01-01"}, {"from": "0001-01-01"}):
        assert choose(bad, now=now, zone=LIMA).message
