"""The bounce mailbox against a real IMAP server (dovecot): what is read, what is moved, what stays, what is
reported."""

import socket
from collections.abc import Iterator
from contextlib import closing

import psycopg2
import pytest
from celery import current_app
from imapclient import IMAPClient
from imapclient.exceptions import CapabilityError

from accounts.people.models import User
from core.errors import Conflict, DomainError
from core.locks import lock_number
from core.secrets import secret_open, secret_seal
from crm.contacts.tests.factories import ContactFactory
from delivery.feedback import imap, mailboxes
from delivery.feedback.mailboxes import (
    mailbox_archive,
    mailbox_poll,
    mailbox_poll_now,
    mailbox_save,
    mailbox_test,
    mailboxes_due,
)
from delivery.feedback.models import Bounce, BounceMailbox
from delivery.feedback.tests import bounce_shapes as shapes
from delivery.feedback.tests.test_bounces import is_suppressed, sent_to
from tests.fixtures.database import database_url
from tests.fixtures.imap import PASSWORD, ImapServer
from tests.fixtures.services import CeleryWorker
from tests.fixtures.waiting import wait_until

pytestmark = pytest.mark.django_db
ANSWER = (
    b"From: ada@far.example\r\nSubject: Re: Spring\r\nMessage-ID: <r@far.example>\r\n\r\nThank you for the tea!\r\n"
)


@pytest.fixture
def user(request: pytest.FixtureRequest) -> str:
    """A mailbox of the test's own."""
    return f"u{abs(hash(request.node.nodeid))}"


def mailbox_make(server: ImapServer, user: str, **fields: object) -> BounceMailbox:
    values = {"host": "127.0.0.1", "port": server.port, "security": "none", "username": user, **fields}
    return BounceMailbox.objects.create(name=f"Bounces {user}", password=secret_seal(PASSWORD), **values)


def test_what_is_understood_is_recorded_and_read_what_is_not_stays_unread(imap_server: ImapServer, user: str) -> None:
    contact = ContactFactory.create(email="ada@far.example")
    send = sent_to(contact)
    headers = shapes.returned(send.pk, contact.pk, "ada@far.example")
    imap_server.put(
        user,
        shapes.postfix("ada@far.example", headers=headers),
        ANSWER,
        shapes.vacation("bob@far.example"),
        shapes.gmail("cy@far.example", "451 later", action="delayed", status="4.3.0"),
        shapes.arf("ada@far.example", headers=headers),
    )
    mailbox = mailbox_make(imap_server, user)
    counts = mailbox_poll(mailbox_id=mailbox.pk)
    assert counts == {"report": 2, "unknown": 1, "auto_reply": 1, "delayed": 1}
    assert imap_server.flags(user) == [(b"\\Seen",), (), (b"\\Seen",), (b"\\Seen",), (b"\\Seen",)]
    assert {bounce.kind for bounce in Bounce.objects.all()} == {"hard", "complaint"}
    assert {bounce.origin for bounce in Bounce.objects.all()} == {mailbox.name}
    assert is_suppressed(contact) == "complained"
    mailbox.refresh_from_db()
    assert (mailbox.seen, mailbox.recorded, mailbox.ignored, mailbox.left, mailbox.error) == (5, 2, 2, 1, "")


def test_what_was_read_is_not_read_again(imap_server: ImapServer, user: str) -> None:
    imap_server.put(user, shapes.postfix("ada@far.example"), ANSWER)
    mailbox = mailbox_make(imap_server, user)
    assert mailbox_poll(mailbox_id=mailbox.pk) == {"report": 1, "unknown": 1}
    assert mailbox_poll(mailbox_id=mailbox.pk) == {}
    imap_server.put(user, shapes.qmail("bob@far.example"))
    assert mailbox_poll(mailbox_id=mailbox.pk) == {"report": 1}
    assert Bounce.objects.count() == 2


def test_done_is_moved_to_its_folder_which_is_made(imap_server: ImapServer, user: str) -> None:
    imap_server.put(user, shapes.postfix("ada@far.example"), ANSWER)
    mailbox = mailbox_make(imap_server, user, done_folder="Processed")
    assert mailbox_poll(mailbox_id=mailbox.pk) == {"report": 1, "unknown": 1}
    assert len(imap_server.flags(user)) == 1
    assert len(imap_server.flags(user, "Processed")) == 1


