"""Providers without SMTP, through django-anymail: one message per request, as many requests at once as the provider has
connections, each over a kept-alive connection of its own.

An `ApiConnection` looks to a run like one of `delivery.transports.smtp`: it is offered messages and says what became of
each. The request is made in a thread of its own; before it starts, the message is in the journal. So one message per
connection can be unknown, as with SMTP. That is why the calls for many messages at once (Postmark's `/email/batch`,
Resend's `/emails/batch`) are not used: an answer lost there would make hundreds unknown.

What an answer means is in `delivery.transports.provider_api.responses`.
"""

import base64
import email
import os
import warnings
from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass, field
from email.header import decode_header, make_header
from email.utils import parseaddr
from queue import SimpleQueue
from threading import Lock, Thread
from time import monotonic
from typing import Any
from urllib.parse import parse_qs, quote, unquote, urljoin, urlsplit

import requests
from anymail.exceptions import AnymailNotSupportedWarning
from django.conf import settings
from django.core.mail import EmailMultiAlternatives
from django.utils.module_loading import import_string
from django.utils.translation import gettext as _

from core.errors import TransportError
from delivery.transports.message import Message
from delivery.transports.provider_api.responses import answer_of
from delivery.transports.provider_api.session import ApiSession
from delivery.transports.smtp import Answer

MAX_CONNECTIONS = 64
OWN_HEADERS = ("List-Unsubscribe", "List-Unsubscribe-Post", "Feedback-ID", "Message-ID")
MAX_METADATA = 80
HIDDEN = "•••"
MAX_REPLY_TEXT = 200


@dataclass(frozen=True)
class Kind:
    """A provider with an API: what anymail calls its key, where its API is by region, what it needs and can do. `probe`
    is asked to try a key, which it shows in the header `shown`; both may name the domain or key."""

    name: str
    key: str
    addresses: dict[str, str]
    probe: str
    shown: tuple[str, str] = ("Authorization", "Bearer %s")
    needs_domain: bool = False
    stream: str = ""
    # Its own counting of opens and clicks can be left out of a message.
    can_leave_links: bool = False


KINDS = {
    "brevo": Kind("Brevo", "api_key", {"": "https://api.brevo.com/v3/"}, "account", ("api-key", "%s")),
    "mailgun": Kind(
        "Mailgun", "api_key", {"": "https://api.mailgun.net/v3/", "eu": "https://api.eu.mailgun.net/v3/"},
        "domains/{domain}", ("Authorization", "Basic %s"), needs_domain=True, can_leave_links=True,
    ),
    "postmark": Kind(
        "Postmark", "server_token", {"": "https://api.postmarkapp.com/"}, "server", ("X-Postmark-Server-Token", "%s"),
        stream="broadcast", can_leave_links=True,
    ),
    "resend": Kind("Resend", "api_key", {"": "https://api.resend.com/"}, "domains"),
    "sendgrid": Kind(
        "SendGrid", "api_key", {"": "https://api.sendgrid.com/v3/", "eu": "https://api.eu.sendgrid.com/v3/"},
        "scopes", can_leave_links=True,
    ),
}  # fmt: skip


