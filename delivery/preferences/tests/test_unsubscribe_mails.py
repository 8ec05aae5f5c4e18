"""Leaving by mail: the address in List-Unsubscribe, and what comes in at it, from a real IMAP server (dovecot)."""

import email
from email import policy

import pytest
from django.utils import timezone

from accounts.people.models import User
from crm.consent.models import Consent
from crm.consent.timeline import consent_events
from crm.contacts.models import Contact
from crm.contacts.tests.factories import ContactFactory
from delivery.domains.dkim import signer_of
from delivery.domains.tests.dns_server import DnsServer
from delivery.domains.tests.test_dkim import publish, signing_domain, verified
from delivery.engine.compile import compile_variant
from delivery.engine.merge import Merger
from delivery.engine.tokens import (
    TEST_MESSAGES,
    bounce_token_make,
    bounce_token_read,
    mailto_token_make,
    mailto_token_read,
    token_make,
)
from delivery.feedback.mailboxes import mailbox_poll
from delivery.feedback.models import BounceMailbox
from delivery.feedback.parse import read
from delivery.feedback.report import Outcome
from delivery.feedback.tests import bounce_shapes as shapes
from delivery.feedback.tests.test_bounces import is_suppressed, sent_to
from delivery.feedback.tests.test_mailboxes import mailbox_make, user
from delivery.preferences.models import UnsubscribeMail
from delivery.preferences.services import reader_of, reader_resubscribe
from delivery.senders.tests.factories import SendingIdentityFactory
from delivery.sends.channels import identity_of
from delivery.sends.models import Send
from delivery.sends.tests.factories import SendFactory, VariantFactory
from tests.fixtures.imap import ImapServer

pytestmark = pytest.mark.django_db
assert user


def bouncing_send(*, polled: bool = True, **fields: object) -> Send:
    """A send whose sender has an address for bounces, and a mailbox for it."""
    identity = SendingIdentityFactory.create(bounce_address="bounces@shop.example")
    if fields.pop("mailbox", True):
        at = timezone.now() if polled else None
        BounceMailbox.objects.create(name="Bounces", host="imap.shop.example", username="b", polled_at=at)
    send = SendFactory.create(identity=identity, **fields)
    VariantFactory.create(send=send)
    return send


def header_of(send: Send, *, eight_bit: bool = True) -> str:
    message = email.message_from_bytes(merged(send, eight_bit=eight_bit), policy=policy.strict)
    return str(message["List-Unsubscribe"])


def merged(send: Send, *, eight_bit: bool = True) -> bytes:
    compiled = compile_variant(send.variants.get(), send)
    signer = signer_of("news@shop.example", at=timezone.now())
    merger = Merger(compiled, eight_bit=eight_bit, signer=signer)
    return merger.merge(7, "ada@far.example", (None,) * len(compiled.fields)).body


def written(token: str, *, to: str = "", number: str = "1", more: str = "") -> bytes:
    """What a mail program writes at a press of its button."""
    to = to or f"bounces+u{token}@shop.example"
    return shapes.wire(
        f"From: Ada <ada@far.example>\nTo: {to}\nSubject: unsubscribe\n"
        f"Message-ID: <{number}@far.example>\nDate: {shapes.now()}\n{more}\nPlease take me off.\n"
    )


@pytest.mark.parametrize("eight_bit", [True, False])
def test_the_address_stands_behind_the_one_click_way(eight_bit: bool) -> None:
    send = bouncing_send()
    https, by_mail = header_of(send, eight_bit=eight_bit).split(", ")
    assert https.startswith("<http")
    token = mailto_token_make(send.pk, 7)
    assert by_mail == f"<mailto:bounces+u{token}@shop.example?subject=unsubscribe>"
    assert len(f"bounces+u{token}") <= 64


@pytest.mark.parametrize("without", ["mailbox", "poll", "address", "archived", "another"])
def test_without_a_mailbox_that_is_read_there_is_only_the_link(without: str) -> None:
    send = bouncing_send(polled=without != "poll", mailbox=without != "mailbox")
    if without == "address":
        identity_of(send).bounce_address = ""
    elif without == "archived":
        BounceMailbox.objects.update(archived_at=timezone.now())
    elif without == "another":
        BounceMailbox.objects.update(identity=SendingIdentityFactory.create(name="Other"))
    assert "mailto" not in header_of(send)


def test_the_signature_covers_it(director: User) -> None:
    send = bouncing_send()
    with DnsServer() as dns:
        publish(dns, *signing_domain(director).keys.all())
        message = merged(send).replace(b"\r\n..", b"\r\n.")
        assert b"mailto:" in message
        assert verified(message, dns) == [True]
        assert verified(message.replace(b"mailto:bounces", b"mailto:another"), dns) == [False]


