"""My results: a salesperson's figures, like for like against their own past, and never another's."""

from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from zoneinfo import ZoneInfo

import pytest
from django.test import Client

from accounts.people.models import User
from analytics.dashboards.my_results import Result, results_of
from analytics.kpis.periods import Period
from campaigns.letters.models import Letter
from campaigns.letters.tests.factories import letter_make
from crm.activities.models import FollowUp, Note
from crm.contacts.models import MiniListMembership
from crm.contacts.tests.factories import ContactFactory
from crm.leads.tests.factories import LeadFactory
from crm.sales.services import order_figures_refresh
from crm.sales.tests.factories import OrderFactory
from crm.surveys.models import NpsAnswer
from delivery.sends.models import Delivery
from marketing.planning.models import KpiTarget

NOW = datetime(2026, 3, 31, 15, tzinfo=UTC)
MARCH = Period(date(2026, 3, 4), date(2026, 3, 31), ZoneInfo("UTC"))


@pytest.fixture
def _sales(owner: User, teammate: User) -> None:
    """Of the owner's customer: 30 and 50 in the 28 days; 20 before, and 7 in the evening of that period's last day,
    which is later than the hour it is now. Of the teammate's customer: 1,000."""
    mine, theirs = ContactFactory.create_batch(2)
    for contact, person in ((mine, owner), (theirs, teammate)):
        MiniListMembership.objects.create(contact=contact, owner=person, since=NOW - timedelta(days=400))
    for contact, at, amount in (
        (mine, NOW - timedelta(days=1), 30),
        (mine, NOW - timedelta(hours=1), 50),
        (mine, NOW - timedelta(days=28, hours=1), 20),
        (mine, NOW - timedelta(days=28) + timedelta(hours=5), 7),
        (mine, NOW - timedelta(weeks=52, hours=1), 11),
        (theirs, NOW - timedelta(days=1), 1000),
    ):
        OrderFactory.create(contact=contact, placed_at=at, gross=amount, net=amount)
    order_figures_refresh(contact_ids=[mine.pk, theirs.pk])


def results(user: User, period: Period = MARCH) -> dict[str, Result]:
    return {result.code: result for result in results_of(user=user, period=period, now=NOW)}


@pytest.mark.usefixtures("_sales")
def test_sales_against_the_same_hours_before(owner: User, teammate: User) -> None:
    mine = results(owner)
    assert (mine["sales"].text, mine["sales"].change) == ("€80.00", "€60.00 higher than in the 28 days before")
    assert (mine["sales"].judgement, mine["sales"].year_change) == ("better", "€11.00")
    assert (mine["orders"].text, mine["orders"].change) == ("2", "1 more than in the 28 days before")
    assert results(teammate)["sales"].text == "€1,000.00"


@pytest.mark.usefixtures("_sales")
def test_the_trend_adds_up_to_the_figure(owner: User) -> None:
    chart = results(owner)["sales"].chart
    assert chart is not None
    values = chart.option["series"][0]["data"]
    assert (len(values), sum(values), values[-2:]) == (28, 80, [30.0, 50.0])
    year = results(owner, Period(date(2026, 1, 1), date(2026, 12, 31), ZoneInfo("UTC")))["sales"].chart
    assert year is not None
    assert [len(year.rows), sum(year.option["series"][0]["data"])] == [12, 107]


def test_people_contacted_count_once(owner: User) -> None:
    contact, other = ContactFactory.create_batch(2)
    for _call in range(2):
        Note.objects.create(contact=contact, author=owner, kind=Note.Kind.CALL, at=NOW - timedelta(days=2))
    FollowUp.objects.create(
        contact=other, owner=owner, reason=FollowUp.Reason.IDLE, due_on=MARCH.end, done_at=NOW - timedelta(days=1)
    )
    FollowUp.objects.create(
        contact=contact, owner=owner, reason=FollowUp.Reason.IDLE, due_on=MARCH.end, done_at=NOW - timedelta(days=1)
    )
    assert results(owner)["contacted"].text == "2"


def test_letters_that_arrived(owner: User, teammate: User) -> None:
    for author, state in ((owner, "sent"), (owner, "failed"), (teammate, "sent")):
        letter: Letter = letter_make(author)
        Delivery.objects.create(
            send=letter.send, contact_id=1, batch=1, state=state, changed_at=NOW - timedelta(days=1)
        )
    assert results(owner)["letters"].text == "1"


def test_own_rates_stand_beside_the_company_target(owner: User) -> None:
    """Four leads, one customer: 25 %, where the company wants 20 %. Its target of customers is everybody's together."""
    contacts = ContactFactory.create_batch(4)
    for contact in contacts:
        MiniListMembership.objects.create(contact=contact, owner=owner, since=NOW - timedelta(days=90))
        LeadFactory.create(contact=contact, occurred_at=NOW - timedelta(days=5))
    OrderFactory.create(contact=contacts[0], placed_at=NOW - timedelta(days=2), gross=10, net=10)
    order_figures_refresh(contact_ids=[contacts[0].pk])
    NpsAnswer.objects.create(contact=contacts[0], score=10, answered_at=NOW - timedelta(days=1))
    for code, value in (("cvr", "0.2"), ("customers", "40")):
        KpiTarget.objects.create(kpi=code, starts_on=MARCH.start, ends_on=MARCH.end, value=Decimal(value))
    found = results(owner)
    cvr, customers, nps = found["cvr"], found["customers"], found["nps"]
    assert cvr.target is not None
    assert (cvr.text, cvr.target.text, cvr.target.is_met) == ("25.0%", "20.0%", True)
    assert cvr.explanation.startswith("New customers ÷ leads, both dated in the period. 1 ÷ 4.")
    assert (customers.text, customers.target, nps.text) == ("1", None, "+100.0")


def test_page_of_somebody_new_has_every_figure(client: Client, owner: User) -> None:
    client.force_login(owner)
    answer = client.get("/my/results/?period=last_7")
    assert [result.code for result in answer.context["results"]] == [
        "sales",
        "orders",
        "contacted",
        "letters",
        "customers",
        "cvr",
        "nps",
    ]
    content = answer.content.decode()
    assert "No leads in this period" in content
    assert "The same as in the 7 days before" in content


@pytest.mark.usefixtures("_sales")
def test_page_keeps_its_days_in_the_address(client: Client, owner: User, director: User) -> None:
    client.force_login(owner)
    content = client.get("/my/results/?from=2026-03-31&to=2026-03-31").content.decode()
    assert "€50.00" in content
    assert "€1,000.00" not in content
    client.force_login(director)
    assert client.get("/my/results/").status_code == 403