def test_a_server_without_move_copies_and_deletes(
    imap_server: ImapServer, user: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    def no_move(*_args: object) -> None:
        raise CapabilityError("no MOVE")

    monkeypatch.setattr(IMAPClient, "move", no_move)
    imap_server.put(user, shapes.postfix("ada@far.example"), ANSWER)
    mailbox = mailbox_make(imap_server, user, done_folder="Processed")
    mailbox_poll(mailbox_id=mailbox.pk)
    assert (len(imap_server.flags(user)), len(imap_server.flags(user, "Processed"))) == (1, 1)


def test_a_rebuilt_mailbox_is_read_from_its_beginning_and_adds_nothing(imap_server: ImapServer, user: str) -> None:
    bounce = shapes.postfix("ada@far.example")
    imap_server.put(user, bounce)
    mailbox = mailbox_make(imap_server, user)
    mailbox_poll(mailbox_id=mailbox.pk)
    BounceMailbox.objects.filter(pk=mailbox.pk).update(uid_validity=1, last_uid=999)
    imap_server.put(user, shapes.postfix("bob@far.example"))
    assert mailbox_poll(mailbox_id=mailbox.pk) == {"report": 2}
    assert Bounce.objects.count() == 2


def test_a_worker_that_dies_between_recording_and_putting_away(
    imap_server: ImapServer, user: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    imap_server.put(user, shapes.postfix("ada@far.example"))
    mailbox = mailbox_make(imap_server, user)

    def dies(*_args: object) -> None:
        raise SystemExit

    with monkeypatch.context() as patched:
        patched.setattr(imap.Inbox, "move_done", dies)
        with pytest.raises(SystemExit):
            mailbox_poll(mailbox_id=mailbox.pk)
    assert Bounce.objects.count() == 1
    assert imap_server.flags(user) == [()]
    assert mailbox_poll(mailbox_id=mailbox.pk) == {"report": 1}
    assert Bounce.objects.count() == 1
    assert imap_server.flags(user) == [(b"\\Seen",)]


def test_many_messages_in_chunks_and_large_ones_in_part(
    imap_server: ImapServer, user: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(mailboxes, "CHUNK", 4)
    monkeypatch.setattr(mailboxes, "MAX_PER_RUN", 10)
    large = shapes.postfix("large@far.example").replace(
        b"Hello, the tea is here.", b"x" * 70 + b"\r\n" + b"y" * 2_000_000
    )
    imap_server.put(user, large, *(shapes.postfix(f"p{number}@far.example") for number in range(11)))
    mailbox = mailbox_make(imap_server, user)
    assert mailbox_poll(mailbox_id=mailbox.pk) == {"report": 10}
    assert mailbox_poll(mailbox_id=mailbox.pk) == {"report": 2}
    assert Bounce.objects.count() == 12


@pytest.mark.parametrize("security", ["tls", "starttls"])
def test_encrypted_and_vouched_for(
    imap_server: ImapServer, user: str, security: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("SSL_CERT_FILE", str(imap_server.certificate))
    port = imap_server.tls_port if security == "tls" else imap_server.port
    imap_server.put(user, ANSWER)
    look = mailbox_test(mailbox=mailbox_make(imap_server, user, security=security, port=port, done_folder="Done"))
    assert (look.messages, look.unread) == (1, 1)


def refused(mailbox: BounceMailbox) -> str:
    with pytest.raises(DomainError) as error:
        mailbox_test(mailbox=mailbox)
    assert error.value.code == "mailbox_unreachable"
    return error.value.message


def test_errors_say_what_to_change(imap_server: ImapServer, user: str) -> None:
    mailbox = mailbox_make(imap_server, user, security="tls", port=imap_server.tls_port)
    assert refused(mailbox).startswith("The certificate of 127.0.0.1 is not trusted: self")
    mailbox.security = "starttls"
    mailbox.port = imap_server.port
    assert "is not trusted" in refused(mailbox)
    mailbox.security = "tls"
    assert refused(mailbox).startswith(f"127.0.0.1 does not support TLS on port {imap_server.port}.")
    mailbox.security = "none"
    mailbox.password = secret_seal("wrong")
    assert refused(mailbox) == "127.0.0.1 does not accept this user and password."
    mailbox.password = "never sealed"
    assert "SECRETS_KEY" in refused(mailbox)
    mailbox.password = secret_seal(PASSWORD)
    mailbox.folder = "No such folder"
    assert "127.0.0.1 replied:" in refused(mailbox)
    with socket.create_server(("127.0.0.1", 0)) as server:
        mailbox.port = server.getsockname()[1]
    assert refused(mailbox) == f"127.0.0.1 refuses connections on port {mailbox.port}."
    mailbox.host = "no-such-host.invalid"
    assert refused(mailbox) == "Without encryption the password would be readable on its way. Choose TLS or STARTTLS."
    mailbox.security = "tls"
    assert refused(mailbox) == "There is no server called no-such-host.invalid."


@pytest.fixture
def silent() -> Iterator[int]:
    """A server that takes the connection and says nothing."""
    with socket.create_server(("127.0.0.1", 0)) as server:
        yield server.getsockname()[1]


def test_a_silent_server_is_given_up(
    imap_server: ImapServer, user: str, silent: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(imap, "ANSWER_SECONDS", 0.2)
    mailbox = mailbox_make(imap_server, user, port=silent)
    assert refused(mailbox) == f"127.0.0.1 does not answer on port {silent}."
    assert mailbox_poll(mailbox_id=mailbox.pk) is None
    mailbox.refresh_from_db()
    assert mailbox.error == f"127.0.0.1 does not answer on port {silent}."
    failing = mailbox.failing_since
    assert failing is not None
    mailbox_poll(mailbox_id=mailbox.pk)
    mailbox.refresh_from_db()
    assert mailbox.failing_since == failing
    BounceMailbox.objects.filter(pk=mailbox.pk).update(port=imap_server.port)
    monkeypatch.setattr(imap, "ANSWER_SECONDS", 30)
    assert mailbox_poll(mailbox_id=mailbox.pk) == {}
    mailbox.refresh_from_db()
    assert mailbox.error == ""
    assert mailbox.failing_since is None


def test_a_mailbox_is_saved_without_showing_its_password(director: User) -> None:
    values = {"host": "imap.shop.example", "username": "bounces", "name": "Bounces"}
    mailbox = mailbox_save(mailbox=BounceMailbox(**values), password="one", actor=director)
    assert "one" not in mailbox.password
    BounceMailbox.objects.filter(pk=mailbox.pk).update(uid_validity=7, last_uid=30)
    mailbox.refresh_from_db()
    mailbox.name = "Returned mail"
    mailbox_save(mailbox=mailbox, password="", actor=director)
    mailbox.refresh_from_db()
    assert (secret_open(mailbox.password), mailbox.last_uid) == ("one", 30)
    mailbox.username = "other"
    mailbox_save(mailbox=mailbox, password="", actor=director)
    mailbox.refresh_from_db()
    assert (mailbox.uid_validity, mailbox.last_uid) == (None, 0)


def test_archived_mailboxes_are_not_read(imap_server: ImapServer, user: str, director: User) -> None:
    mailbox = mailbox_make(imap_server, user)
    assert mailboxes_due() == [mailbox.pk]
    mailbox_archive(mailbox=mailbox, actor=director)
    assert mailboxes_due() == []
    assert mailbox_poll(mailbox_id=mailbox.pk) is None
    mailbox_archive(mailbox=mailbox, actor=director, archived=False)
    assert mailbox_poll_now(mailbox=mailbox) == {}


@pytest.mark.django_db(transaction=True)
def test_only_one_worker_reads_a_mailbox_and_the_scheduled_task_does(
    imap_server: ImapServer, user: str, celery_worker: CeleryWorker
) -> None:
    imap_server.put(user, shapes.postfix("ada@far.example"))
    mailbox = mailbox_make(imap_server, user)
    with closing(psycopg2.connect(database_url())) as other, other.cursor() as cursor:
        cursor.execute("SELECT pg_advisory_lock(%s)", [lock_number(f"mailbox:{mailbox.pk}")])
        assert mailbox_poll(mailbox_id=mailbox.pk) is None
    assert not Bounce.objects.exists()
    current_app.send_task("delivery.poll_mailboxes")
    wait_until(Bounce.objects.exists, what="the bounce")


def test_busy_is_said(imap_server: ImapServer, user: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(mailboxes, "mailbox_poll", lambda mailbox_id: None)
    with pytest.raises(Conflict):
        mailbox_poll_now(mailbox=mailbox_make(imap_server, user))
