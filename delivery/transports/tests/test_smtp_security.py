"""STARTTLS, TLS and AUTH against a real server (aiosmtpd) with a certificate made for the test."""

import socket
import ssl
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from aiosmtpd.controller import Controller
from aiosmtpd.smtp import SMTP, AuthResult, Envelope, LoginPassword, Session
from pytest_django import Settings

from core.errors import TransportError
from delivery.engine.deliver import deliver
from delivery.engine.tests.test_deliver import people, run_until_quiet, sending, states
from delivery.transports.smtp import Connection, Server
from delivery.transports.tests.certificates import certificate_make
from delivery.transports.tests.sink import Sink, SinkThread

pytestmark = pytest.mark.django_db(transaction=True)
USER, PASSWORD = "shop@example", "p@ss:word/ñ"
URL_LOGIN = "shop%40example:p%40ss%3Aword%2F%C3%B1"


class Mailbox:
    """Keeps what arrives: recipient, and whether the connection was encrypted and the sender known."""

    def __init__(self) -> None:
        self.arrived: list[tuple[str, bool, bool]] = []
        self.bodies: list[bytes] = []

    async def handle_DATA(self, server: SMTP, session: Session, envelope: Envelope) -> str:
        self.arrived.append((envelope.rcpt_tos[0], session.ssl is not None, bool(session.authenticated)))
        assert isinstance(envelope.content, bytes)
        self.bodies.append(envelope.content)
        return "250 2.0.0 kept"


@pytest.fixture(scope="module")
def certificate(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return certificate_make(tmp_path_factory.mktemp("tls"))


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


def _login(server: SMTP, session: Session, envelope: Envelope, mechanism: str, given: Any) -> AuthResult:
    right = isinstance(given, LoginPassword) and given == LoginPassword(USER.encode(), PASSWORD.encode())
    return AuthResult(success=right, handled=False)


Start = Callable[..., tuple[Mailbox, int]]


@pytest.fixture
def start(settings: Settings, tmp_path: Path, certificate: Path) -> Iterator[Start]:
    """`start(implicit=..., **options)`: a server with this certificate; its mailbox and port."""
    settings.HOME = tmp_path
    running: list[Controller] = []

    def go(*, implicit: bool = False, **options: Any) -> tuple[Mailbox, int]:
        context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        context.load_cert_chain(certificate)
        mailbox = Mailbox()
        # `ssl_context` belongs to the listening socket, `tls_context` to STARTTLS.
        wrapped: dict[str, Any] = {"ssl_context": context} if implicit else {"tls_context": context}
        controller = Controller(
            mailbox,
            hostname="127.0.0.1",
            port=free_port(),
            authenticator=_login,
            ready_timeout=20,
            **wrapped,
            **options,
        )
        controller.start()
        running.append(controller)
        return mailbox, controller.port

    yield go
    for controller in running:
        controller.stop()


@pytest.fixture
def trusted(certificate: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """The machine trusts the test's certificate."""
    monkeypatch.setenv("SSL_CERT_FILE", str(certificate))


@pytest.mark.parametrize("excluded", [[], ["LOGIN"], ["PLAIN"]])
def test_starttls_and_a_login_by_every_mechanism(
    start: Start, trusted: None, settings: Settings, excluded: list[str]
) -> None:
    mailbox, port = start(require_starttls=True, auth_required=True, auth_exclude_mechanism=excluded)
    settings.EMAIL_URL = f"smtp+tls://{URL_LOGIN}@127.0.0.1:{port}?connections=1"
    send = sending(*people(12))
    run_until_quiet(send)
    assert states(send) == {"sent": 12}
    assert sorted(mailbox.arrived) == sorted((address, True, True) for address in people(12))
    assert all(body.endswith(b"--\r\n") and b"\r\nMIME-Version: 1.0\r\n" in body for body in mailbox.bodies)


def test_tls_from_the_first_byte(start: Start, trusted: None, settings: Settings) -> None:
    mailbox, port = start(implicit=True, auth_require_tls=False)
    settings.EMAIL_URL = f"smtp+ssl://{URL_LOGIN}@127.0.0.1:{port}"
    send = sending(*people(12))
    run_until_quiet(send)
    assert states(send) == {"sent": 12}
    assert {known for _, _, known in mailbox.arrived} == {True}


def test_a_wrong_password_stops_the_send_with_the_servers_words(
    start: Start, trusted: None, settings: Settings
) -> None:
    mailbox, port = start(require_starttls=True, auth_required=True)
    settings.EMAIL_URL = f"smtp+tls://shop%40example:wrong@127.0.0.1:{port}"
    send = sending(*people(12))
    assert deliver(send_id=send.pk) is False
    send.refresh_from_db()
    assert (send.state, states(send)) == ("stopped", {"pending": 12})
    assert "535" in send.state_reason
    assert mailbox.arrived == []


def test_a_certificate_nobody_vouches_for_gets_neither_password_nor_mail(start: Start, settings: Settings) -> None:
    mailbox, port = start(require_starttls=True, auth_required=True)
    settings.EMAIL_URL = f"smtp+tls://{URL_LOGIN}@127.0.0.1:{port}"
    send = sending(*people(12))
    deliver(send_id=send.pk)
    assert states(send) == {"pending": 12}
    send.refresh_from_db()
    assert "certificate" in send.state_reason.lower()
    assert mailbox.arrived == []


def test_a_server_without_starttls_is_refused_rather_than_spoken_to_in_clear(
    settings: Settings,
) -> None:
    with SinkThread(Sink()) as sink, pytest.raises(TransportError):
        Connection(
            Server.of(f"smtp+tls://u:p@127.0.0.1:{sink.port}?timeout=2"),
            helo="shop.example",
            offer=lambda: None,
            on_body=lambda message: None,
            on_answer=lambda message, answer: None,
        )
