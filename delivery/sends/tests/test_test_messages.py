"""Test messages: the bytes a recipient gets, by the same way, and they count for nothing."""

import email
import re
from collections.abc import Iterator
from email import policy
from email.message import EmailMessage
from pathlib import Path

import pytest
from django.test import Client
from django.utils import timezone
from pytest_django import Settings

from accounts.people.models import User
from core.errors import DomainError
from crm.consent.models import Consent, Suppression
from crm.contacts.models import Contact
from crm.contacts.tests.factories import ContactFactory
from delivery.domains.tests.dns_server import DnsServer
from delivery.domains.tests.test_dkim import publish, signing_domain, verified
from delivery.engine.test_messages import deliver_test_message
from delivery.engine.tests.test_deliver import run_until_quiet, sending
from delivery.engine.tokens import TEST_MESSAGES, token_make, token_read
from delivery.preferences.one_click_unsubscribe import one_click
from delivery.preferences.services import is_test_message
from delivery.sends.models import Delivery, Send, TestMessage, Variant
from delivery.sends.test_messages import KEPT, purge_test_messages, recent_test_messages, test_send
from delivery.sends.tests.factories import SendFactory, VariantFactory
from delivery.tracking.links import link_of_test_message
from delivery.tracking.models import Event, EventInbox
from delivery.transports.models import ProviderUse
from delivery.transports.tests.factories import through
from delivery.transports.tests.sink import Sink, SinkThread
from tests.fixtures.services import CeleryWorker, MailCatcher
from tests.fixtures.waiting import wait_until

pytestmark = pytest.mark.django_db(transaction=True)
TOKEN = re.compile(r"/(c|o|u|preferences)/([A-Za-z0-9_-]{28})")


@pytest.fixture
def sink(settings: Settings, tmp_path: Path) -> Iterator[Sink]:
    settings.HOME = tmp_path
    with SinkThread(Sink()) as sink:
        settings.EMAIL_URL = sink.url
        yield sink


@pytest.fixture(autouse=True)
def worker(request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch) -> None:
    """Nobody takes the tasks but the tests, unless they ask for a worker."""
    if "celery_worker" not in request.fixturenames:
        monkeypatch.setattr("celery.app.base.Celery.send_task", lambda self, name, **options: None)


def raw(body: bytes) -> bytes:
    """What the sink took, as it was before it was dot-stuffed."""
    return body.replace(b"\r\n..", b"\r\n.") + b"\r\n"


def parsed(body: bytes) -> EmailMessage:
    message = email.message_from_bytes(raw(body), policy=policy.strict)
    assert isinstance(message, EmailMessage)
    return message


def without_differences(text: str) -> str:
    """The text with every token replaced: what two recipients' messages have in common."""
    return TOKEN.sub(r"/\1/TOKEN", text)


def asked(
    send: Send, actor: User, *addresses: str, contact: Contact | None = None, label: str = "A"
) -> list[TestMessage]:
    """Test messages of one arm, as the worker finds them."""
    variant = send.variants.select_related("send__identity__brand").get(label=label)
    return test_send(variants=[variant], addresses=addresses, contact=contact, actor=actor)


def delivered(*test_messages: TestMessage) -> list[str]:
    states = []
    for test_message in test_messages:
        deliver_test_message(test_message_id=test_message.pk, is_last=True)
        test_message.refresh_from_db()
        states.append(test_message.state)
    return states


@pytest.mark.parametrize("is_tracked", [True, False])
def test_a_test_is_the_message_its_contact_gets(sink: Sink, director: User, is_tracked: bool) -> None:
    with DnsServer() as dns:
        publish(dns, *signing_domain(director, "rsa", "ed25519").keys.all())
        addresses = [f"a{n}@far.example" for n in range(12)]
        send = sending(*addresses, is_tracked=is_tracked)
        run_until_quiet(send)
        row = Delivery.objects.filter(send_id=send.pk, variant_id=send.variants.get(label="A").pk).first()
        assert row is not None
        real = parsed(sink.bodies[[who for _, who in sink.taken].index(row.address)])
        contact = Contact.objects.get(pk=row.contact_id)
        assert delivered(*asked(send, director, "me@company.example", contact=contact)) == ["sent"]
        assert sink.taken[-1][1] == "me@company.example"
        assert verified(raw(sink.bodies[-1]), dns) == [True, True]
    test = parsed(sink.bodies[-1])
    assert [name for name, _ in test.items()] == [name for name, _ in real.items()]
    assert test["Subject"] == f"[Test] {real['Subject']}"
    for name in ("From", "Reply-To", "List-Unsubscribe-Post", "Feedback-ID", "MIME-Version", "Content-Type"):
        assert test[name] == real[name]
    assert test["To"] == str(real["To"]).replace(row.address, "me@company.example")
    assert without_differences(test["List-Unsubscribe"]) == without_differences(real["List-Unsubscribe"])
    assert test["Message-ID"] != real["Message-ID"]
    for kind in ("plain", "html"):
        ours, theirs = test.get_body((kind,)), real.get_body((kind,))
        assert ours is not None
        assert theirs is not None
        assert [name for name, _ in ours.items()] == [name for name, _ in theirs.items()]
        assert without_differences(ours.get_content()) == without_differences(theirs.get_content())
        names = dict(TOKEN.findall(ours.get_content()))
        assert names
        assert not set(names.values()) & {token for _, token in TOKEN.findall(theirs.get_content())}


