"""What follows from a bounce: whose message it was, what is suppressed, what stops a send."""

from collections.abc import Iterator
from dataclasses import replace
from datetime import timedelta
from decimal import Decimal

import pytest
from django.utils import timezone
from pytest_django import Settings

from accounts.people.models import User
from crm.consent.models import Suppression
from crm.consent.services import suppression_add, suppression_lift
from crm.contacts.email_addresses import address_hash
from crm.contacts.models import Contact
from crm.contacts.tests.factories import ContactFactory
from delivery.engine.tests.test_deliver import people, run_until_quiet, sending, states
from delivery.engine.tick import tick
from delivery.engine.tokens import bounce_token_make, bounce_token_read
from delivery.feedback.match import match
from delivery.feedback.models import Bounce, FeedbackAlarm, FeedbackRule
from delivery.feedback.parse import read
from delivery.feedback.report import Report
from delivery.feedback.services import bounce_record, feedback_rule_save, soft_is_too_much, soft_sweep
from delivery.feedback.tests import bounce_shapes as shapes
from delivery.feedback.thresholds import feedback_check, feedback_of, feedback_watch
from delivery.senders.tests.factories import SendingIdentityFactory
from delivery.sends.models import Batch, Delivery, Send
from delivery.sends.services import send_resume
from delivery.sends.tests.factories import SendFactory
from delivery.transports.tests.sink import Sink, SinkThread
from tests.fixtures.services import MailCatcher

pytestmark = pytest.mark.django_db
Kind = Bounce.Kind


@pytest.fixture
def sink(settings: Settings, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Sink]:
    settings.HOME = tmp_path_factory.mktemp("home")
    with SinkThread(Sink()) as sink:
        settings.EMAIL_URL = sink.url
        yield sink


def sent_to(contact: Contact, *, send: Send | None = None, days_ago: float = 0, state: str = "sent") -> Send:
    """A send whose ledger says that the contact was sent the message."""
    send = send or SendFactory.create(state=Send.State.FINISHED, launched_at=timezone.now(), audience=1)
    Delivery.objects.create(
        send_id=send.pk, contact_id=contact.pk, batch=1, address=contact.email_normalized or "", state=state,
        changed_at=timezone.now() - timedelta(days=days_ago),
    )  # fmt: skip
    return send


def report(
    address: str, kind: str = Kind.HARD, *, key: str = "", source: str = "webhook", days_ago: float = 0, **more: str
) -> Report:
    at = timezone.now() - timedelta(days=days_ago)
    source = Bounce.Source.WEBHOOK
    key = key or f"{address}:{kind}:{at.isoformat()}"
    return Report(key=key, kind=Kind(kind), source=source, origin="test", address=address, at=at)


def record(raw: bytes) -> list[Bounce]:
    """What the poller does with a message."""
    found = [bounce_record(report=one) for one in read(raw).reports]
    return [bounce for bounce in found if bounce is not None]


def is_suppressed(contact: Contact) -> str:
    row = Suppression.objects.in_force().filter(address_hash=contact.address_hash).first()
    return row.reason if row else ""


# --- Whose message it was --------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "shape", [shapes.postfix, shapes.exim, shapes.exim_old, shapes.exchange, shapes.gmail, shapes.qmail, shapes.arf]
)
@pytest.mark.parametrize(("token", "by"), [(True, "token"), (False, "message_id")])
def test_every_shape_finds_its_recipient(shape, token: bool, by: str) -> None:
    contact = ContactFactory.create(email="ada@far.example")
    send = sent_to(contact)
    (bounce,) = record(
        shape("ada@far.example", headers=shapes.returned(send.pk, contact.pk, "ada@far.example", token=token))
    )
    assert (bounce.send_id, bounce.contact_id, bounce.matched_by, bounce.suppressed) == (send.pk, contact.pk, by, True)
    assert is_suppressed(contact) == ("complained" if shape is shapes.arf else "bounced")
    assert Suppression.objects.in_force().get().source == f"bounce:{bounce.pk}"


def test_a_forwarded_message_bounces_for_whom_it_was_sent_to() -> None:
    contact = ContactFactory.create(email="ada@far.example")
    send = sent_to(contact)
    headers = shapes.returned(send.pk, contact.pk, "ada@far.example")
    (bounce,) = record(shapes.gmail("ada.private@elsewhere.example", headers=headers))
    assert bounce.address == "ada@far.example"
    assert is_suppressed(contact) == "bounced"


