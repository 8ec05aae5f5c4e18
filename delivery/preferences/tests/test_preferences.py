"""Leaving and choosing by the link in a mail."""

from typing import Any

import pytest
from django.db import OperationalError
from django.test import Client

from crm.consent.models import Consent, ConsentTopic, Suppression
from crm.contacts.models import Contact
from crm.contacts.tests.factories import ContactFactory
from delivery.engine.tokens import token_make
from delivery.preferences.models import MailPreference
from delivery.sends.channels import identity_of
from delivery.sends.models import Send
from delivery.sends.tests.factories import SendFactory
from delivery.tracking.app import Tracking
from delivery.tracking.models import EventInbox
from delivery.tracking.tests.loops import in_a_loop

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
    other = ConsentTopic.objects.create(brand=identity_of(send).brand, code="tips", name="Tips")
    client.post(address(send, contact, "preferences"), {"topic": str(other.pk), "per_month": "2"})
    assert given(send) == [True, False]
    assert Consent.objects.get(topic=other).given
    assert MailPreference.objects.get().per_month == 2
    client.post(address(send, contact, "preferences"), {"none": "1"})
    assert Suppression.objects.in_force().count() == 1
    assert b"Resubscribe" in client.get(address(send, contact, "preferences")).content
    assert not EventInbox.objects.exists()


def test_the_page_speaks_the_contacts_language(client: Client, send: Send, contact: Contact) -> None:
    Contact.objects.update(language="es")
    assert b'lang="es"' in client.get(address(send, contact)).content


def posted(token: str, body: bytes, *, method: str = "POST") -> tuple[int, list[bytes]]:
    """The answer of the callable ahead of Django, and what it passed on to Django."""
    passed_on: list[bytes] = []
    sent: list[Any] = []

    async def receive() -> dict[str, Any]:
        return {"type": "http.request", "body": body, "more_body": False}

    async def send(message: Any) -> None:
        sent.append(message)

    async def django(scope: Any, receive: Any, send: Any) -> None:
        passed_on.append((await receive())["body"])
        await send({"type": "http.response.start", "status": 200, "headers": []})

    scope = {"type": "http", "method": method, "path": f"/u/{token}", "headers": [], "client": ["127.0.0.1", 1]}

    async def ask() -> None:
        await Tracking(django)(scope, receive, send)

    in_a_loop(ask)
    return sent[0]["status"], passed_on


MULTIPART = b'--x\r\nContent-Disposition: form-data; name="List-Unsubscribe"\r\n\r\nOne-Click\r\n--x--\r\n'


@pytest.mark.django_db(transaction=True)
@pytest.mark.parametrize("body", [b"List-Unsubscribe=One-Click", MULTIPART])
def test_one_click_is_answered_ahead_of_django_and_holds_at_once(send: Send, contact: Contact, body: bytes) -> None:
    token = token_make("unsub", send.pk, contact.pk)
    for _turn in range(3):
        assert posted(token, body) == (200, [])
    assert given(send) == [True, False]
    assert posted(token[:-1] + ("A" if token[-1] != "A" else "B"), body) == (404, [])
    assert posted(token_make("open", send.pk, contact.pk), body) == (404, [])


@pytest.mark.django_db(transaction=True)
def test_a_persons_form_and_looking_are_djangos(send: Send, contact: Contact) -> None:
    token = token_make("unsub", send.pk, contact.pk)
    assert posted(token, b"back=1") == (200, [b"back=1"])
    assert posted(token, b"List-Unsubscribe=One-Click" + b" " * 5000)[1] != []
    for method in ("GET", "HEAD"):
        assert posted(token, b"", method=method) == (200, [b""])
    assert given(send) == [True]


@pytest.mark.django_db(transaction=True)
def test_an_unsubscription_that_cannot_be_kept_is_not_acknowledged(
    send: Send, contact: Contact, monkeypatch: pytest.MonkeyPatch
) -> None:
    def away(token: str) -> bool:
        raise OperationalError

    monkeypatch.setattr("delivery.tracking.app.one_click", away)
    assert posted(token_make("unsub", send.pk, contact.pk), b"List-Unsubscribe=One-Click") == (503, [])
