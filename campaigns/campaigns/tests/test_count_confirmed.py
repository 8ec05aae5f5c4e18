"""Nobody sends to a number of people that they did not see and agree to."""

from datetime import timedelta
from typing import Any

import pytest
from django.test import Client
from django.utils import timezone

from accounts.people.models import User
from accounts.tokens.services import token_create
from campaigns.campaigns.launch import campaign_launch
from campaigns.campaigns.models import Campaign
from campaigns.campaigns.tests.factories import campaign_make
from campaigns.letters.models import Letter
from campaigns.letters.tests.factories import letter_make
from crm.consent.models import Suppression
from delivery.sends.models import Send
from delivery.sends.tests.factories import willing

pytestmark = pytest.mark.django_db


@pytest.mark.parametrize("posted", [{}, {"expected": ""}, {"expected": "all"}, {"expected": "-1"}])
def test_a_launch_without_the_count_asks_for_it(client: Client, marketer: User, posted: dict[str, str]) -> None:
    willing(3)
    campaign = campaign_make(marketer)
    client.force_login(marketer)
    answer = client.post(f"/campaigns/{campaign.public_id}/launch/", {"when": "now", **posted})
    page = answer.content.decode()
    assert answer.status_code == 422
    assert "The number of recipients was not confirmed." in page
    assert 'name="expected" value="3"' in page
    assert Send.objects.get().state == Send.State.DRAFT


def test_a_count_that_changed_is_shown_anew_and_can_be_confirmed(client: Client, marketer: User) -> None:
    willing(3)
    campaign = campaign_make(marketer)
    client.force_login(marketer)
    willing(2)
    answer = client.post(f"/campaigns/{campaign.public_id}/launch/", {"when": "now", "expected": "3"})
    page = answer.content.decode()
    assert answer.status_code == 409
    assert "The audience is now 5 contacts. Nothing was sent" in page
    assert 'name="expected" value="5"' in page
    assert "Send to 5 contacts" in page
    assert Send.objects.get().state == Send.State.DRAFT
    assert client.post(f"/campaigns/{campaign.public_id}/launch/", {"when": "now", "expected": "5"}).status_code == 302
    assert Send.objects.get().state == Send.State.FREEZING


def test_a_scheduled_campaign_says_whom_it_reaches_as_of_now(client: Client, analyst: User, marketer: User) -> None:
    willing(3)
    campaign = campaign_make(marketer)
    at = timezone.now() + timedelta(days=2)
    campaign_launch(campaign=campaign, actor=marketer, at=at, zone="Europe/Madrid", expected=3)
    client.force_login(analyst)
    page = client.get(f"/campaigns/{campaign.public_id}/send/").content.decode()
    assert '<p class="campaign-figure c-num">3</p>' in page
    assert "As of now. The audience is counted again at launch" in page
    assert "Send to 3 contacts" not in page


def test_a_letter_goes_to_as_many_as_were_shown(client: Client, owner: User) -> None:
    people = willing(2, owner=owner)
    letter: Letter = letter_make(owner, people)
    client.force_login(owner)
    url = f"/write/{letter.public_id}/send/"
    page = client.post(url, follow=True).content.decode()
    assert "The number of recipients was not confirmed." in page
    Suppression.objects.create(address_hash=people[0].address_hash or "", reason="unsubscribed")
    page = client.post(url, {"expected": "2"}, follow=True).content.decode()
    assert "The audience is now 1 contact. Nothing was sent" in page
    assert 'name="expected" value="1"' in page
    assert Send.objects.get().state == Send.State.DRAFT
    client.post(url, {"expected": "1"})
    assert Send.objects.get().state != Send.State.DRAFT


def post(client: Client, campaign: Campaign, user: User, **body: Any) -> Any:
    codes = ["campaigns:read", "campaigns:write"]
    _token, key = token_create(user=user, name="t", scope_codes=codes, expires_at=None, actor=user)
    url, signed = f"/api/v1/campaigns/{campaign.public_id}/", {"Authorization": f"Bearer {key}"}
    shown = client.get(url, headers=signed).json()
    return shown, client.post(f"{url}launch/", body, content_type="application/json", headers=signed)


def test_a_program_reads_the_count_and_confirms_it(client: Client, marketer: User) -> None:
    willing(3)
    campaign = campaign_make(marketer)
    shown, answer = post(client, campaign, marketer, expected=4)
    assert shown["recipients"] == 3
    assert answer.status_code == 409
    assert answer.json()["error"]["code"] == "audience_changed"
    assert answer.json()["error"]["fields"] == {"expected": "3"}
    _shown, answer = post(client, campaign, marketer, expected=3)
    assert (answer.status_code, answer.json()["recipients"]) == (200, None)


def test_the_documentation_says_what_the_count_does(client: Client) -> None:
    schema = client.get("/api/v1/schema/?format=json").json()
    count = schema["components"]["schemas"]["LaunchIn"]["properties"]["expected"]["description"]
    assert "409 `audience_changed`" in count
    assert "not checked" in count
