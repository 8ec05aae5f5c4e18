"""Test messages of campaigns, on their pages."""

from collections.abc import Callable

import pytest
from django.test import Client

from accounts.people.models import User
from campaigns.campaigns.tests.factories import campaign_make
from crm.contacts.tests.factories import ContactFactory
from delivery.sends.models import TestMessage

pytestmark = pytest.mark.django_db(transaction=True)


def test_the_pages_ask_for_tests_and_show_them(
    signed_in: Callable[[User], Client], owner: User, director: User
) -> None:
    campaign = campaign_make(director)
    ada = ContactFactory.create(first_name="Ada", last_name="Quispe")
    client = signed_in(director)
    page = f"/campaigns/{campaign.public_id}/content/"
    body = {"addresses": "me@company.example; you@company.example", "contact": ada.public_id}
    answer = client.post(f"{page}B/test-send/", body)
    assert answer["Location"] == f"{page}?v=B&contact={ada.public_id}"
    found = TestMessage.objects.values_list("label", "contact", "state")
    assert list(found) == [("B", ada.pk, "waiting")] * 2
    shown = client.get(f"{page}tests/").content.decode()
    assert "me@company.example" in shown
    assert "as Ada Quispe" in shown
    assert "hx-trigger" in shown
    TestMessage.objects.update(state=TestMessage.State.SENT, reply="250 ok")
    assert "hx-trigger" not in client.get(f"{page}tests/").content.decode()
