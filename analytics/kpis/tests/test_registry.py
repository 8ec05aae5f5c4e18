"""A key figure is added by its definition alone: the question, the API, the spreadsheet and the targets know it."""

from datetime import date
from decimal import Decimal
from zoneinfo import ZoneInfo

import pytest

from accounts.people.models import User
from analytics.kpis.figure_text import better_or_worse
from analytics.kpis.intervals import share_of
from analytics.kpis.measures import MEASURES
from analytics.kpis.periods import Period
from analytics.kpis.queries import kpi_series, kpi_value
from analytics.kpis.tests.test_api import bearer
from core.kpis import BetterWhen, Kpi, Unit, kpis
from crm.channels.models import Channel
from crm.leads.tests.factories import LeadFactory
from marketing.planning.forms import TargetForm

MARCH = Period(date(2026, 3, 1), date(2026, 3, 31), ZoneInfo("UTC"))
UNKNOWN = Kpi(
    code="without_lead",
    name="Customers without a lead, of all",
    question="How many of our customers did we not see coming?",
    formula="New customers without a lead ÷ new customers.",
    unit=Unit.RATIO,
    better_when=BetterWhen.LOWER,
    numerator="customers_without_lead",
    denominator="customers",
    interval=share_of("customers_without_lead", "customers"),
    undefined="Nobody bought.",
    not_split="Not that way.",
    is_compared=False,
    has_targets=True,
)


@pytest.fixture
def added(monkeypatch: pytest.MonkeyPatch) -> Kpi:
    monkeypatch.setattr(kpis, "_items", dict(kpis._items))
    return kpis.register(UNKNOWN)


def test_its_value_its_interval_and_its_reasons(added: Kpi) -> None:
    value = kpi_value(added, {"customers_without_lead": Decimal(1), "customers": Decimal(4)})
    assert (value.value, value.numerator, value.denominator) == (Decimal("0.25"), Decimal(1), Decimal(4))
    assert (value.low, value.high) == (Decimal("0.0456"), Decimal("0.6994"))
    nothing = kpi_value(added, {"customers_without_lead": Decimal(0), "customers": Decimal(0)})
    assert (nothing.value, nothing.reason, nothing.reason_code) == (None, "Nobody bought.", "no_customers")
    assert better_or_worse(added, Decimal(1), Decimal(2)) == ""


def test_a_split_that_a_measure_does_not_know_says_so(added: Kpi) -> None:
    spend = Kpi(**{**added.__dict__, "code": "x", "numerator": "spend"})
    value = kpi_value(spend, {}, by="salesperson")
    assert (value.value, value.reason, value.reason_code) == (None, "Not that way.", "not_split")


def test_an_interval_whose_measures_are_not_known_is_left_out() -> None:
    sums = {"spend": Decimal(100), "customers": Decimal(4)}
    assert kpi_value(kpis["cpa"], sums).low is None
    assert kpi_value(kpis["cpa"], {**sums, "leads": Decimal(10)}).low is not None


@pytest.mark.django_db
def test_everything_that_shows_figures_knows_it(added: Kpi, director: User) -> None:
    LeadFactory.create(channel=Channel.objects.get(code="seo"))
    series = kpi_series(codes=["without_lead", "leads"], period=MARCH, by="channel", user=director)
    assert series.total.values["without_lead"].reason == "Nobody bought."
    api = bearer(director, "kpis:read")
    answer = api.get("/api/v1/kpis/?metrics=without_lead").json()
    assert answer["total"]["values"]["without_lead"]["reason"] == "no_customers"
    assert "without_lead" in api.get("/api/v1/kpis.csv?metrics=without_lead").content.decode()
    assert "without_lead" in {item["code"] for item in api.get("/api/v1/kpis/definitions/").json()}
    assert ("without_lead", added.name) in TargetForm().fields["kpi"].choices  # type: ignore[attr-defined]


@pytest.mark.django_db
def test_the_targets_offered() -> None:
    offered = [code for code, _name in TargetForm().fields["kpi"].choices]  # type: ignore[attr-defined]
    assert offered == ["cpl", "cvr", "cpa", "nps", "spend", "leads", "customers"]


def test_every_measure_of_a_key_figure_is_counted() -> None:
    assert {measure for kpi in kpis for measure in kpi.measures} <= MEASURES.keys()
