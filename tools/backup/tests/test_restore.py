"""A backup taken while mail leaves and is clicked, restored: nobody gets a message twice, no event is lost."""

import contextlib
from collections import Counter
from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path

import psycopg2
import pytest
from django.db import connection
from django.utils import timezone
from pytest_django import Settings

from accounts.audit.models import AuditEntry
from accounts.people.models import User
from campaigns.campaigns.tests.factories import campaign_make
from core.errors import Conflict
from core.locks import lock_number
from core.mail.models import TransactionalMail
from crm.contacts.tests.factories import ContactFactory
from delivery.engine import freeze
from delivery.engine.deliver import deliver
from delivery.engine.prepare import send_prepare
from delivery.engine.tests.test_deliver import people, run_until_quiet, sending, states
from delivery.engine.throttle import shared
from delivery.engine.tick import tick
from delivery.engine.tokens import token_make
from delivery.sends.launch import send_resume_checked
from delivery.sends.models import Batch, Delivery, Send
from delivery.sends.restored import Restored, restored_decide, restored_of
from delivery.sends.services import send_cancel
from delivery.sends.tests.factories import SendFactory, willing
from delivery.tracking import collect
from delivery.tracking.collect import events_collect
from delivery.tracking.entries import STREAM
from delivery.tracking.models import Event, EventInbox
from delivery.tracking.tests.test_tracking import ask
from delivery.transports.tests.sink import Sink, SinkThread
from tools.backup import database, load
from tools.backup.archive import Archive
from tools.backup.errors import BackupError
from tools.backup.load import Loaded, backup_load, refuse_newer
from tools.backup.make import Made, backup_make
from tools.backup.tests.databases import Databases, two_databases

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture
def databases() -> Iterator[Databases]:
    shared().delete(STREAM)
    with two_databases() as databases:
        yield databases
    shared().delete(STREAM)


@pytest.fixture
def sink(settings: Settings, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Sink]:
    settings.HOME = settings.MEDIA_ROOT = tmp_path / "home"
    settings.HOME.mkdir()
    monkeypatch.setattr(freeze, "BATCH_SIZE", 5)
    monkeypatch.setattr("celery.app.base.Celery.send_task", lambda self, name, **options: None)
    with SinkThread(Sink()) as sink:
        settings.EMAIL_URL = sink.url
        yield sink


@pytest.fixture
def file(tmp_path: Path) -> Path:
    return tmp_path / "backup.cauce"


def take(file: Path) -> Made:
    return backup_make(file, passphrase=None, tell=lambda text: None)


def restore(file: Path, databases: Databases, settings: Settings, folder: str = "restored") -> Loaded:
    """Into the other database and a home of its own, with which this process works from here on."""
    databases.use_other()
    settings.HOME = settings.MEDIA_ROOT = file.parent / folder
    with contextlib.closing(Archive(file)) as archive:
        archive.check()
        return backup_load(archive, tell=lambda text: None)


def half_sent() -> tuple[Send, list[int], list[int]]:
    """A send to forty, twenty of whom have it; the contacts who have it, and those who wait."""
    send = sending(*people(40))
    later = list(Batch.objects.filter(send=send, state="ready").order_by("number").values_list("pk", flat=True))[::2]
    Batch.objects.filter(pk__in=later).update(due_at=timezone.now() + timedelta(hours=1))
    while deliver(send_id=send.pk):
        pass
    sent = Delivery.objects.filter(send_id=send.pk, state="sent").values_list("contact_id", flat=True)
    waiting = Delivery.objects.filter(send_id=send.pk, state="pending").values_list("contact_id", flat=True)
    return send, list(sent), list(waiting)


def click(send: Send, contact: int) -> None:
    ((status, _headers),) = ask("/c/" + token_make("click", send.pk, contact, 1))
    assert status == 302


def clicked() -> set[int]:
    return set(Event.objects.filter(kind="click").values_list("contact_id", flat=True))


def test_a_send_and_its_clicks_between_backup_and_restore(
    sink: Sink, file: Path, databases: Databases, settings: Settings, director: User
) -> None:
    send, sent, waiting = half_sent()
    assert sent
    assert waiting
    click(send, sent[0])
    made = take(file)
    assert made.events == 0
    click(send, sent[1])
    events_collect()
    run_until_quiet(send)
    click(send, waiting[0])  # acknowledged, and still in Redis when the database is lost
    assert len(sink.taken) == 40

    loaded = restore(file, databases, settings)
    assert loaded.held[0] == "Sends stopped: 1; held: 0. They go on when a person decides about them."
    send = Send.objects.get(public_id=send.public_id)
    assert (send.state, send.backup_taken_at) == (Send.State.STOPPED, made.taken_at)
    tick()
    assert deliver(send_id=send.pk) is False
    with pytest.raises(Conflict, match="restored from a backup"):
        send_resume_checked(send=send, actor=director)
    assert restored_of(send) == Restored(made.taken_at, len(waiting), True)

    restored_decide(send=send, actor=director, as_unknown=True, expected=len(waiting))
    run_until_quiet(send)
    assert send.state == Send.State.FINISHED
    assert states(send) == {"sent": len(sent), "unknown": len(waiting)}
    assert Counter(recipient for _, recipient in sink.taken) == Counter(people(40))

    click(send, waiting[1])
    events_collect()
    assert clicked() == {sent[0], waiting[0], waiting[1]}
    assert AuditEntry.objects.filter(action="backup_restore").count() == 1


