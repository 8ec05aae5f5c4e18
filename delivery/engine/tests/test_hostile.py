"""Mail servers that say anything at any moment: nobody counts as sent who is not, nobody fails for their sake."""

import socket
import threading
import time
from collections.abc import Callable, Iterator, Mapping
from contextlib import suppress
from pathlib import Path

import pytest
from pytest_django import Settings

from delivery.engine import dot_delay
from delivery.engine.deliver import deliver
from delivery.engine.server_health import MAX_BREAKS_IN_A_ROW
from delivery.engine.tests.test_deliver import people, run_until_quiet, sending, states
from delivery.sends.models import Delivery, Send
from delivery.transports import smtp
from delivery.transports.message import Message
from delivery.transports.smtp import Answer, Connection, Server

pytestmark = pytest.mark.django_db(transaction=True)
Says = bytes | Callable[[bytes], bytes] | None
CLOSE = b""
LONG = b"250-" + b"x" * 100_000
ENDLESS = b"250-more\r\n" * 1000
USUAL: dict[str, Says] = {
    "banner": b"220 here ESMTP\r\n",
    "EHLO": b"250-here\r\n250 PIPELINING\r\n",
    "DATA": b"354 go on\r\n",
    ".": b"250 2.0.0 taken\r\n",
}


class Hostile(threading.Thread):
    """A server with a scripted answer to each command ("." is the final dot): b"" hangs up, None says nothing.
    Whose whole message it said yes to is in `taken`; `heard` are the commands. It wants `most` connections at once."""

    def __init__(self, says: Mapping[str, Says], *, drip: bool = False, most: int = 100) -> None:
        super().__init__(daemon=True)
        self.says, self.drip, self.most = {**USUAL, **says}, drip, most
        self.taken: list[str] = []
        self.heard: list[bytes] = []
        self.open: list[socket.socket] = []
        self.listener = socket.create_server(("127.0.0.1", 0))
        self.port = self.listener.getsockname()[1]

    def __enter__(self) -> "Hostile":
        self.start()
        return self

    def __exit__(self, *_: object) -> None:
        self.listener.shutdown(socket.SHUT_RDWR)
        self.listener.close()
        for one in self.open:
            one.close()

    def run(self) -> None:
        while True:
            try:
                sock, _ = self.listener.accept()
            except OSError:
                return
            living = [one for one in self.open if one.fileno() >= 0]
            self.open = [*living, sock]
            threading.Thread(target=self.talk, args=(sock, len(living) < self.most), daemon=True).start()

    def talk(self, sock: socket.socket, is_wanted: bool) -> None:
        with suppress(OSError, ValueError), sock, sock.makefile("rb") as lines:
            sock.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
            if not is_wanted:
                sock.sendall(b"421 4.7.0 one at a time\r\n")
                return
            self.say(sock, self.says["banner"], b"")
            recipient = ""
            for line in lines:
                self.heard.append(line)
                verb = line[:4].upper().strip().decode()
                if verb == "RCPT":
                    recipient = line[line.find(b"<") + 1 : line.rfind(b">")].decode()
                said = self.say(sock, self.says.get(verb, b"250 ok\r\n"), line)
                if verb == "DATA" and said.startswith(b"354"):
                    while (body := lines.readline()) != b".\r\n":
                        if not body:
                            return
                    says = self.says["."]
                    answer = says(recipient.encode()) if callable(says) else says
                    if answer and answer.startswith(b"2"):
                        self.taken.append(recipient)
                    self.say(sock, answer, b"")

    def say(self, sock: socket.socket, says: Says, line: bytes) -> bytes:
        answer = says(line) if callable(says) else says
        if answer == CLOSE:
            raise ValueError("hangs up")
        for piece in [answer[n : n + 1] for n in range(len(answer))] if answer and self.drip else [answer or b""]:
            sock.sendall(piece)
        return answer or b""

    def url(self, **options: object) -> str:
        found = {"connections": 1, "timeout": 0.5, **options}
        return f"smtp://127.0.0.1:{self.port}?" + "&".join(f"{name}={value}" for name, value in found.items())


@pytest.fixture(autouse=True)
def at_home(settings: Settings, tmp_path: Path) -> Iterator[None]:
    settings.HOME = tmp_path
    dot_delay.windows.clear()
    yield
    dot_delay.windows.clear()


def through(server: Hostile, settings: Settings, *addresses: str, **options: object) -> Send:
    """One run of a worker on a send by this server."""
    settings.EMAIL_URL = server.url(**options)
    send = sending(*addresses)
    deliver(send_id=send.pk)
    send.refresh_from_db()
    sent = set(Delivery.objects.filter(send_id=send.pk, state="sent").values_list("address", flat=True))
    assert sent <= set(server.taken)
    return send


