"""Delivering: every recipient exactly once, whatever the mail server does."""

from collections import Counter
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest
from django.conf import settings as django_settings
from django.db import connection
from django.utils import timezone
from pytest_django import Settings

from accounts.people.models import User
from accounts.people.tests.factories import UserFactory
from core.errors import Conflict
from crm.consent.models import Consent, Suppression
from crm.consent.services import suppression_add
from crm.contacts.models import Contact
from crm.contacts.services import contact_address_set
from crm.contacts.tests.factories import ContactFactory
from delivery.engine import batch_writer, dot_delay, freeze
from delivery.engine import deliver as delivering
from delivery.engine.batch_queue import BatchQueue
from delivery.engine.deliver import deliver
from delivery.engine.journal import journals
from delivery.engine.prepare import variants_compile
from delivery.guardrails.models import SendingPolicy
from delivery.senders.services import identity_save
from delivery.sends.channels import identity_of
from delivery.sends.models import Batch, Delivery, Send
from delivery.sends.queries import send_progress
from delivery.sends.services import resend_unknown, retry_failed, send_cancel, send_finish, send_pause, send_resume
from delivery.sends.tests.factories import SendFactory, VariantFactory, frozen_in_both_arms
from delivery.transports.message import Message
from delivery.transports.smtp import Server
from delivery.transports.tests.factories import through
from delivery.transports.tests.sink import Sink, SinkThread
from tests.fixtures.waiting import wait_until

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture
def sink(settings: Settings, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Sink]:
    settings.HOME = tmp_path_factory.mktemp("home")
    with SinkThread(Sink()) as sink:
        settings.EMAIL_URL = sink.url
        yield sink


def sending(*addresses: str, **fields: object) -> Send:
    """A frozen send to people with these addresses, ready for a worker."""
    people = [ContactFactory.create(email=address) for address in addresses]

    def make() -> Send:
        send = SendFactory.create(state=Send.State.SENDING, launched_at=timezone.now(), **fields)
        VariantFactory.create(send=send, label="A")
        VariantFactory.create(send=send, label="B", subject="Other")
        agreed = [Consent(contact=one, topic=send.topic, given=True, source="test") for one in people]
        Consent.objects.bulk_create(agreed)
        variants_compile(send)
        return send

    return frozen_in_both_arms(make, Contact.objects.filter(pk__in=[one.pk for one in people]))


def people(count: int, start: str = "a") -> list[str]:
    return [f"{start}-{number}@example.com" for number in range(count)]


def run_until_quiet(send: Send) -> None:
    """As workers do: runs until nobody is due, deferred recipients at once."""
    for _turn in range(20):
        while deliver(send_id=send.pk):
            pass
        Delivery.objects.filter(send_id=send.pk, state="deferred").update(next_attempt_at=timezone.now())
        Batch.objects.filter(send=send, state="ready").update(due_at=timezone.now())
        if send_finish(send_id=send.pk):
            break
    send.refresh_from_db()


def states(send: Send) -> dict[str, int]:
    found: dict[str, int] = {}
    for state in Delivery.objects.filter(send_id=send.pk).values_list("state", flat=True):
        found[state] = found.get(state, 0) + 1
    return found


def test_everybody_gets_it_once_and_the_ledger_says_so(sink: Sink) -> None:
    send = sending(*people(120))
    run_until_quiet(send)
    assert sorted(recipient for _, recipient in sink.taken) == sorted(people(120))
    assert len({message_id for message_id, _ in sink.taken}) == 120
    assert states(send) == {"sent": 120}
    assert send.state == Send.State.FINISHED
    row = Delivery.objects.filter(send_id=send.pk).first()
    assert row
    assert (row.smtp_code, row.smtp_reply, row.attempts) == (250, "2.0.0 taken", 1)
    assert Contact.objects.filter(last_contacted_at=None).count() == 0
    assert journals() == []
    progress = send_progress(send)
    assert (progress.sent, progress.waiting, progress.percent) == (120, 0, 100)


def test_a_second_run_sends_nothing_more(sink: Sink) -> None:
    send = sending(*people(30))
    run_until_quiet(send)
    assert deliver(send_id=send.pk) is False
    assert len(sink.taken) == 30