def test_the_envelope_address_is_enough() -> None:
    contact = ContactFactory.create(email="ada@far.example")
    send = sent_to(contact)
    raw = shapes.postfix("somebody@else.example").replace(
        b"To: news@shop.example", f"To: bounces+{bounce_token_make(send.pk, contact.pk)}@shop.example".encode()
    )
    (bounce,) = record(raw)
    assert (bounce.send_id, bounce.matched_by) == (send.pk, "envelope")


def test_an_envelope_token_survives_lower_and_upper_case_and_no_change() -> None:
    token = bounce_token_make(7, 9)
    assert len(f"bounces+{token}") <= 64
    found = bounce_token_read(token.upper())
    assert found is not None
    assert (found.send_id, found.contact_id) == (7, 9)
    changed = ("a" if token[0] != "a" else "b") + token[1:]
    assert bounce_token_read(changed) is None
    assert bounce_token_read("é" * 31) is None


@pytest.mark.django_db(transaction=True)
def test_the_engine_writes_the_envelope_address(
    settings: Settings, tmp_path_factory: pytest.TempPathFactory, mail_catcher: MailCatcher
) -> None:
    settings.HOME = tmp_path_factory.mktemp("home")
    identity = SendingIdentityFactory.create(bounce_address="bounces@shop.example")
    send = sending(*people(4), identity=identity)
    run_until_quiet(send)
    assert states(send) == {"sent": 4}
    for message in mail_catcher.messages:
        local, _at, domain = message.sender.partition("@")
        found = bounce_token_read(local.removeprefix("bounces+"))
        assert found is not None
        row = Delivery.objects.get(send_id=found.send_id, contact_id=found.contact_id)
        assert (row.send_id, domain, (row.address,)) == (send.pk, "shop.example", message.recipients)
    assert len(mail_catcher.messages) == 4


def test_a_provider_is_believed_about_what_was_sent_lately() -> None:
    contact = ContactFactory.create(email="ada@far.example")
    sent_to(contact, days_ago=30)
    send = sent_to(contact, days_ago=2)
    (report,) = read(shapes.postfix("ADA@far.example")).reports
    bounce = bounce_record(report=replace(report, source=Bounce.Source.WEBHOOK))
    assert bounce
    assert (bounce.send_id, bounce.matched_by) == (send.pk, "address")
    assert is_suppressed(contact) == "bounced"


@pytest.mark.parametrize("is_written_to", [True, False])
def test_a_stranger_cannot_suppress_by_writing_to_the_mailbox(is_written_to: bool) -> None:
    contact = ContactFactory.create(email="ada@far.example")
    if is_written_to:
        sent_to(contact, days_ago=2)
    (bounce,) = record(shapes.postfix("ada@far.example"))
    assert (bounce.send_id, bounce.contact_id, bounce.matched_by, bounce.suppressed) == (None, contact.pk, "", False)
    assert is_suppressed(contact) == ""
    assert list(Bounce.objects.filter(send=None)) == [bounce]


def test_a_false_token_or_message_id_proves_nothing() -> None:
    contact = ContactFactory.create(email="ada@far.example")
    other = ContactFactory.create(email="bob@far.example")
    send = sent_to(contact)
    headers = shapes.returned(send.pk, contact.pk, "bob@far.example", token=False)
    (bounce,) = record(shapes.postfix("bob@far.example", headers=headers))
    assert bounce.send_id is None
    assert is_suppressed(other) == ""
    assert match(report("nobody")).by == ""


def test_a_provider_is_believed_about_an_address() -> None:
    contact = ContactFactory.create(email="ada@far.example")
    bounce = bounce_record(report=report("ada@far.example"))
    assert bounce is not None
    assert bounce.suppressed
    assert is_suppressed(contact) == "bounced"


# --- What follows ----------------------------------------------------------------------------------------------------


def test_a_report_that_comes_twice_is_one_event() -> None:
    contact = ContactFactory.create(email="ada@far.example")
    send = sent_to(contact)
    raw = shapes.postfix("ada@far.example", headers=shapes.returned(send.pk, contact.pk, "ada@far.example"))
    assert len(record(raw)) == 1
    assert record(raw) == []
    assert Bounce.objects.count() == Suppression.objects.count() == 1


def test_the_ledger_stays_as_it_is() -> None:
    contact = ContactFactory.create(email="ada@far.example")
    send = sent_to(contact)
    record(shapes.postfix("ada@far.example", headers=shapes.returned(send.pk, contact.pk, "ada@far.example")))
    assert Delivery.objects.get(send_id=send.pk).state == "sent"


def test_what_is_refused_as_unwanted_does_not_suppress() -> None:
    contact = ContactFactory.create(email="ada@far.example")
    bounce_record(report=report("ada@far.example", Kind.BLOCK))
    assert is_suppressed(contact) == ""


