"""A mail in the browser: as its recipient got it, for nobody else, and harmless."""

import re

import pytest
from django.test import Client
from django.utils import timezone

from crm.consent.models import Consent
from crm.contacts.models import Contact
from crm.contacts.tests.factories import ContactFactory
from delivery.engine.compile import compile_variant
from delivery.engine.merge import Merger
from delivery.engine.tokens import Recipient, token_make, token_read
from delivery.sends.models import Delivery, Send, Variant
from delivery.sends.tests.factories import BODY, VariantFactory

pytestmark = pytest.mark.django_db
SEEN = BODY.replace("<mj-button", '<mj-text><a href="{{ view_url }}">In the browser</a></mj-text><mj-button')


@pytest.fixture
def contact() -> Contact:
    return ContactFactory.create(first_name="Ada <b>", email="ada@example.com")


def got(contact: Contact, *, state: str = "sent", **fields: object) -> Variant:
    variant = VariantFactory.create(**{"subject": "For {{ contact.first_name }}", "body": SEEN, **fields})
    Variant.objects.filter(pk=variant.pk).update(compiled=compile_variant(variant, variant.send).dump())
    Delivery.objects.create(
        send=variant.send, contact_id=contact.pk, variant_id=variant.pk, batch=1, state=state, address=contact.email
    )
    return variant


def address(variant: Variant, contact: Contact) -> str:
    return f"/view/{token_make('unsub', variant.send_id, contact.pk)}"


def test_it_is_the_mail_as_it_was_got(client: Client, contact: Contact) -> None:
    variant = got(contact)
    answer = client.get(address(variant, contact))
    page = answer.content.decode()
    assert answer.status_code == 200
    assert page.count("<title>")
    assert "<title>For Ada &lt;b&gt;</title>" in page
    assert "Hello Ada &lt;b&gt;" in page
    click = re.search(r"/c/([\w-]{28})", page)
    assert click
    assert token_read("click", click[1]) == Recipient(variant.send_id, contact.pk, 1)
    assert address(variant, contact) in page
    assert answer["Content-Security-Policy"].startswith("sandbox ")
    assert "script" not in answer["Content-Security-Policy"]
    assert (answer["X-Robots-Tag"], answer["Cache-Control"]) == ("noindex", "private, no-store")


def test_the_mail_carries_the_link_untracked_and_still_a_way_out(contact: Contact) -> None:
    variant = got(contact, body="<p>{{ contact.first_name }} <a href='{{ view_url }}'>Look</a></p>")
    compiled = compile_variant(variant, variant.send)
    body = (
        Merger(compiled).merge(contact.pk, "ada@example.com", tuple("Ada" for _name in compiled.fields)).body.decode()
    )
    assert compiled.links == {}
    assert body.count(address(variant, contact)) == 2
    assert f"/u/{address(variant, contact)[6:]}" in body.split("\r\n\r\n", 1)[1]


def test_looking_changes_nothing_and_nothing_can_be_posted(client: Client, contact: Contact) -> None:
    variant = got(contact)
    assert variant.send.topic
    Consent.objects.create(contact=contact, topic=variant.send.topic, given=True, source="test")
    assert client.head(address(variant, contact)).status_code == 200
    assert client.post(address(variant, contact), {"List-Unsubscribe": "One-Click"}).status_code == 405
    assert list(Consent.objects.values_list("given", flat=True)) == [True]


def test_an_incomplete_link_is_explained_to_the_recipient(client: Client, contact: Contact) -> None:
    variant = got(contact)
    for page in ("view", "u", "preferences"):
        answer = client.get(f"/{page}/{address(variant, contact)[6:-3]}")
        assert answer.status_code == 404
        assert b"This link is incomplete" in answer.content
    assert client.get(address(variant, ContactFactory.create())).status_code == 410


@pytest.mark.parametrize("state", ["pending", "skipped", "failed"])
def test_a_contact_that_did_not_get_it_does_not_see_it(client: Client, contact: Contact, state: str) -> None:
    variant = got(contact, state=state)
    assert client.get(address(variant, contact)).status_code == 410


def test_what_is_not_kept_any_more_is_said(client: Client, contact: Contact) -> None:
    variant = got(contact)
    Delivery.objects.all().delete()
    Send.objects.update(ledger_purged_at=timezone.now())
    answer = client.get(address(variant, contact))
    assert answer.status_code == 410
    assert b"This message is no longer available" in answer.content