@dataclass(frozen=True)
class ApiServer:
    """A provider's API as its URL says: `postmark://TOKEN@`, `mailgun://KEY@mg.shop.example?region=eu`, with
    `&connections=4&timeout=30&stream=broadcast` where wanted.

    `timeout` is how long a request may take in all, in seconds; not given, it is `SENDING_API_SECONDS`. Requests go to
    the provider's own address; another one (`api_url`) only to an origin that the installation allows
    (`PROVIDER_API_ORIGINS`), so that nobody can have the server reach inner machines by typing an address.
    """

    kind: str
    key: str = field(repr=False)
    address: str
    domain: str = ""
    stream: str = ""
    connections: int = 4
    timeout: float = 30.0
    security: str = "tls"

    @classmethod
    def speaks(cls, url: str) -> bool:
        return urlsplit(url).scheme in KINDS

    @classmethod
    def of(cls, url: str) -> "ApiServer":
        """Raises TransportError (permanent) when the address lacks its key or domain, or leads elsewhere; ValueError
        when a number in it is none."""
        parts = urlsplit(url)
        options = {name: values[-1] for name, values in parse_qs(parts.query).items()}
        kind = KINDS.get(parts.scheme)
        if kind is None or not parts.username or (kind.needs_domain and not parts.hostname):
            raise TransportError(f"not the address of a provider: {parts.scheme}://", permanent=True)
        return cls(
            kind=parts.scheme,
            key=unquote(parts.username),
            address=_address(kind, options),
            domain=parts.hostname or "",
            stream=options.get("stream", kind.stream),
            connections=min(max(int(options.get("connections", 4)), 1), MAX_CONNECTIONS),
            timeout=max(float(options.get("timeout", settings.SENDING_API_SECONDS)), 1.0),
        )

    def __str__(self) -> str:
        return KINDS[self.kind].name

    @property
    def host(self) -> str:
        return self.kind

    def backend(self) -> Any:
        """Anymail's own for this provider, with our key and our session. A thread has one of its own."""
        kind = KINDS[self.kind]
        options: dict[str, Any] = {kind.key: self.key, "api_url": self.address}
        if kind.needs_domain:
            options["sender_domain"] = self.domain
        if self.stream:
            options["message_stream"] = self.stream
        with warnings.catch_warnings():
            # anymail cannot try SendGrid against a live account; our tests try what its API documents.
            warnings.simplefilter("ignore", AnymailNotSupportedWarning)
            backend = import_string(f"anymail.backends.{self.kind}.EmailBackend")(**options)
        backend.session = ApiSession(self.address, timeout=self.timeout)
        return backend

    def ask(self) -> requests.Response:
        """Show the provider our key with a question that sends nothing. Raises requests.RequestException."""
        kind = KINDS[self.kind]
        name, shown = kind.shown
        key = self._basic if "Basic" in shown else self.key
        with ApiSession(self.address, timeout=self.timeout) as session:
            where = urljoin(self.address, kind.probe.format(domain=self.domain))
            return session.get(where, headers={name: shown % key})

    @property
    def _basic(self) -> str:
        return base64.b64encode(f"api:{self.key}".encode()).decode()

    def hide(self, text: str) -> str:
        """Words of a provider, which may repeat what they were given, without the key."""
        for form in (self.key, quote(self.key, safe=""), self._basic):
            text = text.replace(form, HIDDEN)
        return text


def _address(kind: Kind, options: dict[str, str]) -> str:
    given = options.get("api_url", "")
    if not given:
        region = options.get("region", "")
        if region not in kind.addresses:
            raise TransportError(_("%(name)s has no such region.") % {"name": kind.name}, permanent=True)
        return kind.addresses[region]
    parts = urlsplit(given)
    if f"{parts.scheme}://{parts.netloc}" not in settings.PROVIDER_API_ORIGINS:
        raise TransportError(_("This installation does not allow that address of an API."), permanent=True)
    return given


class ApiConnection:
    """One request at a time; `fileno` becomes readable when its answer is here."""

    def __init__(
        self,
        server: ApiServer,
        *,
        offer: Callable[[], Message | None],
        on_body: Callable[[Message], None],
        on_answer: Callable[[Message, Answer], None],
    ) -> None:
        self.server, self.offer, self.on_body, self.on_answer = server, offer, on_body, on_answer
        self.backend = server.backend()
        self.progress = self.backend.session.progress
        self.expected: list[Message] = []
        self.unsent: Message | None = None
        self.asked_at = 0.0
        self.closed = False
        self.eight_bit = self.international = True
        self.held_until: float | None = None
        self.orders: SimpleQueue[Message | None] = SimpleQueue()
        self.answers: SimpleQueue[Answer] = SimpleQueue()
        self.bell = os.eventfd(0, os.EFD_NONBLOCK | os.EFD_CLOEXEC)
        self.lock = Lock()
        self.thread = Thread(target=self._work, name="api", daemon=True)
        self.thread.start()

    def fileno(self) -> int:
        return self.bell

    def start(self) -> bool:
        """Take the next message; it leaves with `push`, when the journal is on file."""
        if self.closed or self.expected:
            return False
        message = self.offer()
        if message is None:
            return False
        self.expected.append(message)
        self.on_body(message)
        self.unsent = message
        return True

    def push(self) -> None:
        if self.unsent is not None:
            self.asked_at = monotonic()
            self.orders.put(self.unsent)
            self.unsent = None

    def readable(self) -> None:
        with suppress(BlockingIOError):
            os.eventfd_read(self.bell)
        self._take_all()

    def _take_all(self) -> None:
        while not self.answers.empty():
            answer = self.answers.get()
            self.on_answer(self.expected.pop(), answer)
            self.start()

    def watch_for_room(self) -> bool | None:
        return None

    def release(self, now: float) -> None:
        """Nothing is held back here."""

    def overdue(self, now: float) -> bool:
        """Whether the request has taken longer than it may, however busily its answer drips in."""
        return bool(self.expected) and self.unsent is None and now - self.asked_at > self.server.timeout

    @property
    def awaits_verdict(self) -> bool:
        """Silence is counted with its answer (`fail`), not beside it."""
        return False

    def delay_dots(self) -> None:
        """A request is whole or it is not: there is no dot to delay."""

    def fail(self, why: str) -> None:
        """Of no more use: the message on it is unknown, unless its answer came just now or it never left."""
        self._take_all()
        waiting, self.expected = self.expected, []
        never_left, self.unsent = self.unsent is not None, None
        self.close()
        for message in waiting:
            self.on_answer(message, Answer(0, why, "mail" if never_left else "body"))

    def close(self) -> None:
        """The thread ends by itself; a request it still waits for is cut off."""
        with self.lock:
            if self.closed:
                return
            self.closed = True
            os.close(self.bell)
        self.orders.put(None)
        self.progress.cut()

    # --- The thread -------------------------------------------------------------------------------------------------

    def _work(self) -> None:
        while (message := self.orders.get()) is not None:
            self.answers.put(hand_over(self.server, self.backend, message))
            with self.lock:
                if not self.closed:
                    os.eventfd_write(self.bell, 1)
        self.backend.close()