@pytest.mark.parametrize(
    ("says", "state", "reason", "code"),
    [
        ({"DATA": b"554 5.7.1 not today\r\n"}, "failed", "refused", 554),
        ({"DATA": b"250 of course\r\n"}, "deferred", "deferred", 250),
        ({"DATA": b"450 4.2.0 later\r\n"}, "deferred", "deferred", 450),
        ({".": b"451 4.3.0 later\r\n"}, "deferred", "deferred", 451),
        ({".": b"421 4.3.2 going down\r\n"}, "deferred", "deferred", 421),
        ({".": b"554-5.7.1 this is\r\n554 5.7.1 spam\r\n"}, "failed", "refused", 554),
        ({".": b"354 go on\r\n"}, "deferred", "deferred", 354),
        ({"RCPT": b"550 5.1.1 nobody\r\n"}, "failed", "hard_bounce", 550),
        ({"RCPT": b"550 5.1.1 nobody\r\n", ".": b"250 taken, to nobody\r\n"}, "failed", "hard_bounce", 550),
        ({"RCPT": b"452-4.2.2 full\r\n452 4.2.2 for now\r\n"}, "deferred", "deferred", 452),
    ],
)
@pytest.mark.parametrize("extensions", [b"250-here\r\n250 PIPELINING\r\n", b"250 here\r\n"])
def test_what_is_refused_at_any_step_is_so_in_the_ledger(
    settings: Settings, says: dict[str, Says], state: str, reason: str, code: int, extensions: bytes
) -> None:
    with Hostile({"EHLO": extensions, **says}) as server:
        send = through(server, settings, *people(14))
    assert states(send) == {state: 14}
    rows = Delivery.objects.filter(send_id=send.pk).values_list("reason", "smtp_code")
    assert set(rows) == {(reason, code)}
    assert send.state == Send.State.SENDING


@pytest.mark.parametrize("extensions", [b"250-here\r\n250 PIPELINING\r\n", b"250 here\r\n"])
def test_answers_byte_by_byte_and_of_many_lines_are_read_whole(settings: Settings, extensions: bytes) -> None:
    many = dict.fromkeys(("MAIL", "RCPT", "."), b"250-well\r\n250-yes\r\n250 2.1.0 ok\r\n")
    with Hostile({"EHLO": extensions, "DATA": b"354-go\r\n354 on\r\n", **many}, drip=True) as server:
        send = through(server, settings, *people(14))
    assert states(send) == {"sent": 14}
    assert sorted(server.taken) == sorted(people(14))
    assert Delivery.objects.filter(send_id=send.pk, smtp_reply="well yes 2.1.0 ok").count() == 14


@pytest.mark.parametrize("step", ["banner", "EHLO", "MAIL", "RCPT", "DATA"])
@pytest.mark.parametrize("says", [b"421 4.3.2 going down\r\n", b"who goes there?\r\n", LONG, ENDLESS, None, CLOSE])
def test_nobody_fails_or_is_unknown_for_what_a_server_says_before_the_body(
    settings: Settings, monkeypatch: pytest.MonkeyPatch, step: str, says: Says
) -> None:
    monkeypatch.setattr("delivery.engine.server_health.MAX_BREAKS_IN_A_ROW", 4)
    with Hostile({step: says}) as server:
        send = through(server, settings, *people(14))
        assert server.taken == []
    assert set(states(send)) <= {"pending", "deferred"}
    assert send.state == Send.State.SENDING


@pytest.mark.parametrize("says", [b"taken, I think\r\n", LONG, ENDLESS, CLOSE])
def test_what_is_no_answer_to_a_whole_message_costs_a_few_unknown_and_stops_the_send(
    settings: Settings, says: Says
) -> None:
    with Hostile({".": says}) as server:
        send = through(server, settings, *people(14))
    assert states(send) == {"unknown": 3, "pending": 11}
    assert (send.state, "3 times in a row" in send.state_reason) == (Send.State.STOPPED, True)


def test_a_second_answer_to_one_message_is_taken_for_no_other(settings: Settings) -> None:
    with Hostile({".": b"250 taken\r\n250 taken\r\n"}) as server:
        send = through(server, settings, *people(14))
    assert states(send).get("sent", 0) <= len(server.taken)
    assert len(server.taken) == len(set(server.taken))