def test_its_token_is_good_for_nothing_else() -> None:
    token = mailto_token_make(3, 7)
    found = mailto_token_read(token)
    assert found is not None
    assert (found.send_id, found.contact_id) == (3, 7)
    assert bounce_token_read(token) is None
    assert mailto_token_read(bounce_token_make(3, 7)) is None
    assert mailto_token_read(token[:-2] + ("a" if token[-2] != "a" else "b") + token[-1]) is None
    assert mailto_token_read("") is None


@pytest.mark.parametrize(
    "more",
    [
        "Auto-Submitted: auto-replied\n",
        "Auto-Submitted: auto-notified\n",
        "Auto-Submitted: auto-generated\nIn-Reply-To: <x@shop.example>\n",
        "X-Autoreply: yes\n",
        "Precedence: bulk\n",
        "Precedence: auto_reply\n",
        "Return-Path: <>\n",
        "List-Id: <club.far.example>\n",
    ],
)
def test_a_program_that_answers_takes_nobody_off(more: str) -> None:
    raw = written(mailto_token_make(3, 7), more=more)
    assert read(raw).outcome is not Outcome.LEAVING
    assert read(raw.replace(b"Subject: unsubscribe", b"Subject: Out of office")).leaving is None


def test_what_quotes_the_address_takes_nobody_off() -> None:
    token = mailto_token_make(3, 7)
    headers = shapes.OTHER + f"List-Unsubscribe: <mailto:bounces+u{token}@shop.example>\n"
    assert read(shapes.postfix("ada@far.example", headers=headers)).outcome is Outcome.REPORT
    assert read(written("", to="bounces@shop.example", more=f"X: bounces+u{token}@shop.example\n")).leaving is None
    assert read(shapes.vacation("ada@far.example")).leaving is None


@pytest.mark.parametrize("more", ["", "Auto-Submitted: no\n", "Auto-Submitted: auto-generated\n"])
def test_a_person_and_the_button_of_a_mail_program_count(more: str) -> None:
    token = mailto_token_make(3, 7)
    for to in ("", f'"News, the" <Bounces+U{token.upper()}@shop.example>', f"x@y.example, b+u{token}@shop.example"):
        leaving = read(written(token, to=to, more=more)).leaving
        assert leaving is not None
        assert (leaving.send_id, leaving.contact_id) == (3, 7)
    forged = token[:5] + ("a" if token[5] != "a" else "b") + token[6:]
    assert read(written(forged, more=more)).leaving is None


def test_an_unsubscribe_mail_counts_once_however_often_the_mailbox_is_read(
    imap_server: ImapServer, user: str, director: User
) -> None:
    ada = ContactFactory.create(email="ada@far.example")
    send = sent_to(ada)
    assert send.topic is not None
    Consent.objects.create(contact=ada, topic=send.topic, given=True, source="test")
    imap_server.put(user, written(mailto_token_make(send.pk, ada.pk)))
    mailbox = mailbox_make(imap_server, user)
    assert mailbox_poll(mailbox_id=mailbox.pk) == {"leaving": 1}
    assert imap_server.flags(user) == [(b"\\Seen",)]
    said = Consent.objects.filter(contact=ada).latest("pk")
    assert (said.given, said.source, said.topic) == (False, "unsubscribe mail", send.topic)
    newest = consent_events(ada, director, None, 5)[0]
    assert str(newest.text).endswith("An unsubscribe e-mail")
    mailbox.refresh_from_db()
    assert (mailbox.unsubscribed, mailbox.recorded, mailbox.ignored, mailbox.left) == (1, 0, 0, 0)
    # They come back by the page; the mailbox is rebuilt and read from its beginning.
    reader = reader_of(token_make("unsub", send.pk, ada.pk))
    assert reader is not None
    reader_resubscribe(reader=reader)
    BounceMailbox.objects.update(last_uid=0, uid_validity=1)
    assert mailbox_poll(mailbox_id=mailbox.pk) == {"leaving": 1}
    assert Consent.objects.filter(contact=ada).latest("pk").given
    imap_server.put(user, written(mailto_token_make(send.pk, ada.pk), number="2"))
    mailbox_poll(mailbox_id=mailbox.pk)
    assert not Consent.objects.filter(contact=ada).latest("pk").given
    assert UnsubscribeMail.objects.count() == 2


def test_a_mail_without_a_topic_unsubscribes_from_all_and_a_test_message_from_nothing(
    imap_server: ImapServer, user: str
) -> None:
    ada = ContactFactory.create(email="ada@far.example")
    send = sent_to(ada, send=SendFactory.create(topic=None))
    imap_server.put(user, written(mailto_token_make(send.pk, TEST_MESSAGES + 1)))
    mailbox = mailbox_make(imap_server, user)
    mailbox_poll(mailbox_id=mailbox.pk)
    assert (is_suppressed(ada), UnsubscribeMail.objects.count()) == ("", 0)
    imap_server.put(user, written(mailto_token_make(send.pk, ada.pk)))
    mailbox_poll(mailbox_id=mailbox.pk)
    assert is_suppressed(ada) == "unsubscribed"
    assert Contact.objects.count() == 1
