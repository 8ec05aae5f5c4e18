"""Test messages of letters, on the desk."""

from collections.abc import Callable

import pytest
from django.test import Client

from accounts.people.models import User
from campaigns.letters.tests.factories import letter_make
from crm.contacts.tests.factories import ContactFactory
from delivery.sends.models import TestMessage
from delivery.sends.tests.factories import willing

pytestmark = pytest.mark.django_db(transaction=True)


def test_a_letter_is_tested_as_the_chosen_customer(signed_in: Callable[[User], Client], owner: User) -> None:
    ada, bob = willing(2, owner=owner)
    letter = letter_make(owner, [ada])
    client = signed_in(owner)
    client.post(f"/write/{letter.public_id}/test-send/", {"contact": bob.public_id})
    test_message = TestMessage.objects.get()
    assert (test_message.contact, test_message.address, test_message.label) == (bob, owner.email, "A")
    client.post(f"/write/{letter.public_id}/test-send/", {"contact": ContactFactory.create().public_id})
    assert TestMessage.objects.latest("pk").contact == ada
