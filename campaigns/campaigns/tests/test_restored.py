"""A campaign that came back with a backup: nothing leaves before a person decides about those who may have it."""

from collections.abc import Callable
from datetime import UTC, datetime, timedelta

import pytest
from django.test import Client
from django.utils import timezone

from accounts.audit.models import AuditEntry
from accounts.people.models import User
from campaigns.campaigns.models import Campaign
from campaigns.campaigns.tests.factories import campaign_make
from campaigns.letters.tests.factories import letter_make
from delivery.sends.models import Batch, Delivery, Send
from delivery.sends.restored import restored_of
from delivery.sends.tests.factories import put, willing

pytestmark = pytest.mark.django_db
SignedIn = Callable[[User], Client]
TAKEN = datetime(2026, 3, 1, 4, 30, tzinfo=UTC)


@pytest.fixture
def campaign(marketer: User) -> Campaign:
    """Stopped by the restore: 5 of 8 got it, 3 waited."""
    campaign = campaign_make(marketer)
    put(campaign.send, Send.State.STOPPED, launched_at=timezone.now(), audience=8, backup_taken_at=TAKEN)
    Batch.objects.create(send=campaign.send, number=1, size=5, sent=5, state="done", done_at=timezone.now())
    Batch.objects.create(send=campaign.send, number=2, size=3)
    for key in range(3):
        Delivery.objects.create(send=campaign.send, contact_id=key, batch=2, address=f"p{key}@example.com")
    return campaign


def now(campaign: Campaign) -> Send:
    return Send.objects.get(pk=campaign.send_id)


def test_its_page_says_what_is_not_known(
    campaign: Campaign, marketer: User, analyst: User, signed_in: SignedIn
) -> None:
    page = signed_in(marketer).get(f"/campaigns/{campaign.public_id}/monitor/").content.decode()
    assert "The backup was taken on 1 Mar 2026, 04:30 UTC." in page
    assert "3 contacts were waiting then and may have received this message since." in page
    assert "Record 3 contacts as unknown" in page
    assert "Send to 3 contacts" in page
    assert "Resume sending" not in page
    assert "every 2s" not in page
    read = signed_in(analyst).get(f"/campaigns/{campaign.public_id}/monitor/").content.decode()
    assert "3 contacts were waiting then" in read
    assert "Record 3 contacts" not in read


def test_recording_them_as_unknown(campaign: Campaign, marketer: User, signed_in: SignedIn) -> None:
    client, url = signed_in(marketer), f"/campaigns/{campaign.public_id}/resume/"
    assert client.post(url, {"decision": "unknown", "expected": "3"}, follow=True).status_code == 200
    send = now(campaign)
    assert (send.state, send.backup_taken_at) == ("sending", None)
    rows = Delivery.objects.filter(send=send).values_list("state", "reason")
    assert set(rows) == {("unknown", "restored")}
    assert Batch.objects.get(send=send, number=2).unknown == 3
    entry = AuditEntry.objects.get(action="send_restored_decide")
    assert entry.changes == {"backup_taken_at": ["2026-03-01T04:30:00+00:00", None], "unknown": [0, 3]}
    page = client.get(f"/campaigns/{campaign.public_id}/ledger/?state=unknown").content.decode()
    assert "A backup was restored; it may have been received since the backup" in page


def test_sending_to_them(campaign: Campaign, marketer: User, signed_in: SignedIn) -> None:
    client, url = signed_in(marketer), f"/campaigns/{campaign.public_id}/resume/"
    assert client.post(url, {"decision": "send", "expected": "3"}).status_code == 302
    assert (now(campaign).state, now(campaign).backup_taken_at) == ("sending", None)
    assert set(Delivery.objects.filter(send=campaign.send_id).values_list("state", flat=True)) == {"pending"}


@pytest.mark.parametrize(
    ("given", "status", "words"),
    [
        ({}, 422, "Choose what happens to contacts who may have it."),
        ({"decision": "send"}, 422, "Choose what happens to contacts who may have it."),
        ({"decision": "nonsense", "expected": "3"}, 422, "Choose what happens to contacts who may have it."),
        ({"decision": "send", "expected": "4"}, 409, "There are now 3 contacts. Nothing was changed"),
    ],
)
def test_without_a_decision_nothing_changes(
    campaign: Campaign, marketer: User, signed_in: SignedIn, given: dict[str, str], status: int, words: str
) -> None:
    answer = signed_in(marketer).post(f"/campaigns/{campaign.public_id}/resume/", given)
    assert (answer.status_code, now(campaign).state) == (status, "stopped")
    assert words in answer.content.decode()


def test_a_read_only_role_does_not_decide(campaign: Campaign, analyst: User, signed_in: SignedIn) -> None:
    given = {"decision": "unknown", "expected": "3"}
    assert signed_in(analyst).post(f"/campaigns/{campaign.public_id}/resume/", given).status_code == 403
    assert now(campaign).backup_taken_at == TAKEN


@pytest.fixture
def scheduled(marketer: User) -> Campaign:
    """Scheduled for tomorrow in the backup, held by the restore."""
    willing(4)
    campaign = campaign_make(marketer)
    put(
        campaign.send, Send.State.HELD, scheduled_at=timezone.now() + timedelta(days=1), scheduled_zone="UTC",
        launched_at=timezone.now(), backup_taken_at=TAKEN,
    )  # fmt: skip
    return campaign


def test_a_held_one_is_decided_before_it_can_be_launched(
    scheduled: Campaign, marketer: User, signed_in: SignedIn
) -> None:
    client, url = signed_in(marketer), f"/campaigns/{scheduled.public_id}"
    restored = restored_of(now(scheduled))
    assert restored
    page = client.get(f"{url}/send/").content.decode()
    assert f"It may have started since: {restored.count} contacts may have received this message." in page
    assert 'id="launch"' not in page
    refused = client.post(f"{url}/launch/", {"when": "now", "expected": str(restored.count)})
    assert refused.status_code == 409
    assert "Decide about them on its page." in refused.content.decode()
    client.post(f"{url}/resume/", {"decision": "send", "expected": str(restored.count)})
    assert (now(scheduled).state, now(scheduled).backup_taken_at) == ("scheduled", None)


def test_a_draft_warns_and_its_launch_is_the_decision(marketer: User, signed_in: SignedIn) -> None:
    contacts = willing(4)
    campaign = campaign_make(marketer)
    put(campaign.send, Send.State.DRAFT, backup_taken_at=TAKEN)
    client, url = signed_in(marketer), f"/campaigns/{campaign.public_id}"
    page = client.get(f"{url}/send/").content.decode()
    assert "This draft comes from a backup taken on 1 Mar 2026, 04:30 UTC." in page
    answer = client.post(f"{url}/launch/", {"when": "now", "expected": str(len(contacts))})
    assert answer.status_code == 302
    assert (now(campaign).state, now(campaign).backup_taken_at) == ("freezing", None)


def test_a_letter_is_decided_by_its_author(owner: User, signed_in: SignedIn) -> None:
    letter = letter_make(owner, willing(2, owner=owner))
    put(letter.send, Send.State.STOPPED, launched_at=timezone.now(), audience=2, backup_taken_at=TAKEN)
    Batch.objects.create(send=letter.send, number=1, size=2)
    client = signed_in(owner)
    assert "2 contacts were waiting then" in client.get(f"/write/{letter.public_id}/").content.decode()
    client.post(f"/write/{letter.public_id}/resume/", {"decision": "send", "expected": "2"})
    letter.send.refresh_from_db()
    assert (letter.send.state, letter.send.backup_taken_at) == ("sending", None)
