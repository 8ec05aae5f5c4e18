"""Talking to a mail server: an address from settings, and a connection that pipelines.

With PIPELINING (RFC 2920) the next envelope travels behind the final dot of the last body; a body waits for its own
354. Without it the same conversation goes one command at a time. The connection knows nothing of ledgers: it is given
messages and says what the server answered about each.

A connection that ends without an answer leaves the question whether the server had the whole message. It had not when
the final dot never left this machine; nor when the server closed in order (FIN acknowledges all that its TCP had) and
its acknowledgements end before the dot. A reset proves nothing: it overtakes data and acknowledgements. A server that
broke off in a body before is therefore given the dot a moment after the body (`hold`), so that the next time it does
so the dot has not left.
"""

import base64
import contextlib
import fcntl
import socket
import ssl
import struct
from collections import deque
from collections.abc import Callable
from dataclasses import dataclass, field
from time import monotonic
from typing import NamedTuple
from urllib.parse import parse_qs, unquote, urlsplit

from core.errors import TransportError
from delivery.transports.message import Message

GREETING_TIMEOUT = 30.0
# Greeting, TLS and login together: shorter than a worker may be without a sign of life.
OPENING_SECONDS = 40.0
CHUNK = 65536
# An answer has lines of 512 bytes (RFC 5321, 4.5.3.1.5); what is far beyond that is no mail server's.
MAX_LINE, MOST_LINES = 16384, 200
# Linux: bytes the peer's TCP has not acknowledged, and bytes that have not left at all.
UNACKNOWLEDGED, UNSENT = 0x5411, 0x894B
# Of a server that broke off in a body: how long it gets to do so again before the dot, beyond two round trips.
CAREFUL_SECONDS = 0.02
ROUND_TRIP = struct.Struct("68xI")
END = b".\r\n"
ENVELOPE = frozenset({"mail", "rcpt", "rset"})
SECURITY = {
    "smtp": "", "smtps": "tls", "smtp+tls": "starttls", "smtp+ssl": "tls", "submission": "starttls",
}  # fmt: skip


@dataclass(frozen=True)
class Server:
    """A mail server as its URL says: `smtp+tls://user:password@host:587?connections=4&timeout=60`.

    `smtp+tls` is STARTTLS, `smtp+ssl` TLS from the first byte. `timeout` is how long an answer may take, in seconds;
    `hold` how long the final dot waits behind its body (None: only after the server has broken off in a body).
    """

    host: str
    port: int
    security: str = ""
    user: str = ""
    password: str = field(default="", repr=False)
    connections: int = 2
    timeout: float = 120.0
    hold: float | None = None

    @classmethod
    def of(cls, url: str) -> "Server":
        """Raises TransportError (permanent) when the address is not one of a mail server."""
        parts = urlsplit(url)
        if parts.scheme not in SECURITY or not parts.hostname:
            raise TransportError(f"not the address of a mail server: {parts.scheme}://", permanent=True)
        options = {name: values[-1] for name, values in parse_qs(parts.query).items()}
        security = SECURITY[parts.scheme]
        return cls(
            host=parts.hostname,
            port=parts.port or {"tls": 465, "starttls": 587}.get(security, 25),
            security=security,
            user=unquote(parts.username or ""),
            password=unquote(parts.password or ""),
            connections=int(options.get("connections", 2)),
            timeout=float(options.get("timeout", 120)),
            hold=float(options["hold"]) if "hold" in options else None,
        )

    def __str__(self) -> str:
        return f"{self.host}:{self.port}"

    def hide(self, text: str) -> str:
        """Words of the server, which may repeat what it was given, without the password."""
        pair = f"\0{self.user}\0{self.password}"
        encoded = [base64.b64encode(words.encode()).decode() for words in (pair, self.password)]
        for form in (*encoded, self.password) if self.password else ():
            text = text.replace(form, "•••")
        return text


