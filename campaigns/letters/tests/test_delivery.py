"""Salespeople's letters go through the same engine: signed, paced, limited, by the next provider, sent again."""

from collections.abc import Iterator
from decimal import Decimal
from pathlib import Path

import pytest
from django.utils import timezone
from pytest_django import Settings

from accounts.people.models import User
from campaigns.letters.launch import letter_launch
from campaigns.letters.models import Letter
from campaigns.letters.tests.factories import letter_make
from crm.consent.models import Suppression
from crm.contacts.email_addresses import address_hash
from crm.contacts.models import Contact
from delivery.domains.daily_allowance import next_opening
from delivery.domains.models import WarmUp
from delivery.domains.services.signing import domain_ensure
from delivery.domains.tests.dns_server import DnsServer
from delivery.domains.tests.test_dkim import publish, signing_domain, verified
from delivery.domains.tests.test_warm_up import yesterday
from delivery.engine.deliver import deliver
from delivery.engine.prepare import send_prepare
from delivery.engine.tests.test_deliver import run_until_quiet, states
from delivery.guardrails.models import SendingPolicy
from delivery.sends.channels import identity_of
from delivery.sends.models import Batch, Delivery, Send
from delivery.sends.services import resend_unknown, retry_failed
from delivery.sends.tests.factories import SendFactory, willing
from delivery.transports.models import ProviderUse
from delivery.transports.tests.factories import through
from delivery.transports.tests.sink import Sink, SinkThread

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture(autouse=True)
def no_worker(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("celery.app.base.Celery.send_task", lambda self, name, **options: None)


@pytest.fixture
def sink(settings: Settings, tmp_path: Path) -> Iterator[Sink]:
    settings.HOME = tmp_path
    with SinkThread(Sink()) as sink:
        settings.EMAIL_URL = sink.url
        yield sink


def launched(letter: Letter) -> Send:
    """Launched by its author and frozen by a worker."""
    letter_launch(letter=letter, actor=letter.author)
    assert send_prepare(send_id=letter.send_id)
    letter.send.refresh_from_db()
    return letter.send


def test_it_leaves_signed_and_tracked_by_the_provider_that_takes_mail(sink: Sink, owner: User, director: User) -> None:
    letter = letter_make(owner, willing(3, owner=owner))
    through(letter.send.identity, "smtp://127.0.0.1:1", sink.url)
    with DnsServer() as dns:
        publish(dns, *signing_domain(director, address=identity_of(letter.send).from_address).keys.all())
        send = launched(letter)
        run_until_quiet(send)
        assert states(send) == {"sent": 3}
        for body in sink.bodies:
            message = body.replace(b"\r\n..", b"\r\n.") + b"\r\n"
            assert verified(message, dns) == [True]
            assert b"List-Unsubscribe-Post: List-Unsubscribe=One-Click" in message
            assert b"/o/" in message
    assert [use.is_broken for use in ProviderUse.objects.order_by("position")] == [True, False]


def test_contacts_suppressed_or_capped_by_then_get_nothing(sink: Sink, owner: User) -> None:
    ada, bob, cy = willing(3, owner=owner)
    send = launched(letter_make(owner, [ada, bob, cy]))
    SendingPolicy.objects.create(pk=1, cap_messages=1, cap_days=7)
    other = SendFactory.create(state=Send.State.FINISHED, launched_at=timezone.now())
    Delivery.objects.create(send=other, contact_id=ada.pk, batch=1, state="sent", address=ada.email_normalized or "")
    Suppression.objects.create(address_hash=bob.address_hash or "", reason="bounced")
    run_until_quiet(send)
    found = Delivery.objects.filter(send_id=send.pk).values_list("contact_id", "state", "reason")
    assert set(found) == {
        (ada.pk, "skipped", "capped"), (bob.pk, "skipped", "suppressed"), (cy.pk, "sent", ""),
    }  # fmt: skip
    assert [who for _, who in sink.taken] == [cy.email_normalized]


def test_failed_and_unknown_go_again_exactly_those(sink: Sink, owner: User) -> None:
    ada, bob, cy = willing(3, owner=owner)
    send = launched(letter_make(owner, [ada, bob, cy]))
    run_until_quiet(send)
    send.refresh_from_db()
    assert send.state == Send.State.FINISHED
    Delivery.objects.filter(send_id=send.pk, contact_id=ada.pk).update(state="failed", reason="refused")
    Delivery.objects.filter(send_id=send.pk, contact_id=bob.pk).update(state="unknown", reason="no_reply")
    Batch.objects.filter(send=send, number__gt=0).update(sent=1, failed=1, unknown=1)
    sink.taken.clear()
    assert retry_failed(send=send, actor=owner, expected=1) == 1
    run_until_quiet(send)
    assert [who for _, who in sink.taken] == [ada.email_normalized]
    assert resend_unknown(send=send, actor=owner, expected=1) == 1
    run_until_quiet(send)
    assert [who for _, who in sink.taken] == [ada.email_normalized, bob.email_normalized]
    assert states(send) == {"sent": 3}


def test_the_companys_pace_holds_for_it(sink: Sink, owner: User) -> None:
    SendingPolicy.objects.create(pk=1, per_second=8)
    send = launched(letter_make(owner, willing(15, owner=owner)))
    run_until_quiet(send)
    assert states(send) == {"sent": 15}
    assert sink.times[-1] - sink.times[0] > 1.0


def test_a_recipients_domain_has_its_own_pace_and_others_do_not_wait_for_it(sink: Sink, owner: User) -> None:
    slow, quick = willing(14, owner=owner), willing(4, owner=owner)
    for one in slow:
        address = f"reader-{one.pk}@slow.example"
        Contact.objects.filter(pk=one.pk).update(
            email=address, email_normalized=address, address_hash=address_hash(address)
        )
    SendingPolicy.objects.create(pk=1, domain_limits={"slow.example": 8})
    send = launched(letter_make(owner, [*slow, *quick]))
    run_until_quiet(send)
    assert states(send) == {"sent": 18}
    at = {who: when for (_, who), when in zip(sink.taken, sink.times, strict=True)}
    of_slow = sorted(when for who, when in at.items() if who.endswith("@slow.example"))
    assert of_slow[-1] - of_slow[0] > 1.0
    assert max(at[one.email_normalized or ""] for one in quick) < of_slow[-1]


def test_a_domain_that_warms_up_holds_it_until_the_next_day(sink: Sink, owner: User) -> None:
    letter = letter_make(owner, willing(5, owner=owner))
    domain = domain_ensure(address=identity_of(letter.send).from_address)
    warm_up = WarmUp.objects.create(domain=domain, first=2, growth=Decimal(2), goal=100, opens_at=8)
    send = launched(letter)
    while deliver(send_id=send.pk):
        pass
    assert states(send) == {"sent": 2, "pending": 3}
    waiting = Batch.objects.filter(send=send, state="ready")
    assert set(waiting.values_list("due_at", flat=True)) == {next_opening(warm_up)}
    yesterday(warm_up)
    run_until_quiet(send)
    assert states(send) == {"sent": 5}
    assert len({who for _, who in sink.taken}) == len(sink.taken) == 5