def test_a_complaint_outweighs_a_bounce_and_is_final(director: User) -> None:
    contact = ContactFactory.create(email="ada@far.example")
    bounce_record(report=report("ada@far.example", Kind.HARD))
    bounce = bounce_record(report=report("ada@far.example", Kind.COMPLAINT))
    assert bounce is not None
    assert bounce.suppressed
    assert is_suppressed(contact) == "complained"
    assert Suppression.objects.in_force().get().source == f"bounce:{bounce.pk}"


def test_soft_bounces_in_a_row_suppress_by_the_rule() -> None:
    contact = ContactFactory.create(email="ada@far.example")
    for number in (3, 2):
        sent_to(contact, days_ago=number)
        bounce_record(report=report("ada@far.example", Kind.SOFT, days_ago=number))
        assert is_suppressed(contact) == ""
    sent_to(contact, days_ago=1)
    bounce_record(report=report("ada@far.example", Kind.SOFT, days_ago=1))
    assert is_suppressed(contact) == "bounced"


def test_one_that_arrived_in_between_starts_the_row_again() -> None:
    contact = ContactFactory.create(email="ada@far.example")
    for number, comes_back in ((5, True), (4, True), (3, False), (2, True), (1, True)):
        sent_to(contact, days_ago=number)
        if comes_back:
            bounce_record(report=report("ada@far.example", Kind.SOFT, days_ago=number))
    assert is_suppressed(contact) == ""
    sent_to(contact, days_ago=0)
    bounce_record(report=report("ada@far.example", Kind.SOFT))
    assert is_suppressed(contact) == "bounced"


def test_soft_bounces_of_long_ago_and_of_one_message_do_not_add_up() -> None:
    contact = ContactFactory.create(email="ada@far.example")
    for number in (45, 40):
        sent_to(contact, days_ago=number)
        bounce_record(report=report("ada@far.example", Kind.SOFT, days_ago=number))
    sent_to(contact)
    for number in range(4):
        bounce_record(report=report("ada@far.example", Kind.SOFT, key=f"same:{number}"))
    assert is_suppressed(contact) == ""


def test_an_address_that_a_person_removed_starts_its_row_again(director: User) -> None:
    contact = ContactFactory.create(email="ada@far.example")
    for number in (3, 2, 1):
        bounce_record(report=report("ada@far.example", Kind.SOFT, days_ago=number))
    assert is_suppressed(contact) == "bounced"
    suppression_lift(contact=contact, actor=director)
    assert soft_sweep() == 0
    bounce_record(report=report("ada@far.example", Kind.SOFT))
    assert is_suppressed(contact) == ""


def test_a_stricter_rule_holds_for_what_came_before(director: User) -> None:
    contact = ContactFactory.create(email="ada@far.example")
    for number in (3, 2):
        bounce_record(report=report("ada@far.example", Kind.SOFT, days_ago=number))
    assert soft_sweep() == 0
    feedback_rule_save(rule=FeedbackRule(soft_bounces=2), actor=director)
    assert soft_sweep() == 1
    assert is_suppressed(contact) == "bounced"
    assert soft_sweep() == 0


def test_soft_is_too_much_without_a_contact() -> None:
    for number in range(3):
        bounce_record(report=report("gone@far.example", Kind.SOFT, days_ago=number))
    bounce = Bounce.objects.first()
    assert bounce is not None
    assert soft_is_too_much(bounce)


# --- The engine's own refusals ---------------------------------------------------------------------------------------


@pytest.mark.django_db(transaction=True)
def test_smtp_refusals_are_bounces_of_their_kind(sink: Sink) -> None:
    send = sending(*people(23), *people(2, "f550"))
    run_until_quiet(send)
    assert states(send) == {"sent": 23, "failed": 2}
    found = Bounce.objects.of_send(send.pk)
    assert {bounce.kind for bounce in found} == {"hard"}
    assert {(bounce.source, bounce.matched_by, bounce.suppressed) for bounce in found} == {("smtp", "engine", True)}
    assert {bounce.address for bounce in found} == set(people(2, "f550"))
    assert {row.source for row in Suppression.objects.all()} == {f"bounce:{bounce.pk}" for bounce in found}
    feedback = feedback_of(send.pk)
    assert (feedback.attempted, feedback.sent, feedback.hard) == (25, 23, 2)


# --- Limits ----------------------------------------------------------------------------------------------------------


