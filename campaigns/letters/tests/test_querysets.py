"""The questions that pages ask of letters."""

import pytest

from accounts.people.models import User
from campaigns.letters.models import Letter
from campaigns.letters.tests.factories import letter_make
from crm.contacts.models import MiniListMembership
from crm.contacts.tests.factories import ContactFactory

pytestmark = pytest.mark.django_db


def test_letters_are_seen_by_their_author_and_the_office(owner: User, teammate: User, analyst: User) -> None:
    contact = ContactFactory.create()
    MiniListMembership.objects.create(contact=contact, owner=owner)
    letter = letter_make(owner, [contact])
    assert list(Letter.objects.visible_to(owner)) == list(Letter.objects.visible_to(analyst)) == [letter]
    assert list(Letter.objects.visible_to(teammate)) == []
