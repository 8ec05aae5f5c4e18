"""Leaving and choosing by the link in a mail."""

import pytest
from django.test import Client

from campaigns.engine.tokens import token_make
from campaigns.models import EventInbox, MailPreference, Send
from campaigns.tests.factories import SendFactory
from crm.models import Consent, ConsentTopic, Contact, Suppression
from crm.tests.factories import ContactFactory

pytestmark = pytest.mark.django_db


@pytest.fixture
def contact() -> Contact:
    return ContactFactory.create(email="ada@example.com")


@pytest.fixture
def send(contact: Contact) -> Send:
    send = SendFactory.create()
    assert send.topic
    Consent.objects.create(contact=contact, topic=send.topic, given=True, source="test")
    return send


def address(send: Send, contact: Contact, page: str = "u") -> str:
    return f"/{page}/{token_make('unsub', send.pk, contact.pk)}"


def given(send: Send) -> list[bool]:
    return list(Consent.objects.filter(topic=send.topic).order_by("pk").values_list("given", flat=True))


def test_looking_never_unsubscribes(client: Client, send: Send, contact: Contact) -> None:
    for page in ("u", "preferences"):
        assert client.get(address(send, contact, page)).status_code == 200
        assert client.head(address(send, contact, page)).status_code == 200
    assert given(send) == [True]
    assert b"ada@example.com" in client.get(address(send, contact)).content


def test_one_click_needs_no_cookie_or_token_and_twice_is_once(send: Send, contact: Contact) -> None:
    client = Client(enforce_csrf_checks=True)
    for _turn in range(3):
        answer = client.post(address(send, contact), {"List-Unsubscribe": "One-Click"})
        assert answer.status_code == 200
        assert not answer.cookies
    assert given(send) == [True, False]
    assert not Suppression.objects.exists()


def test_a_tampered_token_does_nothing(client: Client, send: Send, contact: Contact) -> None:
    good = address(send, contact)
    wrong = good[:-1] + ("A" if good[-1] != "A" else "B")
    assert client.post(wrong).status_code == 404
    assert client.post("/u/" + token_make("open", send.pk, contact.pk)).status_code == 404
    assert given(send) == [True]


def test_it_can_be_undone(client: Client, send: Send, contact: Contact) -> None:
    client.post(address(send, contact))
    client.post(address(send, contact), {"back": "1"})
    assert given(send) == [True, False, True]


def test_a_letter_without_a_subject_ends_all_mail(client: Client, contact: Contact) -> None:
    send = SendFactory.create(topic=None, kind=Send.Kind.LETTER)
    client.post(address(send, contact))
    assert Suppression.objects.in_force().get().address_hash == contact.address_hash
    client.post(address(send, contact), {"back": "1"})
    assert not Suppression.objects.in_force().exists()


def test_coming_back_does_not_lift_a_complaint(client: Client, send: Send, contact: Contact) -> None:
    assert contact.address_hash
    Suppression.objects.create(address_hash=contact.address_hash, reason="complained")
    client.post(address(send, contact), {"back": "1"})
    assert Suppression.objects.in_force().exists()


def test_choosing_subjects_and_how_often(client: Client, send: Send, contact: Contact) -> None:
    other = ConsentTopic.objects.create(brand=send.identity.brand, code="tips", name="Tips")
    client.post(address(send, contact, "preferences"), {"topic": str(other.pk), "per_month": "2"})
    assert given(send) == [True, False]
    assert Consent.objects.get(topic=other).given
    assert MailPreference.objects.get().per_month == 2
    client.post(address(send, contact, "preferences"), {"none": "1"})
    assert Suppression.objects.in_force().count() == 1
    assert b"Receive mail again" in client.get(address(send, contact, "preferences")).content
    assert not EventInbox.objects.exists()


def test_the_page_speaks_the_contacts_language(client: Client, send: Send, contact: Contact) -> None:
    Contact.objects.update(language="es")
    assert b'lang="es"' in client.get(address(send, contact)).content