@pytest.mark.parametrize("pipelining", [True, False])
def test_a_server_that_misbehaves_ends_with_everybody_deliverable_sent_once(
    settings: Settings, tmp_path_factory: pytest.TempPathFactory, pipelining: bool
) -> None:
    settings.HOME = tmp_path_factory.mktemp("home")
    odd = people(20, "t454") + people(3, "f550") + people(1, "hang") + people(4, "drop") + people(1, "stall")
    addresses = people(40) + odd
    with SinkThread(Sink(pipelining=pipelining, window=2048)) as sink:
        settings.EMAIL_URL = f"{sink.url}&hold=0.1"
        send = sending(*addresses)
        run_until_quiet(send)
    arrived = [recipient for _, recipient in sink.taken]
    assert sorted(arrived) == sorted(one for one in addresses if not one.startswith("f550"))
    assert states(send) == {"sent": 66, "failed": 3}
    assert send.state == Send.State.FINISHED
    assert Suppression.objects.filter(reason="bounced").count() == 3


@pytest.mark.parametrize("how", ["mute", "gone"])
def test_whole_and_unanswered_is_unknown_and_never_sent_again_by_itself(sink: Sink, how: str) -> None:
    send = sending(*people(30), *people(2, how))
    run_until_quiet(send)
    assert states(send) == {"sent": 30, "unknown": 2}
    assert send.state == Send.State.FINISHED
    assert sorted(recipient for _, recipient in sink.taken) == sorted(people(30) + people(2, how))


def test_a_server_that_takes_all_and_says_nothing_costs_a_few_unknown_and_stops_the_send(
    settings: Settings, sink: Sink
) -> None:
    settings.EMAIL_URL = f"{sink.url}&connections=1".replace("timeout=2", "timeout=0.5")
    send = sending(*people(30, "mute"))
    deliver(send_id=send.pk)
    send.refresh_from_db()
    assert (send.state, states(send)) == (Send.State.STOPPED, {"pending": 27, "unknown": 3})
    assert "did not confirm 3 messages in a row" in send.state_reason


def test_the_company_as_a_whole_keeps_its_pace(sink: Sink) -> None:
    SendingPolicy.objects.create(pk=1, per_second=40)
    send = sending(*people(60))
    run_until_quiet(send)
    assert states(send) == {"sent": 60}
    assert sink.times[-1] - sink.times[0] > 1.0