def test_a_person_who_knows_that_nothing_left_sends_to_them(
    sink: Sink, file: Path, databases: Databases, settings: Settings, director: User
) -> None:
    send, _sent, waiting = half_sent()
    take(file)
    restore(file, databases, settings)
    send = Send.objects.get(public_id=send.public_id)
    with pytest.raises(Conflict, match="Check the number and confirm again") as refused:
        restored_decide(send=send, actor=director, as_unknown=False, expected=len(waiting) - 1)
    assert refused.value.code == "count_changed"
    restored_decide(send=send, actor=director, as_unknown=False, expected=len(waiting))
    run_until_quiet(send)
    assert states(send) == {"sent": 40}
    assert Counter(recipient for _, recipient in sink.taken) == Counter(people(40))
    with pytest.raises(Conflict) as twice:
        restored_decide(send=send, actor=director, as_unknown=False, expected=0)
    assert twice.value.code == "restored_decided"


def test_what_a_worker_had_in_hand_is_unknown_too(
    sink: Sink, file: Path, databases: Databases, settings: Settings, director: User
) -> None:
    send, _sent, waiting = half_sent()
    batch = Batch.objects.filter(send=send, state="ready").order_by("number")[0]
    Batch.objects.filter(pk=batch.pk).update(
        state=Batch.State.CLAIMED, owner="gone-1", host="gone", begun=True, heartbeat_at=timezone.now()
    )
    take(file)
    restore(file, databases, settings)
    send = Send.objects.get(public_id=send.public_id)
    restored_decide(send=send, actor=director, as_unknown=True, expected=len(waiting))
    run_until_quiet(send)
    assert send.state == Send.State.FINISHED
    assert states(send)["unknown"] == len(waiting)


def test_cancelling_says_of_nobody_that_they_did_not_get_it(
    sink: Sink, file: Path, databases: Databases, settings: Settings, director: User
) -> None:
    send, sent, waiting = half_sent()
    take(file)
    restore(file, databases, settings)
    send = Send.objects.get(public_id=send.public_id)
    send_cancel(send=send, actor=director, expected=len(waiting))
    assert send.backup_taken_at is None
    assert states(send) == {"sent": len(sent), "unknown": len(waiting)}


def scheduled(director: User, at: timedelta) -> Send:
    willing(40)  # so many that none of the arms is empty
    send = campaign_make(director).send
    Send.objects.filter(pk=send.pk).update(
        state=Send.State.SCHEDULED, scheduled_at=timezone.now() + at, scheduled_zone="UTC", launched_at=timezone.now()
    )
    return send


def test_a_scheduled_send_is_held_and_can_be_recorded_as_sent(
    sink: Sink, file: Path, databases: Databases, settings: Settings, director: User
) -> None:
    send = scheduled(director, timedelta(seconds=-1))
    made = take(file)
    restore(file, databases, settings)
    send = Send.objects.get(public_id=send.public_id)
    tick()
    send.refresh_from_db()
    assert send.state == Send.State.HELD
    restored = restored_of(send)
    assert restored
    assert (restored.taken_at, restored.is_frozen) == (made.taken_at, False)
    assert restored.count > 0
    restored_decide(send=send, actor=director, as_unknown=True, expected=restored.count)
    assert send_prepare(send_id=send.pk)
    run_until_quiet(send)
    assert send.state == Send.State.FINISHED
    assert states(send) == {"unknown": restored.count}
    assert sink.taken == []


@pytest.mark.parametrize(("at", "state"), [(timedelta(hours=2), "scheduled"), (timedelta(hours=-2), "late")])
def test_a_scheduled_send_that_did_not_start_waits_again(
    sink: Sink, file: Path, databases: Databases, settings: Settings, director: User, at: timedelta, state: str
) -> None:
    send = scheduled(director, at)
    take(file)
    restore(file, databases, settings)
    send = Send.objects.get(public_id=send.public_id)
    restored = restored_of(send)
    assert restored
    send = restored_decide(send=send, actor=director, as_unknown=False, expected=restored.count)
    assert (send.state, send.backup_taken_at, send.state_reason) == (state, None, "")


def test_every_state_that_could_have_gone_on(sink: Sink, file: Path, databases: Databases, settings: Settings) -> None:
    for state in Send.State:
        SendFactory.create(state=state)
    made = take(file)
    restore(file, databases, settings)
    found = {send.pk: (send.state, send.backup_taken_at) for send in Send.objects.order_by("pk")}
    marks = [taken for _state, taken in found.values()]
    assert [state for state, _taken in found.values()] == [
        "draft", "held", "late", "held", "stopped", "stopped", "stopped", "stopped", "finished", "cancelled",
    ]  # fmt: skip
    assert marks == [made.taken_at] * 8 + [None, None]