def hand_over(server: ApiServer, backend: Any, message: Message) -> Answer:
    """One request, and what its outcome says of the message."""
    session = backend.session
    session.progress.start()
    letter = None
    try:
        letter = as_django(server, message)
        backend.send_messages([letter])
    except Exception as error:
        # Whatever a provider answers must not end the thread: somebody waits for it.
        answer = answer_of(server.kind, letter, error, session)
    else:
        answer = answer_of(server.kind, letter, None, session)
    return answer._replace(text=server.hide(answer.text)[:MAX_REPLY_TEXT])


def as_django(server: ApiServer, message: Message) -> Any:
    """The message as Django has it, read back from the very bytes a mail server would get.

    Our Message-ID goes along as the provider's metadata too: its reports repeat that, and name the message by it.
    """
    whole = message.body.replace(b"\r\n..", b"\r\n.")
    headers = _headers(whole)
    parts = [part for part in email.message_from_bytes(whole).walk() if not part.is_multipart()]
    bodies = {part.get_content_type(): _words(part) for part in parts}
    letter = EmailMultiAlternatives(
        subject=decoded(headers["subject"]),
        body=bodies.get("text/plain", ""),
        from_email=_mailbox(headers["from"]),
        to=[_mailbox(headers["to"])],
        reply_to=[_mailbox(headers["reply-to"])] if headers.get("reply-to") else None,
        headers={name: headers[name.lower()] for name in OWN_HEADERS if headers.get(name.lower())},
    )
    if "text/html" in bodies:
        letter.attach_alternative(bodies["text/html"], "text/html")
    if server.kind == "postmark":
        letter.extra_headers["X-PM-KeepID"] = "true"
    if KINDS[server.kind].can_leave_links:
        letter.track_clicks = letter.track_opens = False  # type: ignore[attr-defined]
    named = headers.get("message-id", "").strip("<>")
    if named and len(named) <= MAX_METADATA:
        letter.metadata = {"message_id": named}  # type: ignore[attr-defined]
    return letter


def _words(part: Any) -> str:
    return str(part.get_payload(decode=True).decode(part.get_content_charset("utf-8"), "replace"))


def _headers(whole: bytes) -> dict[str, str]:
    """The message's headers by their names in small letters, unfolded, not decoded."""
    head = whole.partition(b"\r\n\r\n")[0].decode("utf-8", "replace")
    lines = head.replace("\r\n ", " ").replace("\r\n\t", " ").split("\r\n")
    return {name.lower(): value.strip() for name, _colon, value in (line.partition(":") for line in lines)}


def decoded(value: str) -> str:
    """A header's words as people read them (RFC 2047)."""
    return str(make_header(decode_header(value))) if "=?" in value else value


def _mailbox(value: str) -> str:
    """A name and an address as Django writes them, the name decoded."""
    name, address = parseaddr(value)
    name = decoded(name).replace("\\", "\\\\").replace('"', '\\"')
    return f'"{name}" <{address}>' if name else address