def test_a_server_that_opens_too_slowly_is_left(settings: Settings, monkeypatch: pytest.MonkeyPatch) -> None:
    """Each byte comes in time; all of them never do."""
    monkeypatch.setattr(smtp, "OPENING_SECONDS", 0.6)

    def slowly(_line: bytes) -> bytes:
        time.sleep(0.2)
        return b"250-wait\r\n"

    with Hostile({"EHLO": slowly, "banner": b"220-still\r\n220 busy\r\n"}) as server:
        began = time.monotonic()
        send = through(server, settings, *people(14), timeout=30)
    assert time.monotonic() - began < 10
    assert states(send) == {"pending": 14}
    assert send.failing_since


def test_a_server_that_takes_one_connection_at_a_time_is_content(settings: Settings) -> None:
    with Hostile({}, most=1) as server:
        send = through(server, settings, *people(40), connections=4)
        run_until_quiet(send)
        assert sorted(server.taken) == sorted(people(40))
    assert (send.state, send.failing_since, states(send)) == (Send.State.FINISHED, None, {"sent": 40})


@pytest.mark.parametrize("extensions", [b"250-here\r\n250 PIPELINING\r\n", b"250 here\r\n"])
def test_at_whom_the_connection_always_ends_holds_up_nobody_else(settings: Settings, extensions: bytes) -> None:
    def rcpt(line: bytes) -> bytes:
        return CLOSE if b"poison" in line else b"250 ok\r\n"

    with Hostile({"EHLO": extensions, "RCPT": rcpt}) as server:
        send = through(server, settings, *people(3, "poison"), *people(40))
        assert sorted(server.taken) == sorted(people(40))
    assert states(send) == {"sent": 40, "deferred": 3}
    assert send.state == Send.State.SENDING


def test_a_server_that_hangs_up_on_everybody_is_left_for_a_while(settings: Settings) -> None:
    with Hostile({"MAIL": CLOSE}) as server:
        send = through(server, settings, *people(60))
        assert len([line for line in server.heard if line.startswith(b"EHLO")]) <= MAX_BREAKS_IN_A_ROW
    assert (send.state, "20 times in a row" in send.state_reason) == (Send.State.SENDING, True)
    assert set(states(send)) == {"pending", "deferred"}


def test_nothing_is_said_in_clear_where_tls_was_asked_for(settings: Settings) -> None:
    with Hostile({"STAR": b"502 5.5.1 what is that\r\n"}) as server:
        settings.EMAIL_URL = server.url().replace("smtp://", "smtp+tls://shop:secret@")
        send = sending(*people(14))
        deliver(send_id=send.pk)
        assert {line.split()[0] for line in server.heard} == {b"EHLO", b"STARTTLS"}
    send.refresh_from_db()
    assert (send.state, "502" in send.state_reason, states(send)) == (Send.State.STOPPED, True, {"pending": 14})


def test_a_refused_password_fails_nobody_and_stops_the_send(settings: Settings) -> None:
    with Hostile({"EHLO": b"250-here\r\n250 AUTH PLAIN\r\n", "AUTH": b"535 5.7.8 who are you\r\n"}) as server:
        settings.EMAIL_URL = server.url().replace("smtp://", "smtp://shop:secret@")
        send = sending(*people(14))
        deliver(send_id=send.pk)
        assert not any(line.startswith(b"MAIL") for line in server.heard)
    send.refresh_from_db()
    assert (send.state, "535" in send.state_reason, states(send)) == (Send.State.STOPPED, True, {"pending": 14})


def test_an_answer_before_the_end_of_a_message_has_left_is_no_acceptance() -> None:
    """Far more than the system takes in: the server says 250 while most of the body is still here."""
    message = Message(7, "a@example.com", "shop@example.com", b"x" * 70 + b"\r\n" * 8_000_000)
    offered, answers = [message], list[Answer]()
    with socket.create_server(("127.0.0.1", 0)) as listener:
        listener.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 4096)
        opened = threading.Thread(target=_says_yes_to_all, args=(listener,), daemon=True)
        opened.start()
        one = Connection(
            Server.of(f"smtp://127.0.0.1:{listener.getsockname()[1]}?timeout=5"),
            helo="shop.example",
            offer=lambda: offered.pop() if offered else None,
            on_body=lambda _message: None,
            on_answer=lambda _message, answer: answers.append(answer),
        )
        one.start()
        while not one.closed:
            one.push()
            one.readable()
    assert [(answer.code, answer.stage, answer.accepted) for answer in answers] == [(0, "part", False)]


def _says_yes_to_all(listener: socket.socket) -> None:
    sock, _ = listener.accept()
    with sock:
        sock.sendall(b"220 here\r\n")
        sock.recv(1000)
        sock.sendall(b"250-here\r\n250 PIPELINING\r\n")
        sock.recv(1000)
        sock.sendall(b"250 ok\r\n250 ok\r\n354 go on\r\n")
        time.sleep(0.3)
        sock.sendall(b"250 taken\r\n")
        time.sleep(1)
