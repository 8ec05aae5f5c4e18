"""A letter's failed and unknown are sent to again from its page: by its author, and by who runs campaigns."""

import pytest
from django.test import Client
from django.utils import timezone

from accounts.audit.models import AuditEntry
from accounts.people.models import User
from campaigns.letters.author import letter_recipients
from campaigns.letters.models import Letter
from campaigns.letters.tests.factories import letter_make
from crm.activities.services.mini_lists import minilist_assign
from crm.contacts.models import Contact
from delivery.engine.freeze import audience_freeze
from delivery.sends.models import Batch, Delivery
from delivery.sends.tests.factories import put, willing

pytestmark = pytest.mark.django_db
WAYS = [("retry-failed", "failed"), ("resend-unknown", "unknown")]


@pytest.fixture
def people(owner: User) -> list[Contact]:
    return willing(5, owner=owner)


@pytest.fixture
def letter(owner: User, people: list[Contact]) -> Letter:
    """Finished: two got it, two failed, of one it is not known."""
    letter = letter_make(owner, people)
    put(letter.send, "freezing", launched_at=timezone.now())
    audience_freeze(letter.send, letter_recipients(letter.send))
    ended = {
        "sent": (people[:2], "", None, ""),
        "failed": (people[2:4], "refused", 554, "5.7.1 Not today"),
        "unknown": (people[4:], "no_reply", None, ""),
    }
    for state, (them, reason, code, reply) in ended.items():
        Delivery.objects.filter(send_id=letter.send_id, contact_id__in=[one.pk for one in them]).update(
            state=state, reason=reason, smtp_code=code, smtp_reply=reply
        )
    Batch.objects.filter(send=letter.send_id).update(state="done", done_at=timezone.now(), sent=2, failed=2, unknown=1)
    put(letter.send, "finished", finished_at=timezone.now())
    return letter


def found(letter: Letter, state: str) -> set[int]:
    return set(Delivery.objects.filter(send_id=letter.send_id, state=state).values_list("contact_id", flat=True))


def keys(people: list[Contact]) -> set[int]:
    return {one.pk for one in people}


def test_its_page_says_what_the_mail_server_said_and_offers_both(
    client: Client, letter: Letter, owner: User, marketer: User, designer: User, analyst: User
) -> None:
    for person in (owner, marketer):
        client.force_login(person)
        page = client.get(f"/write/{letter.public_id}/").content.decode()
        assert "Retry 2 failed messages" in page
        assert "Resend 1 message with an unknown result" in page
        assert page.count("<span>Rejected by the recipient&#x27;s spam filter</span>") == 2
        assert page.count('<small class="c-muted d-block">554 5.7.1 Not today') == 2
        assert "more, in the list of recipients" not in page
        assert "No reply from the mail server" in page
    for person in (designer, analyst):
        client.force_login(person)
        page = client.get(f"/write/{letter.public_id}/").content.decode()
        assert "No reply from the mail server" in page
        assert "Retry 2 failed" not in page
        assert "with an unknown result" not in page


def test_of_many_the_first_are_named_and_the_rest_counted(client: Client, owner: User) -> None:
    letter = letter_make(owner, willing(9, owner=owner))
    put(letter.send, "freezing", launched_at=timezone.now())
    audience_freeze(letter.send, letter_recipients(letter.send))
    Delivery.objects.filter(send_id=letter.send_id).update(state="failed", reason="refused")
    Batch.objects.filter(send=letter.send_id).update(state="done", done_at=timezone.now(), failed=9)
    put(letter.send, "finished", finished_at=timezone.now())
    client.force_login(owner)
    page = client.get(f"/write/{letter.public_id}/").content.decode()
    assert page.count("<span>Refused by the mail server</span>") == 6
    assert "And 3 more, in the list of recipients." in page
    assert "Retry 9 failed messages" in page


