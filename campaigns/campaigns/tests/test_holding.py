"""Holding and ending a campaign by its page: nothing ends by one press, and the number of people is said and kept."""

from collections.abc import Callable

import pytest
from django.test import Client
from django.utils import timezone

from accounts.people.models import User
from campaigns.campaigns.models import Campaign
from campaigns.campaigns.tests.factories import campaign_make
from delivery.sends.models import Batch, Delivery, Send
from delivery.sends.tests.factories import put

pytestmark = pytest.mark.django_db
SignedIn = Callable[[User], Client]


@pytest.fixture
def campaign(marketer: User) -> Campaign:
    """Under way: 5 of 8 got it, 3 wait."""
    campaign = campaign_make(marketer)
    put(campaign.send, Send.State.SENDING, launched_at=timezone.now(), audience=8)
    Batch.objects.create(send=campaign.send, number=1, size=5, sent=5, state="done", done_at=timezone.now())
    Batch.objects.create(send=campaign.send, number=2, size=3)
    for key in range(3):
        Delivery.objects.create(send=campaign.send, contact_id=key, batch=2, address=f"p{key}@example.com")
    return campaign


def state(campaign: Campaign) -> str:
    return Send.objects.get(pk=campaign.send_id).state


def test_the_first_press_holds_it_and_asks_the_second_ends_it(
    campaign: Campaign, marketer: User, signed_in: SignedIn
) -> None:
    client, url = signed_in(marketer), f"/campaigns/{campaign.public_id}"
    answer = client.post(f"{url}/cancel/")
    assert (answer["Location"], state(campaign)) == (f"{url}/monitor/?confirm=cancel", "paused")
    page = client.get(answer["Location"]).content.decode()
    assert "3 waiting contacts will not receive the campaign." in page
    assert "5 messages were already sent." in page
    assert "Cancel for 3 contacts" in page
    assert "Resume sending" in page
    assert "Cancel for 3 contacts" in client.get(f"{url}/progress/?was=paused&confirm=cancel").content.decode()
    refused = client.post(f"{url}/cancel/", {"expected": "2"})
    assert (refused.status_code, state(campaign)) == (409, "paused")
    assert "3 contacts are still waiting. Nothing was cancelled" in refused.content.decode()
    assert client.post(f"{url}/cancel/", {"expected": "3"}).status_code == 302
    assert state(campaign) == "cancelled"
    assert set(Delivery.objects.filter(send=campaign.send).values_list("state", "reason")) == {("skipped", "cancelled")}


def test_what_has_not_begun_is_cancelled_at_once(campaign: Campaign, marketer: User, signed_in: SignedIn) -> None:
    put(campaign.send, Send.State.LATE, audience=None)
    signed_in(marketer).post(f"/campaigns/{campaign.public_id}/cancel/")
    assert state(campaign) == "cancelled"


def test_a_read_only_role_is_not_asked(campaign: Campaign, analyst: User, signed_in: SignedIn) -> None:
    page = signed_in(analyst).get(f"/campaigns/{campaign.public_id}/monitor/?confirm=cancel").content.decode()
    assert "Cancel the campaign?" not in page


def test_the_page_is_drawn_anew_when_the_state_changed(campaign: Campaign, marketer: User, signed_in: SignedIn) -> None:
    client, url = signed_in(marketer), f"/campaigns/{campaign.public_id}/progress/"
    assert "HX-Refresh" not in client.get(f"{url}?was=sending")
    assert client.get(f"{url}?was=freezing")["HX-Refresh"] == "true"
    put(campaign.send, Send.State.FINISHED)
    answer = client.get(f"{url}?was=sending")
    assert (answer.status_code, answer["HX-Refresh"]) == (286, "true")