def test_its_links_lead_on_and_count_for_nothing(sink: Sink, director: User, client: Client) -> None:
    send = SendFactory.create()
    VariantFactory.create(send=send, body='<p><a href="https://shop.example/?c={{ contact.city }}">Go</a></p>')
    ada = ContactFactory.create(city="Lima")
    (test_message,) = asked(send, director, "me@company.example", contact=ada)
    Variant.objects.filter(send=send).update(body="<p>Quite another</p>")
    assert delivered(test_message) == ["sent"]
    html = parsed(sink.bodies[-1]).get_body(("html",))
    assert html is not None
    tokens = dict(TOKEN.findall(html.get_content()))
    click, leave = token_read("click", tokens["c"]), tokens["u"]
    assert click is not None
    assert click.is_test
    assert click.contact_id == TEST_MESSAGES + test_message.pk
    found = link_of_test_message(click)
    assert found is not None
    assert found.startswith("https://shop.example/?c=Lima")
    assert is_test_message(leave)
    assert one_click(leave)
    for page in (f"/u/{leave}", f"/preferences/{leave}"):
        assert "nobody was unsubscribed" in client.get(page).content.decode()
        assert client.post(page, {"none": "1"}).status_code == 200
    assert (Suppression.objects.count(), Consent.objects.count()) == (0, 0)
    assert (Event.objects.count(), EventInbox.objects.count(), Delivery.objects.count()) == (0, 0, 0)
    assert Contact.objects.filter(last_contacted_at=None).count() == 1
    test_message.delete()
    assert link_of_test_message(click) is None


def test_a_worker_sends_it(celery_worker: CeleryWorker, mail_catcher: MailCatcher, director: User) -> None:
    send = SendFactory.create()
    VariantFactory.create(send=send)
    through(send.identity, mail_catcher.url)
    (test_message,) = asked(send, director, "me@company.example")
    wait_until(
        lambda: TestMessage.objects.filter(pk=test_message.pk, state="sent").exists(), what="the test to be taken"
    )
    assert mail_catcher.count() == 1


def test_several_addresses_each_get_their_own(sink: Sink, director: User) -> None:
    send = SendFactory.create()
    VariantFactory.create(send=send)
    test_messages = asked(send, director, "me@company.example", "you@company.example")
    assert delivered(*test_messages) == ["sent", "sent"]
    assert sorted(who for _, who in sink.taken) == ["me@company.example", "you@company.example"]
    assert len({number for number, _ in sink.taken}) == 2
    assert [test_message.address for test_message in recent_test_messages(send_id=send.pk)] == [
        "you@company.example",
        "me@company.example",
    ]


def test_it_is_sent_once_however_often_the_task_runs(sink: Sink, director: User) -> None:
    send = SendFactory.create()
    VariantFactory.create(send=send)
    (test_message,) = asked(send, director, "me@company.example")
    assert deliver_test_message(test_message_id=test_message.pk, is_last=False) is False
    assert deliver_test_message(test_message_id=test_message.pk, is_last=False) is False
    assert len(sink.taken) == 1
    TestMessage.objects.filter(pk=test_message.pk).update(state=TestMessage.State.SENDING)
    assert delivered(test_message) == ["unknown"]
    assert len(sink.taken) == 1


def test_the_next_provider_takes_it_when_one_is_away(sink: Sink, director: User) -> None:
    send = SendFactory.create()
    VariantFactory.create(send=send)
    through(send.identity, "smtp://127.0.0.1:1", sink.url)
    assert delivered(*asked(send, director, "me@company.example")) == ["sent"]
    assert [use.is_broken for use in ProviderUse.objects.order_by("position")] == [True, False]


def test_what_goes_wrong_is_said(sink: Sink, director: User) -> None:
    send = SendFactory.create()
    VariantFactory.create(send=send)
    refused, later = asked(send, director, "f550-me@company.example", "t454-me@company.example")
    assert delivered(refused) == ["failed"]
    assert refused.reply == "550 5.1.1 no such user"
    assert deliver_test_message(test_message_id=later.pk, is_last=False) is True
    later.refresh_from_db()
    assert (later.state, later.reply) == ("waiting", "454 4.7.0 later")
    assert delivered(later) == ["sent"]
    through(send.identity, "smtp://127.0.0.1:1")
    (away,) = asked(send, director, "me@company.example")
    assert delivered(away) == ["failed"]
    assert away.reply == "Provider 1: 127.0.0.1:1: Connection refused"


def test_what_is_known_to_be_wrong_is_said_at_once(sink: Sink, director: User) -> None:
    send = SendFactory.create()
    variant = VariantFactory.create(send=send, subject="")
    with pytest.raises(DomainError) as fault:
        asked(send, director, "me@company.example")
    assert (fault.value.code, fault.value.message.startswith("Nothing was sent.")) == ("subject_missing", True)
    Variant.objects.filter(pk=variant.pk).update(subject="{{ contact.first_name|nosuch }}")
    with pytest.raises(DomainError) as fault:
        asked(send, director, "me@company.example")
    assert fault.value.message.startswith("Nothing was sent.")
    Variant.objects.filter(pk=variant.pk).update(subject="Spring")
    domain = signing_domain(director)
    domain.keys.update(sealed="rubbish")
    with pytest.raises(DomainError) as fault:
        asked(send, director, "me@company.example")
    assert fault.value.code == "signing_failed"
    assert TestMessage.objects.count() == 0


def test_old_tests_go(director: User, sink: Sink) -> None:
    send = SendFactory.create()
    VariantFactory.create(send=send)
    old, new = asked(send, director, "me@company.example", "you@company.example")
    TestMessage.objects.filter(pk=old.pk).update(created_at=timezone.now() - KEPT)
    assert (purge_test_messages(), list(TestMessage.objects.all())) == (1, [new])


def test_nobody_makes_a_trials_token_up() -> None:
    token = token_make("click", 1, TEST_MESSAGES + 1, 1)
    assert token_read("click", token[:-1] + ("A" if token[-1] != "A" else "B")) is None