def under_way(sent: int, failed: int = 0) -> Send:
    send = SendFactory.create(state=Send.State.SENDING, launched_at=timezone.now(), audience=sent + failed + 100)
    Batch.objects.create(send=send, number=1, size=sent + failed, sent=sent, failed=failed)
    return send


def came_back(send: Send, kind: str, count: int, start: int = 0) -> None:
    for number in range(start, start + count):
        contact = ContactFactory.create()
        Bounce.objects.create(
            event_key=f"{send.pk}:{kind}:{number}", kind=kind, source="webhook", send=send, contact=contact
        )


def test_one_complaint_in_twenty_stops_nobody() -> None:
    send = under_way(20)
    came_back(send, "complaint", 2)
    assert feedback_check(send.pk) is None


@pytest.mark.parametrize(
    ("kind", "count", "sent", "level"),
    [
        ("complaint", 3, 10_000, None),
        ("complaint", 10, 10_000, "warn"),
        ("complaint", 29, 10_000, "warn"),
        ("complaint", 30, 10_000, "stop"),
        ("complaint", 3, 100, "stop"),
        ("hard", 9, 20, None),
        ("hard", 10, 201, None),
        ("hard", 10, 200, "warn"),
        ("hard", 10, 100, "stop"),
        ("soft", 50, 100, None),
        ("block", 50, 100, None),
    ],
)  # fmt: skip
def test_limits(kind: str, count: int, sent: int, level: str | None) -> None:
    send = under_way(sent)
    came_back(send, kind, count)
    alarm = feedback_check(send.pk)
    assert (alarm.level if alarm else None) == level
    send.refresh_from_db()
    assert send.state == ("stopped" if level == "stop" else "sending")
    assert feedback_check(send.pk) is None


def test_the_reason_is_in_words_and_a_person_may_go_on(director: User) -> None:
    send = under_way(1_000)
    came_back(send, "complaint", 3)
    feedback_watch()
    send.refresh_from_db()
    assert send.state == "stopped"
    assert send.state_reason == "0.30 % complained (3 of 1,000). Sending more would harm your deliverability."
    send_resume(send=send, actor=director)
    feedback_watch()
    came_back(send, "complaint", 2, start=3)
    feedback_watch()
    send.refresh_from_db()
    assert send.state == "sending"
    came_back(send, "complaint", 1, start=5)
    feedback_watch()
    send.refresh_from_db()
    assert send.state == "stopped"
    assert list(FeedbackAlarm.objects.stops().values_list("count", flat=True)) == [6, 3]


def test_the_tick_watches(settings: Settings) -> None:
    send = under_way(1_000)
    came_back(send, "hard", 100)
    tick()
    send.refresh_from_db()
    assert send.state == "stopped"
    assert "10.00 % of the addresses do not exist" in send.state_reason


def test_complaints_count_people_not_reports() -> None:
    contact = ContactFactory.create(email="ada@far.example")
    send = sent_to(contact)
    Batch.objects.create(send=send, number=1, size=1, sent=1)
    for number in range(4):
        bounce_record(report=report("ada@far.example", Kind.COMPLAINT, key=f"c{number}"))
    assert feedback_of(send.pk).complaints == 1
    assert feedback_of(send.pk).complaint_rate == 1.0
    assert not FeedbackAlarm.objects.exists()


def test_a_limit_the_director_set_holds(director: User) -> None:
    feedback_rule_save(
        rule=FeedbackRule(complaint_stop=Decimal("0.20"), complaint_warn=Decimal("0.05")), actor=director
    )
    send = under_way(10_000)
    came_back(send, "complaint", 20)
    alarm = feedback_check(send.pk)
    assert alarm
    assert alarm.level == "stop"


# --- Reads -----------------------------------------------------------------------------------------------------------


def test_roles_that_see_bounces(director: User, analyst: User, owner: User) -> None:
    bounce_record(report=report("ada@far.example"))
    assert Bounce.objects.visible_to(director).count() == Bounce.objects.visible_to(analyst).count() == 1
    assert Bounce.objects.visible_to(owner).count() == 0


def test_of_address() -> None:
    bounce_record(report=report("ada@far.example"))
    bounce_record(report=report("bob@far.example"))
    assert Bounce.objects.of_address(address_hash("ada@far.example")).get().address == "ada@far.example"


def test_a_suppressed_address_is_raised_but_never_lowered() -> None:
    hashed = address_hash("ada@far.example")
    suppression_add(hashed=hashed, reason=Suppression.Reason.ERASED, source="test")
    bounce_record(report=report("ada@far.example", Kind.COMPLAINT))
    assert Suppression.objects.in_force().get().reason == "erased"