def test_events_on_their_way_come_with_the_backup_once(
    sink: Sink, file: Path, databases: Databases, settings: Settings, monkeypatch: pytest.MonkeyPatch
) -> None:
    send, sent, _waiting = half_sent()
    click(send, sent[0])
    monkeypatch.setattr("tools.backup.make.events_catch_up", lambda seconds: False)
    made = take(file)
    assert made.events == 1
    shared().delete(STREAM)  # Redis is lost as well
    assert restore(file, databases, settings).events == 1
    assert EventInbox.objects.count() == 1
    assert events_collect() == 1
    assert events_collect() == 0
    assert clicked() == {sent[0]}


def test_while_events_are_read_none_moves(sink: Sink) -> None:
    send, sent, _waiting = half_sent()
    click(send, sent[0])
    with collect.events_at_rest():
        lines = list(collect.events_waiting())
        assert sum(group.count(b"\n") for group in lines) == 1
        with contextlib.closing(another_session()) as other, other.cursor() as cursor:
            cursor.execute("SELECT pg_try_advisory_lock(%s)", [lock_number(collect.COLLECT_LOCK)])
            assert cursor.fetchone() == (False,)


def another_session() -> "psycopg2.extensions.connection":
    parameters = connection.get_connection_params()
    return psycopg2.connect(**{name: parameters[name] for name in ("dbname", "user", "password", "host", "port")})


def test_no_key_of_a_mail_that_left_is_given_out_again(
    sink: Sink, file: Path, databases: Databases, settings: Settings
) -> None:
    ContactFactory.create()
    take(file)
    contact_after_the_backup, send_after_the_backup = ContactFactory.create(), SendFactory.create()
    restore(file, databases, settings)
    assert ContactFactory.create().pk > contact_after_the_backup.pk + 1_000_000
    assert SendFactory.create().pk > send_after_the_backup.pk + 1_000_000


def test_transactional_mail_that_waited_is_given_up(
    sink: Sink, file: Path, databases: Databases, settings: Settings
) -> None:
    TransactionalMail.objects.create(
        template="invitation", to="ada@company.example", language="en", context={"link": "secret"}
    )
    take(file)
    loaded = restore(file, databases, settings)
    assert loaded.held[1] == "Invitations and other transactional mails given up, since they may have left: 1."
    mail = TransactionalMail.objects.get()
    assert (mail.state, mail.context) == (TransactionalMail.State.FAILED, {})


def test_media_come_back(sink: Sink, file: Path, databases: Databases, settings: Settings) -> None:
    folder = Path(settings.MEDIA_ROOT)
    (folder / "imports" / "2026").mkdir(parents=True)
    (folder / "imports" / "2026" / "kundinnen ü.csv").write_bytes(b"one\ntwo\n" * 100_000)
    assert take(file).media == 1
    assert restore(file, databases, settings).media == 1
    back = Path(settings.MEDIA_ROOT) / "imports" / "2026" / "kundinnen ü.csv"
    assert back.read_bytes() == b"one\ntwo\n" * 100_000


# --- What is refused ---------------------------------------------------------------------------------------------
def test_a_database_that_holds_anything(
    sink: Sink, file: Path, databases: Databases, settings: Settings, director: User
) -> None:
    take(file)
    with contextlib.closing(Archive(file)) as archive, pytest.raises(BackupError, match="not empty: it has users"):
        backup_load(archive, tell=lambda text: None)
    assert User.objects.get() == director


def test_a_database_that_others_use(sink: Sink, file: Path, databases: Databases, settings: Settings) -> None:
    take(file)
    databases.use_other()
    with (
        contextlib.closing(another_session()),
        pytest.raises(BackupError, match="1 other programs use the database"),
    ):
        restore(file, databases, settings)


def test_a_newer_version(databases: Databases) -> None:
    with pytest.raises(BackupError, match=r"newer version of Cauce, or another one \(crm.9999_tomorrow is not here\)"):
        refuse_newer({"crm": ["0001_initial", "9999_tomorrow"]}, 1)
    with pytest.raises(BackupError, match="is of PostgreSQL 99"):
        refuse_newer({"crm": ["0001_initial"]}, 99)


def test_a_load_that_fails_leaves_nothing(
    sink: Sink, file: Path, databases: Databases, settings: Settings, monkeypatch: pytest.MonkeyPatch
) -> None:
    take(file)
    monkeypatch.setattr(load, "rows_that_differ", lambda cursor, expected: ["crm_contact"])
    with pytest.raises(BackupError, match="do not have the rows they had: crm_contact"):
        restore(file, databases, settings)
    assert database.database_tables() == []


def test_a_dump_that_breaks_off_is_told(databases: Databases, sink: Sink, file: Path) -> None:
    take(file)
    with contextlib.closing(Archive(file)) as archive:
        dumped = archive.read("database.dump")
    databases.use_other()
    with pytest.raises(BackupError, match="pg_restore ended with 1: pg_restore: error: "):
        database.load([dumped[: len(dumped) // 2]])