class Answer(NamedTuple):
    """What the server said last about a message: accepted (250 after the dot), or refused at `stage`.

    `code` 0 means that the connection ended or fell silent; `stage` says how far the message had come: "body" when the
    server may have had all of it, "part" when the end of it certainly had not reached the server. `wait` is how many
    seconds we were asked to wait.
    """

    code: int
    text: str
    stage: str
    wait: float = 0.0

    @property
    def accepted(self) -> bool:
        return self.stage == "body" and 200 <= self.code < 300


class Connection:
    """One kept-alive connection. `on_body(message)` is called before a message's first body byte leaves, `on_answer`
    when the server's last word on it is known; both are synchronous and must not call back.

    `offer` is called whenever another envelope may go out; it returns the next message or None. Nothing leaves before
    `push`: the driver of several connections writes the journal once for all of them in between.
    """

    def __init__(
        self,
        server: Server,
        *,
        helo: str,
        offer: Callable[[], Message | None],
        on_body: Callable[[Message], None],
        on_answer: Callable[[Message, Answer], None],
    ) -> None:
        self.server, self.helo = server, helo
        self.offer, self.on_body, self.on_answer = offer, on_body, on_answer
        self.capabilities: set[str] = set()
        self.buffer = b""
        self.lines: list[bytes] = []
        self.out = b""
        self.waits_for_room = False
        self.written = 0
        self.dot_at: int | None = None
        self.hold = server.hold or 0.0
        self.held_until: float | None = None
        self.expected: deque[tuple[str, Message]] = deque()
        self.refused: Answer | None = None
        self.needs_reset = False
        self.closed = False
        self.heard_at = monotonic()
        self.sock = self._connect()
        self.pipelining = "PIPELINING" in self.capabilities
        self.eight_bit = "8BITMIME" in self.capabilities
        self.international = "SMTPUTF8" in self.capabilities
        self.in_clear = not isinstance(self.sock, ssl.SSLSocket)
        self.sock.setblocking(False)

    def fileno(self) -> int:
        return self.sock.fileno()

    @property
    def busy(self) -> bool:
        return bool(self.expected)

    # --- Opening ----------------------------------------------------------------------------------------------------

    def _connect(self) -> socket.socket:
        """A greeted, secured and authenticated connection. Raises TransportError."""
        server = self.server
        self.open_by = monotonic() + OPENING_SECONDS
        self.sock = socket.socket()
        try:
            sock = socket.create_connection((server.host, server.port), timeout=min(server.timeout, GREETING_TIMEOUT))
            sock.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
            if server.security == "tls":
                sock = ssl.create_default_context().wrap_socket(sock, server_hostname=server.host)
            self.sock = sock
            self._require(self._reply(), 220)
            self._hello()
            if server.security == "starttls":
                self._require(self._ask("STARTTLS"), 220)
                self.sock = sock = ssl.create_default_context().wrap_socket(sock, server_hostname=server.host)
                self.buffer = b""
                self._hello()
            if server.user:
                self._authenticate()
        except OSError as error:
            self.sock.close()
            raise TransportError(f"{server}: {error.strerror or error}", permanent=False) from error
        except TransportError:
            self.sock.close()
            raise
        return sock

    def _hello(self) -> None:
        code, text = self._ask(f"EHLO {self.helo}")
        if code == 250:
            self.capabilities = {line.strip().upper() for line in text.split("\n")[1:]}
        elif code >= 500:
            # It does not know EHLO.
            self._require(self._ask(f"HELO {self.helo}"), 250)
        else:
            self._require((code, text), 250)

    def _authenticate(self) -> None:
        user, password = self.server.user, self.server.password
        offered = next((line.split()[1:] for line in self.capabilities if line.startswith("AUTH")), [])
        if "LOGIN" in offered and "PLAIN" not in offered:
            self._require(self._ask("AUTH LOGIN"), 334)
            self._require(self._ask(base64.b64encode(user.encode()).decode()), 334)
            self._require(self._ask(base64.b64encode(password.encode()).decode()), 235)
        else:
            secret = base64.b64encode(f"\0{user}\0{password}".encode()).decode()
            self._require(self._ask(f"AUTH PLAIN {secret}"), 235)

    def _ask(self, command: str) -> tuple[int, str]:
        self.sock.sendall(command.encode() + b"\r\n")
        return self._reply()

    def _reply(self) -> tuple[int, str]:
        while (reply := self._next_reply()) is None:
            if len(self.buffer) > MAX_LINE:
                raise TransportError(f"{self.server}: the answer is too long", permanent=False)
            left = max(self.open_by - monotonic(), 0.001)
            self.sock.settimeout(min(self.server.timeout, GREETING_TIMEOUT, left))
            chunk = self.sock.recv(CHUNK)
            if not chunk:
                raise TransportError(f"{self.server}: the server closed the connection", permanent=False)
            self.buffer += chunk
        return reply

    def _require(self, reply: tuple[int, str], code: int) -> None:
        if reply[0] != code:
            said = self.server.hide(f"{self.server}: {reply[0]} {reply[1]}")
            raise TransportError(said[:250], permanent=reply[0] >= 500)

    # --- Conversation -----------------------------------------------------------------------------------------------

    def start(self) -> bool:
        """Send the next envelope when idle; False when there is none."""
        if self.closed or self.expected:
            return False
        message = self.offer()
        if message is None:
            return False
        self.heard_at = monotonic()
        self._write(self._envelope(message))
        return True

    def readable(self) -> None:
        """Read what has come and act on every whole answer in it."""
        ended, why = False, ""
        try:
            while not ended:
                chunk = self.sock.recv(CHUNK)
                self.buffer += chunk
                ended = not chunk
                # Behind TLS more may wait that the poll does not see.
                if self.in_clear or len(self.buffer) > MAX_LINE:
                    break
        except (BlockingIOError, ssl.SSLWantReadError, ssl.SSLWantWriteError):
            pass
        except OSError as error:
            why = error.strerror or str(error)
        # What it said before it ended counts.
        self._take_all()
        if ended or why:
            self.fail(why or "the server closed the connection", in_order=ended)

    def _take_all(self) -> None:
        *lines, self.buffer = self.buffer.split(b"\n")
        if lines:
            self.heard_at = monotonic()
        expected, is_open = self.expected, self.pipelining
        for line in lines:
            # What most answers are: a part of an envelope accepted, the word to go on, a message taken.
            step = expected[0][0] if is_open and expected and line[3:4] == b" " and not self.lines else ""
            if step in ENVELOPE and line[:1] == b"2":
                expected.popleft()
                continue
            if step == "data" and line[:3] == b"354":
                self._body_or_not(expected.popleft()[1], 354, "")
                continue
            all_left = self.held_until is None and not self.out
            if step == "body" and line[:3] == b"250" and all_left and self.refused is None:
                self.on_answer(expected.popleft()[1], Answer(250, line[4:].strip().decode("utf-8", "replace"), "body"))
                self.start()
                continue
            self.lines.append(line)
            if line[3:4] == b"-":
                if len(self.lines) < MOST_LINES:
                    continue
                self.fail("the answer is too long")
                return
            answer, self.lines = self.lines, []
            self._take(*_parsed(answer))
            if self.closed:
                return
        if len(self.buffer) > MAX_LINE:
            self.fail("the answer is too long")

    def push(self) -> None:
        """Write what is due; what does not fit waits for room."""
        if not self.out or self.closed:
            return
        try:
            sent = self.sock.send(self.out)
            self.out = self.out[sent:] if sent < len(self.out) else b""
        except (BlockingIOError, ssl.SSLWantWriteError, ssl.SSLWantReadError):
            pass
        except OSError as error:
            self.fail(error.strerror or str(error))

    def _take(self, code: int, text: str) -> None:
        if not self.expected or code < 200:
            # Nobody asked, or no answer at all: whatever follows could be taken for the answer to something else.
            self.fail(f"{code or ''} {text}".strip())
            return
        step, message = self.expected.popleft()
        if step == "body" and not self._dot_has_left():
            self._broken_off(message, code, text)
        elif step == "body":
            self._answered(message, Answer(code, text, "body") if self.refused is None else self.refused)
        elif step == "data":
            self._body_or_not(message, code, text)
        elif step != "rset" and code >= 400 and self.refused is None:
            self.refused = Answer(code, text, step)
            self.needs_reset = True
        if not self.pipelining and step in ENVELOPE:
            self._step(message, step)
        if code == 421:
            self.fail(f"421 {text}")
        elif not self.expected:
            self.start()

    def overdue(self, now: float) -> bool:
        """Whether the server has kept us waiting for longer than its timeout."""
        return bool(self.expected) and now - self.heard_at > self.server.timeout

    @property
    def awaits_verdict(self) -> bool:
        """Whether a message has left whole and the server's word on it is awaited."""
        return bool(self.expected) and self.expected[0][0] == "body" and self.dot_at is not None

    def _step(self, message: Message, done: str) -> None:
        """The next command of an envelope where the server wants them one at a time."""
        if self.refused is not None:
            self._answered(message, self.refused)
            return
        following = {"rset": "mail", "mail": "rcpt", "rcpt": "data"}[done]
        self.expected.append((following, message))
        self._write(self._commands(message)[following])

    def _body_or_not(self, message: Message, code: int, text: str) -> None:
        if code != 354:
            self.needs_reset = True
            self._answered(message, self.refused or Answer(code, text, "data"))
        elif self.refused is not None:
            # The server opened the data phase although it refused the recipient: an empty body, and its answer is moot.
            self.expected.append(("body", message))
            self.dot_at = self.written + len(END)
            self._write(END)
        else:
            self.on_body(message)
            self.expected.append(("body", message))
            self.dot_at = None
            if self.hold:
                self.held_until = monotonic() + self.hold
                self._write(message.body)
            else:
                self._end_body(message.body)

    def _end_body(self, body: bytes = b"") -> None:
        """The final dot, and the next envelope behind it."""
        self.held_until = None
        following = self.offer() if self.pipelining else None
        behind = self._envelope(following) if following is not None else b""
        self.dot_at = self.written + len(body) + len(END)
        self._write(b"".join((body, END, behind)))

    def release(self, now: float) -> None:
        """Send the final dot that was held back, when its time has come."""
        if self.held_until is not None and now >= self.held_until and not self.closed:
            self._end_body()

    def _broken_off(self, message: Message, code: int, text: str) -> None:
        """An answer before the message was whole: a refusal counts, and nothing more can be said here."""
        self.held_until = None
        self._answered(message, Answer(code if code >= 400 else 0, text, "part"))
        self.fail("the server answered in the middle of a message")

    def _dot_has_left(self) -> bool:
        """Whether the final dot of the body on the wire has left our own buffers."""
        return self.dot_at is not None and self.written - len(self.out) >= self.dot_at

    def _answered(self, message: Message, answer: Answer) -> None:
        self.refused = None
        self.on_answer(message, answer)

    def _envelope(self, message: Message) -> bytes:
        if self.pipelining and not self.needs_reset:
            self.expected += (("mail", message), ("rcpt", message), ("data", message))
            return b"%bRCPT TO:<%b>\r\nDATA\r\n" % (self._mail(message), message.recipient.encode())
        commands = self._commands(message)
        steps = (["rset"] if self.needs_reset else []) + ["mail", "rcpt", "data"]
        self.needs_reset = False
        if not self.pipelining:
            steps = steps[:1]
        self.expected.extend((step, message) for step in steps)
        return b"".join(commands[step] for step in steps)

    def _mail(self, message: Message) -> bytes:
        options = (" BODY=8BITMIME" if self.eight_bit else "") + ("" if message.recipient.isascii() else " SMTPUTF8")
        return f"MAIL FROM:<{message.sender}>{options}\r\n".encode()

    def _commands(self, message: Message) -> dict[str, bytes]:
        return {
            "rset": b"RSET\r\n",
            "mail": self._mail(message),
            "rcpt": f"RCPT TO:<{message.recipient}>\r\n".encode(),
            "data": b"DATA\r\n",
        }

    def _write(self, data: bytes) -> None:
        """Keep for the next `push`."""
        self.written += len(data)
        self.out = self.out + data if self.out else data

    def _next_reply(self) -> tuple[int, str] | None:
        """While opening: the next whole answer in the buffer; None when there is none yet."""
        start, lines = 0, []
        while (end := self.buffer.find(b"\n", start)) >= 0:
            lines.append(self.buffer[start:end])
            start = end + 1
            if lines[-1][3:4] != b"-":
                self.buffer = self.buffer[start:]
                return _parsed(lines)
        return None

    # --- Ending -----------------------------------------------------------------------------------------------------

    def fail(self, why: str, *, in_order: bool = False) -> None:
        """The connection is of no more use: every message on it is answered with code 0 at the stage it had reached.

        `in_order` says that the server closed it (FIN), not a reset, an error or our patience.
        """
        if self.closed:
            return
        in_body = "body" if self._may_be_whole(in_order=in_order) else "part"
        self.close()
        stages: dict[int, tuple[Message, str]] = {}
        for step, message in self.expected:
            known = stages.get(message.contact_id)
            if known is None or known[1] != "body":
                stages[message.contact_id] = (message, step)
        self.expected.clear()
        refused, self.refused = self.refused, None
        for message, step in stages.values():
            if refused is not None:
                # It was said of the message in conversation, which is the first.
                self.on_answer(message, refused)
                refused = None
            else:
                self.on_answer(message, Answer(0, why, in_body if step == "body" else step))

    def _may_be_whole(self, *, in_order: bool) -> bool:
        """Whether the final dot of the body on the wire may have reached the server."""
        if self.dot_at is None:
            return False
        left = len(self.out)
        # Behind TLS the kernel counts other bytes than we do.
        if self.in_clear:
            with contextlib.suppress(OSError):
                answer = fcntl.ioctl(self.sock.fileno(), UNACKNOWLEDGED if in_order else UNSENT, b"\0" * 4)
                left += struct.unpack("i", answer)[0]
        return self.written - left >= self.dot_at

    def watch_for_room(self) -> bool | None:
        """Whether the poll must now look for room to write; None when that is as it was."""
        if self.waits_for_room == bool(self.out):
            return None
        self.waits_for_room = not self.waits_for_room
        return self.waits_for_room

    def delay_dots(self) -> None:
        """From now on the final dot waits behind its body for long enough to see the server break off."""
        if not self.hold and not self.closed:
            measured = self.sock.getsockopt(socket.IPPROTO_TCP, socket.TCP_INFO, ROUND_TRIP.size)
            self.hold = CAREFUL_SECONDS + 2e-6 * ROUND_TRIP.unpack(measured)[0]

    def close(self) -> None:
        self.closed = True
        with contextlib.suppress(OSError):
            if not self.expected:
                self.sock.send(b"QUIT\r\n")
        with contextlib.suppress(OSError):
            self.sock.close()


def _parsed(lines: list[bytes]) -> tuple[int, str]:
    """The code of an answer and its words, the lines joined; 0 when it is none."""
    code = lines[-1][:3]
    if len(code) < 3 or not code.isdigit():
        return 0, b" ".join(lines)[:200].decode("utf-8", "replace").strip()
    return int(code), "\n".join([line[4:].strip().decode("utf-8", "replace") for line in lines])