def test_exactly_those_are_sent_to_again(client: Client, letter: Letter, owner: User, people: list[Contact]) -> None:
    client.force_login(owner)
    answer = client.post(f"/write/{letter.public_id}/retry-failed/", {"expected": "2"}, follow=True)
    assert "Retrying 2 failed messages." in answer.content.decode()
    assert (found(letter, "pending"), found(letter, "failed")) == (keys(people[2:4]), set())
    assert found(letter, "unknown") == keys(people[4:])
    answer = client.post(f"/write/{letter.public_id}/resend-unknown/", {"expected": "1"}, follow=True)
    page = answer.content.decode()
    assert "Resending 1 message." in page
    assert "with an unknown result" not in page
    assert (found(letter, "pending"), found(letter, "sent")) == (keys(people[2:]), keys(people[:2]))
    letter.send.refresh_from_db()
    assert letter.send.state == "sending"
    kept = AuditEntry.objects.filter(actor=owner).values_list("action", flat=True)
    assert {"send_resend_unknown", "send_retry_failed"} < set(kept)


@pytest.mark.parametrize(("way", "state"), WAYS)
def test_another_number_by_now_sends_nothing_again(
    client: Client, letter: Letter, owner: User, way: str, state: str
) -> None:
    before = found(letter, state)
    client.force_login(owner)
    answer = client.post(f"/write/{letter.public_id}/{way}/", {"expected": "4"})
    assert answer.status_code == 409
    assert "Check the number and confirm again." in answer.content.decode()
    for posted in ({}, {"expected": ""}, {"expected": "all"}):
        assert client.post(f"/write/{letter.public_id}/{way}/", posted).status_code == 422
    assert found(letter, state) == before
    letter.send.refresh_from_db()
    assert letter.send.state == "finished"


@pytest.mark.parametrize(("way", "state"), WAYS)
def test_roles_that_may_resend(
    client: Client,
    letter: Letter,
    marketer: User,
    designer: User,
    analyst: User,
    owner: User,
    teammate: User,
    outsider: User,
    way: str,
    state: str,
) -> None:
    url, count = f"/write/{letter.public_id}/{way}/", len(found(letter, state))
    for person, status in ((teammate, 404), (outsider, 404), (designer, 403), (analyst, 403)):
        client.force_login(person)
        assert client.post(url, {"expected": str(count)}).status_code == status, person
    assert len(found(letter, state)) == count
    client.force_login(owner)
    assert client.get(url).status_code == 405
    client.force_login(marketer)
    assert client.post(url, {"expected": str(count)}).status_code == 302
    assert found(letter, state) == set()


def test_the_office_resends_to_contacts_that_left_the_mini_list(
    client: Client, letter: Letter, owner: User, teammate: User, director: User, people: list[Contact]
) -> None:
    minilist_assign(contacts=[people[3]], owner=teammate, actor=None)
    client.force_login(owner)
    page = client.get(f"/write/{letter.public_id}/").content.decode()
    assert "Retry 1 failed message" in page
    url = f"/write/{letter.public_id}/retry-failed/"
    assert client.post(url, {"expected": "2"}).status_code == 409
    assert client.post(url, {"expected": "1"}).status_code == 302
    assert (found(letter, "pending"), found(letter, "failed")) == (keys(people[2:3]), keys(people[3:4]))
    assert sum(Batch.objects.filter(send=letter.send_id).values_list("failed", flat=True)) == 1
    client.force_login(director)
    assert "Retry 1 failed message" in client.get(f"/write/{letter.public_id}/").content.decode()
    assert client.post(url, {"expected": "1"}).status_code == 302
    assert found(letter, "failed") == set()


def test_a_letter_that_was_cancelled_is_not_sent_again(client: Client, letter: Letter, owner: User) -> None:
    put(letter.send, "cancelled")
    client.force_login(owner)
    page = client.get(f"/write/{letter.public_id}/").content.decode()
    assert "Retry 2 failed" not in page
    assert client.post(f"/write/{letter.public_id}/retry-failed/", {"expected": "2"}).status_code == 409