def test_the_results_of_a_batch_that_takes_long_are_seen_meanwhile(sink: Sink, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(batch_writer, "CHECKPOINT_SECONDS", 0.3)
    monkeypatch.setattr(delivering, "CHECK_SECONDS", 0.1)
    SendingPolicy.objects.create(pk=1, per_second=20)
    send = sending(*people(55), *people(5, "t451"))
    seen: set[int] = set()

    def look() -> bool:
        progress = send_progress(send)
        rows = Delivery.objects.filter(send_id=send.pk, state="sent").count()
        if progress.sent and progress.claimed:
            seen.add(progress.sent)
            assert rows >= progress.sent
            assert progress.per_second
            assert progress.seconds_left is not None
        return len(seen) >= 3

    with ThreadPoolExecutor(1) as beside:
        running = beside.submit(in_a_thread, send.pk)
        wait_until(look, what="the count to grow while the batch is claimed")
        running.result()
    run_until_quiet(send)
    assert states(send) == {"sent": 60}
    assert len(sink.taken) == 60
    again = Delivery.objects.filter(send_id=send.pk).values_list("attempts", flat=True)
    assert Counter(again) == {1: 55, 2: 5}


def in_a_thread(send_id: int) -> None:
    try:
        deliver(send_id=send_id)
    finally:
        connection.close()


def test_after_a_first_break_the_dot_waits_and_nobody_else_is_unknown(sink: Sink) -> None:
    addresses = people(30) + people(10, "drop")
    send = sending(*addresses)
    dot_delay.windows.clear()
    run_until_quiet(send)
    dot_delay.windows.clear()
    found = states(send)
    connections = Server.of(sink.url).connections
    assert found.get("unknown", 0) <= connections
    assert sum(found.values()) == 40
    arrived = [recipient for _, recipient in sink.taken]
    assert len(arrived) == len(set(arrived)) == found["sent"]


@pytest.mark.parametrize(("answer", "state"), [("552 5.3.4 too big", "failed"), ("250 what?", "deferred")])
def test_an_answer_in_the_middle_of_a_message_ends_the_connection(
    settings: Settings, tmp_path: Path, answer: str, state: str
) -> None:
    settings.HOME = tmp_path
    with SinkThread(Sink(early=answer)) as sink:
        settings.EMAIL_URL = f"{sink.url}&hold=0.1&connections=1"
        send = sending(*people(16, "early"))
        deliver(send_id=send.pk)
    assert states(send) == {state: 16}
    assert sink.taken == []


def test_a_refused_connection_sends_nothing_and_is_shown(settings: Settings, sink: Sink) -> None:
    send = sending(*people(20))
    settings.EMAIL_URL = "smtp://127.0.0.1:1"
    assert deliver(send_id=send.pk) is False
    send.refresh_from_db()
    assert states(send) == {"pending": 20}
    assert "127.0.0.1:1" in send.state_reason
    assert send.failing_since
    settings.SENDING_STOP_AFTER_SECONDS = 0
    Batch.objects.filter(send=send).update(due_at=timezone.now())
    deliver(send_id=send.pk)
    send.refresh_from_db()
    assert send.state == Send.State.STOPPED
    assert states(send) == {"pending": 20}


def test_contacts_suppressed_or_withdrawn_after_queueing_get_nothing(sink: Sink) -> None:
    send = sending(*people(20))
    gone, withdrew = Contact.objects.order_by("pk")[:2]
    assert gone.address_hash
    assert send.topic
    Suppression.objects.create(address_hash=gone.address_hash, reason="unsubscribed")
    Consent.objects.create(contact=withdrew, topic=send.topic, given=False, source="test")
    run_until_quiet(send)
    assert states(send) == {"sent": 18, "skipped": 2}
    assert send_progress(send).skips == {"suppressed": 1, "no_consent": 1}


def test_a_paused_send_waits_and_goes_on_where_it_was(
    sink: Sink, monkeypatch: pytest.MonkeyPatch, director: User
) -> None:
    monkeypatch.setattr(freeze, "BATCH_SIZE", 10)
    send = sending(*people(60))
    deliver(send_id=send.pk, seconds=0.01)
    send_pause(send=send, actor=director)
    before = len(sink.taken)
    assert deliver(send_id=send.pk) is False
    assert 0 < before == len(sink.taken) < 60
    send_resume(send=send, actor=director)
    run_until_quiet(send)
    assert sorted(recipient for _, recipient in sink.taken) == sorted(people(60))


def test_a_cancelled_send_skips_waiting_recipients(sink: Sink, monkeypatch: pytest.MonkeyPatch, director: User) -> None:
    monkeypatch.setattr(freeze, "BATCH_SIZE", 10)
    send = sending(*people(60))
    deliver(send_id=send.pk, seconds=0.01)
    send_cancel(send=send, actor=director)
    assert deliver(send_id=send.pk) is False
    found = states(send)
    assert found["sent"] == len(sink.taken)
    assert found["sent"] + found["skipped"] == 60
    assert send_progress(send).finished == 60


def test_failed_and_unknown_are_sent_again_on_request_exactly_those(sink: Sink, director: User) -> None:
    send = sending(*people(20), *people(2, "f550"))
    run_until_quiet(send)
    row = Delivery.objects.filter(send_id=send.pk, state="sent").order_by("contact_id")[0]
    Delivery.objects.filter(send_id=send.pk, contact_id=row.contact_id).update(state="unknown")
    Batch.objects.filter(send=send, number=row.batch).update(unknown=1)
    Suppression.objects.all().delete()
    Contact.objects.filter(email__startswith="f550").update()
    with pytest.raises(Conflict) as refused:
        retry_failed(send=send, actor=director, expected=3)
    assert (refused.value.code, states(send)) == ("count_changed", {"sent": 19, "failed": 2, "unknown": 1})
    assert retry_failed(send=send, actor=director, expected=2) == 2
    assert resend_unknown(send=send, actor=director) == 1
    run_until_quiet(send)
    assert [recipient for _, recipient in sink.taken].count(row.address) == 2
    assert len(sink.taken) == 21
    assert send.state == Send.State.FINISHED


def test_the_claim_is_committed_before_the_first_byte(sink: Sink, monkeypatch: pytest.MonkeyPatch) -> None:
    send = sending(*people(10))
    seen = []
    begin = BatchQueue.begin

    def watch(queue: BatchQueue, message: Message) -> None:
        row = Delivery.objects.get(send_id=send.pk, contact_id=message.contact_id)
        claimed = Batch.objects.claimed().filter(send=send, number=row.batch).exists()
        seen.append((connection.in_atomic_block, claimed))
        begin(queue, message)

    monkeypatch.setattr(BatchQueue, "begin", watch)
    run_until_quiet(send)
    assert len(seen) == 10
    assert set(seen) == {(False, True)}


def test_an_address_outside_ascii_needs_a_server_that_carries_it_and_stops_nobody_else(sink: Sink) -> None:
    send = sending(*people(20), "ñandú@example.com")
    run_until_quiet(send)
    assert states(send) == {"sent": 20, "failed": 1}
    row = Delivery.objects.get(send_id=send.pk, state="failed")
    assert (row.address, row.reason) == ("ñandú@example.com", "not_ascii")
    sink.greeting = sink.greeting.replace(b"250 HELP", b"250-SMTPUTF8\r\n250 HELP")
    assert retry_failed(send=send, actor=UserFactory.create()) == 1
    run_until_quiet(send)
    assert states(send) == {"sent": 21}
    assert sink.taken[-1][1] == "ñandú@example.com"


def test_contacts_erased_archived_or_moved_after_queueing(sink: Sink) -> None:
    send = sending(*people(20))
    erased, archived, moved, moved_away = Contact.objects.order_by("pk")[:4]
    Contact.objects.filter(pk=erased.pk).delete()
    Contact.objects.filter(pk=archived.pk).update(archived_at=timezone.now())
    contact_address_set(contact=moved, email="New@Example.com", actor=None)
    contact_address_set(contact=moved_away, email="gone@example.com", actor=None)
    suppression_add(address="gone@example.com", reason="bounced", source="test")
    run_until_quiet(send)
    assert states(send) == {"sent": 17, "skipped": 3}
    assert send_progress(send).skips == {"no_address": 2, "suppressed": 1}
    assert Delivery.objects.get(send_id=send.pk, contact_id=moved.pk).address == "new@example.com"
    taken = {recipient for _, recipient in sink.taken}
    assert "new@example.com" in taken
    assert not taken & {one.email for one in (erased, archived, moved, moved_away)}


def test_paused_five_times_with_its_settings_changed_everybody_gets_it_once(
    sink: Sink, monkeypatch: pytest.MonkeyPatch, director: User
) -> None:
    monkeypatch.setattr(freeze, "BATCH_SIZE", 5)
    send = sending(*people(120))
    with SinkThread(Sink()) as other:
        for turn in range(5):
            deliver(send_id=send.pk, seconds=0.01)
            send_pause(send=send, actor=director)
            through(send.identity, (other if turn % 2 else sink).url)
            identity = identity_of(send)
            identity.from_name, identity.per_second = f"Shop {turn}", 500 + turn
            identity_save(identity=identity, actor=director)
            SendingPolicy.objects.update_or_create(pk=1, defaults={"cap_messages": 1 + turn})
            assert deliver(send_id=send.pk) is False
            send_resume(send=send, actor=director)
        run_until_quiet(send)
        taken = [recipient for _, recipient in sink.taken + other.taken]
    assert states(send) == {"sent": 120}
    assert sorted(taken) == sorted(people(120))
    assert all(b"From: Example Shop <" in body for body in sink.bodies + other.bodies), "as it was launched"


def test_what_is_tried_again_keeps_its_message_id(sink: Sink) -> None:
    send = sending(*people(20), *people(5, "t451"))
    run_until_quiet(send)
    assert states(send) == {"sent": 25}
    arrived = {recipient: message_id for message_id, recipient in sink.taken}
    again = {message_id for recipient, message_id in arrived.items() if recipient.startswith("t451")}
    assert {one.decode() for one in sink.refused} == again
    assert len(again) == 5
    rows = Delivery.objects.filter(send_id=send.pk, address__startswith="t451")
    assert set(rows.values_list("attempts", flat=True)) == {2}


def test_no_rendered_copy_is_kept(sink: Sink) -> None:
    """Neither in the database nor in the home: the ledger holds what became of a message, never the message."""
    send = sending(*people(20))
    Contact.objects.update(first_name="Quetzalcoatl")
    run_until_quiet(send)
    assert all(b"Hello Quetzalcoatl" in body for body in sink.bodies)
    kept = "%Hello Quetzalcoatl%"
    with connection.cursor() as cursor:
        for table in connection.introspection.table_names(cursor):
            cursor.execute(f'SELECT count(*) FROM "{table}" t WHERE t::text LIKE %s', [kept])
            assert cursor.fetchone() == (0,), table
    home = Path(django_settings.HOME)
    assert not any(b"Hello Quetzalcoatl" in path.read_bytes() for path in home.rglob("*") if path.is_file())
