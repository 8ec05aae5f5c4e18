"""In an empty home, one of each moves the four key figures, and screen, API and CSV say the same."""

import csv
import io
import re
from decimal import Decimal

import pytest
from django.test import Client
from django.utils import timezone

from accounts.people.models import User
from crm.channels.models import Channel
from crm.contacts.models import Contact
from crm.leads.models import Lead
from crm.sales.tests.factories import OrderFactory
from crm.surveys.models import NpsAnswer
from crm.surveys.services import nps_url
from marketing.spend.models import SpendEntry

SHOWN = re.compile(r'data-value="(cpl|cvr|cpa|nps)">([^<]*)<')


def on_screen(client: Client) -> dict[str, str]:
    return {code: text.replace("\xa0", " ") for code, text in SHOWN.findall(client.get("/overview/").content.decode())}


def by_api(client: Client) -> dict[str, float | None]:
    values = client.get("/api/v1/kpis/").json()["total"]["values"]
    return {code: value["value"] for code, value in values.items()}


def by_csv(client: Client) -> dict[str, str]:
    lines = csv.DictReader(io.StringIO(client.get("/api/v1/kpis.csv").content.decode()))
    return {line["metric"]: line["value"] for line in lines if line["key"] == "total"}


def first_purchase(contact: Contact) -> None:
    """The person's first order, with the contact's own figure as the order services derive it."""
    moment = timezone.now()
    OrderFactory.create(contact=contact, placed_at=moment)
    Contact.objects.filter(pk=contact.pk).update(first_order_at=moment, last_order_at=moment, order_count=1)


@pytest.mark.django_db
def test_one_of_each_moves_the_chain(director: User, signed_in: object) -> None:
    client: Client = signed_in(director)  # type: ignore[operator]
    assert on_screen(client) == {"cpl": "—", "cvr": "—", "cpa": "—", "nps": "—"}
    assert by_api(client) == {"cpl": None, "cvr": None, "cpa": None, "nps": None}
    assert by_csv(client) == {"cpl": "", "cvr": "", "cpa": "", "nps": ""}

    channel = Channel.objects.get(code="search_ads")
    today = timezone.localdate().isoformat()
    typed = {"channel": channel.pk, "day": today, "amount": "60.00", "currency": "EUR"}
    assert client.post("/spend/new/", typed).status_code == 302
    assert SpendEntry.objects.get().amount == Decimal(60)
    assert by_api(client) == {"cpl": None, "cvr": None, "cpa": None, "nps": None}

    for email in ("ana@example.com", "ben@example.com"):
        lead = {"email": email, "channel": channel.pk, "occurred_at": timezone.now().strftime("%Y-%m-%dT%H:%M")}
        assert client.post("/leads/new/", {**lead, "attended_by": "ecommerce"}).status_code == 302
    assert Lead.objects.count() == 2
    assert by_api(client) == {"cpl": 30.0, "cvr": 0.0, "cpa": None, "nps": None}
    assert on_screen(client) == {"cpl": "€30.00", "cvr": "0.0%", "cpa": "—", "nps": "—"}

    ana = Contact.objects.get(email_normalized="ana@example.com")
    first_purchase(ana)
    link = nps_url(ana.public_id)
    assert Client().post(link[link.index("/nps/") :], {"score": "10"}).status_code == 200
    assert NpsAnswer.objects.count() == 1

    # By hand: 60 / 2 leads = 30; 1 of 2 = 50 %; 60 / 1 customer = 60; one promoter of one = +100.
    assert by_api(client) == {"cpl": 30.0, "cvr": 0.5, "cpa": 60.0, "nps": 100.0}
    assert by_csv(client) == {"cpl": "30", "cvr": "0.5", "cpa": "60", "nps": "100"}
    assert on_screen(client) == {"cpl": "€30.00", "cvr": "50.0%", "cpa": "€60.00", "nps": "+100.0"}
