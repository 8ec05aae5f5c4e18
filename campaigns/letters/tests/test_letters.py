"""Letters reach one's own customers only, whatever ids are sent."""

import pytest
from django.test import Client
from django.utils import timezone

from accounts.people.models import User
from campaigns.letters.author import letter_recipients
from campaigns.letters.models import Letter
from campaigns.letters.services import letter_address, letter_create
from campaigns.letters.tests.factories import letter_make
from core.errors import DomainError
from crm.activities.services.mini_lists import minilist_assign
from crm.consent.models import Suppression
from delivery.engine.freeze import audience_freeze
from delivery.senders.tests.factories import identity_make
from delivery.sends.eligibility import eligibility_of
from delivery.sends.models import Send
from delivery.sends.tests.factories import put, willing

pytestmark = pytest.mark.django_db


def test_it_comes_from_the_author_and_is_answered_to_them(owner: User) -> None:
    letter = letter_make(owner)
    assert letter.send.variants.get().from_name == "Olga Owner"
    assert letter.send.reply_address == "olga@company.example"


def test_anothers_customer_is_refused(owner: User, teammate: User) -> None:
    theirs = willing(1, owner=teammate)
    letter = letter_make(owner, willing(1, owner=owner))
    with pytest.raises(DomainError) as refused:
        letter_address(letter=letter, contacts=theirs, actor=owner)
    assert refused.value.code == "contact_not_yours"
    with pytest.raises(DomainError):
        letter_create(author=owner, contacts=theirs)


def test_tampered_ids_change_nothing(owner: User, teammate: User, client: Client) -> None:
    mine, theirs = willing(1, owner=owner), willing(1, owner=teammate)
    letter = letter_make(owner, mine)
    client.force_login(owner)
    answer = client.post(f"/write/{letter.public_id}/recipients/", {"contact": [theirs[0].public_id]})
    assert answer.status_code == 422
    assert Letter.objects.get(pk=letter.pk).recipients == [mine[0].pk]
    assert client.post("/write/new/", {"to": theirs[0].public_id}).status_code == 422
    page = client.get(f"/write/{letter.public_id}/preview/?contact={theirs[0].public_id}")
    assert page.status_code == 200
    assert f"Hello {mine[0].first_name}" in page.content.decode()


def test_the_office_cannot_send_for_them(owner: User, director: User, client: Client) -> None:
    letter = letter_make(owner, willing(1, owner=owner))
    client.force_login(director)
    assert client.post(f"/write/{letter.public_id}/send/").status_code == 403


def test_the_desk_says_why_somebody_cannot_be_written_to(owner: User) -> None:
    identity_make()
    first, second = willing(2, owner=owner)
    assert first.address_hash
    Suppression.objects.create(address_hash=first.address_hash, reason="unsubscribed")
    assert [(row.can, row.why) for row in eligibility_of([first, second])] == [
        (False, f"Unsubscribed (since {timezone.localtime():%m/%d/%Y})"), (True, ""),
    ]  # fmt: skip


def test_a_sent_letter_shows_only_contacts_still_on_the_mini_list(owner: User, teammate: User, client: Client) -> None:
    stayed, left = willing(2, owner=owner)
    letter = letter_make(owner, [stayed, left])
    put(letter.send, Send.State.FREEZING)
    audience_freeze(letter.send, letter_recipients(letter.send))
    minilist_assign(contacts=[left], owner=teammate, actor=None)
    client.force_login(owner)
    page = client.get(f"/write/{letter.public_id}/").content.decode()
    assert stayed.name in page
    assert left.name not in page
    assert left.email not in page
    assert "1 recipient is no longer assigned to you." in page
