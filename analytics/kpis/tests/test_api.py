"""The API of the numbers: what it says, and that the CSV says the same."""

import csv
import io
from datetime import date
from decimal import Decimal

import pytest
from django.test import Client

from accounts.people.models import User
from accounts.tokens.authentication import token_digest
from accounts.tokens.models import ApiToken
from crm.channels.models import Channel
from crm.leads.models import Lead
from crm.leads.tests.factories import LeadFactory
from marketing.spend.models import SpendEntry


def bearer(user: User, *scopes: str) -> Client:
    ApiToken.objects.create(user=user, name="t", prefix="t", token_hash=token_digest("secret"), scopes=list(scopes))
    return Client(headers={"authorization": "Bearer secret"})


@pytest.fixture
def lead(db: None) -> Lead:
    made: Lead = LeadFactory.create(channel=Channel.objects.get(code="seo"))
    SpendEntry.objects.create(channel=made.channel, day=made.occurred_at.date(), amount=Decimal(12), currency="EUR")
    return made


def test_json_and_csv_are_one_answer(lead: Lead, analyst: User) -> None:
    client = bearer(analyst, "kpis:read")
    data = client.get("/api/v1/kpis/?by=channel").json()
    assert data["total"]["values"]["cpl"] == {
        "value": 12.0,
        "numerator": 12.0,
        "denominator": 1.0,
        "interval": None,
        "reason": "",
    }
    assert data["total"]["values"]["cpa"]["value"] is None
    assert data["total"]["values"]["cpa"]["reason"] == "no_customers"
    assert [row["key"] for row in data["rows"]] == ["seo"]
    for address, accept in (
        ("/api/v1/kpis.csv?", ""),
        ("/api/v1/kpis/?format=csv&", ""),
        ("/api/v1/kpis/?", "text/csv"),
    ):
        answer = client.get(f"{address}by=channel", headers={"accept": accept or "*/*"})
        assert answer["Content-Type"].startswith("text/csv")
        lines = list(csv.DictReader(io.StringIO(answer.content.decode())))
        said = {(line["key"], line["metric"]): line["value"] for line in lines}
        for row in [*data["rows"], data["total"]]:
            for code, value in row["values"].items():
                expected = "" if value["value"] is None else str(value["value"])
                assert said[row["key"], code] == expected


def test_a_count_is_a_whole_number_wherever_it_stands(lead: Lead, director: User) -> None:
    LeadFactory.create_batch(11, channel=lead.channel)
    client = bearer(director, "kpis:read")
    metrics = "leads,customers,nps_answers,customers_without_lead,cpl"
    answer = client.get(f"/api/v1/kpis/?metrics={metrics}").content.decode()
    assert '"leads":{"value":12,"numerator":12,"denominator":null' in answer.replace(" ", "")
    assert '"cpl":{"value":1,"numerator":12,"denominator":12' in answer.replace(" ", "")
    lines = list(csv.DictReader(io.StringIO(client.get(f"/api/v1/kpis.csv?metrics={metrics}").content.decode())))
    said = {line["metric"]: (line["value"], line["numerator"], line["denominator"]) for line in lines}
    assert said == {
        "leads": ("12", "12", ""),
        "customers": ("0", "0", ""),
        "nps_answers": ("0", "0", ""),
        "customers_without_lead": ("0", "0", ""),
        "cpl": ("1", "12", "12"),
    }
    client.force_login(director)
    assert '<span class="n-sum-name">Leads</span> <b>12</b>' in client.get("/overview/").content.decode()


@pytest.mark.parametrize(
    ("query", "field"),
    [
        ("metrics=cpl,banana", "metrics"),
        ("from=yesterday", "from"),
        ("by=planet", "by"),
        ("from=2026-02-01&to=2026-01-01", "to"),
        ("from=1950-01-01", "from"),
    ],
)
def test_what_cannot_be_asked(analyst: User, query: str, field: str) -> None:
    answer = bearer(analyst, "kpis:read").get(f"/api/v1/kpis/?{query}")
    assert answer.status_code in {400, 422}
    assert field in answer.json()["error"]["fields"]


def test_unknown_channel_and_person_are_404(analyst: User, owner: User, outsider: User) -> None:
    client = bearer(analyst, "kpis:read")
    assert client.get("/api/v1/kpis/?channel=nowhere").status_code == 404
    assert client.get(f"/api/v1/kpis/?salesperson={owner.public_id}").status_code == 200
    ApiToken.objects.all().delete()
    assert bearer(outsider, "kpis:read").get(f"/api/v1/kpis/?salesperson={owner.public_id}").status_code == 404


def test_scopes_and_strangers(analyst: User) -> None:
    assert Client().get("/api/v1/kpis/").status_code == 401
    assert bearer(analyst, "leads:write").get("/api/v1/kpis/").status_code == 403


def test_definitions(analyst: User) -> None:
    said = {item["code"]: item for item in bearer(analyst, "kpis:read").get("/api/v1/kpis/definitions/").json()}
    assert (said["cpl"]["numerator"], said["cpl"]["denominator"], said["cpl"]["unit"]) == ("spend", "leads", "money")


def test_a_lead_spend_and_an_answer_are_recorded_once(marketer: User) -> None:
    client = bearer(marketer, "leads:write", "spend:write", "nps:write")
    bodies = {
        "/api/v1/leads/": {"external_id": "1", "channel": "seo", "email": "new@example.com"},
        "/api/v1/spend/": {"external_id": "1", "channel": "seo", "day": "2026-03-01", "amount": "10.00"},
        "/api/v1/nps/": {"external_id": "1", "score": 10, "email": "new@example.com"},
    }
    for address, body in bodies.items():
        codes = [client.post(address, body, content_type="application/json").status_code for _time in range(2)]
        assert codes == [201, 200], address
    assert (Lead.objects.count(), SpendEntry.objects.get().day) == (1, date(2026, 3, 1))
    bad = client.post("/api/v1/leads/", {"channel": "moon"}, content_type="application/json")
    assert (bad.status_code, sorted(bad.json()["error"]["fields"])) == (400, ["channel", "external_id"])
