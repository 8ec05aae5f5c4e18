"""Providers without SMTP, through django-anymail: one message per request, as many requests at once as the provider has
connections.

An `ApiConnection` looks to a run like one of `campaigns.engine.smtp`: it is offered messages and says what became of
each. The request is made in a thread of its own; before it starts, the message is in the journal. So one message per
connection can be unknown, as with SMTP.

A refused connection, 401, 403, 429 and 503 say nothing about the recipient; another 4xx refuses the message. Silence, a
connection that breaks after the request has left, and 500, 502 or 504 (a gateway may have passed it on) are unknown.
"""

import email
import os
from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass
from email import policy
from email.message import EmailMessage
from queue import SimpleQueue
from threading import Thread
from typing import Any
from urllib.parse import parse_qs, unquote, urlsplit

import requests
from anymail.exceptions import AnymailAPIError, AnymailError, AnymailRecipientsRefused
from django.core.mail import EmailMultiAlternatives
from django.utils.module_loading import import_string

from campaigns.engine.merge import Message
from campaigns.engine.smtp import Answer
from core.errors import TransportError

# Scheme: what anymail calls the key, and what the part behind the @ is to it.
KINDS = {
    "postmark": ("server_token", ""),
    "mailgun": ("api_key", "sender_domain"),
    "brevo": ("api_key", ""),
    "sendgrid": ("api_key", ""),
    "resend": ("api_key", ""),
}
NAMES = {"postmark": "Postmark", "mailgun": "Mailgun", "brevo": "Brevo", "sendgrid": "SendGrid", "resend": "Resend"}
OWN_HEADERS = ("List-Unsubscribe", "List-Unsubscribe-Post", "Feedback-ID", "Message-ID")
CREDENTIALS, BUSY, GATEWAY = frozenset({401, 403}), frozenset({429, 503}), frozenset({500, 502, 504})


@dataclass(frozen=True)
class ApiServer:
    """A provider's API as its URL says: `postmark://TOKEN@`, `mailgun://KEY@mg.shop.example`, `brevo://KEY@`, with
    `?connections=4&timeout=30&api_url=https://api.eu.mailgun.net/v3`."""

    kind: str
    key: str
    domain: str = ""
    api_url: str = ""
    connections: int = 4
    timeout: float = 30.0
    security: str = "tls"

    @classmethod
    def speaks(cls, url: str) -> bool:
        return urlsplit(url).scheme in KINDS

    @classmethod
    def of(cls, url: str) -> "ApiServer":
        """Raises TransportError (permanent) when the address lacks its key or domain."""
        parts = urlsplit(url)
        options = {name: values[-1] for name, values in parse_qs(parts.query).items()}
        kind = parts.scheme
        if kind not in KINDS or not parts.username or (KINDS[kind][1] and not parts.hostname):
            raise TransportError(f"not the address of a provider: {kind}://", permanent=True)
        return cls(
            kind=kind,
            key=unquote(parts.username),
            domain=parts.hostname or "",
            api_url=options.get("api_url", ""),
            connections=int(options.get("connections", 4)),
            timeout=float(options.get("timeout", 30)),
        )

    def __str__(self) -> str:
        return NAMES[self.kind]

    @property
    def host(self) -> str:
        return self.kind

    def backend(self) -> Any:
        """Anymail's own for this provider, with our key."""
        key, place = KINDS[self.kind]
        options: dict[str, Any] = {key: self.key, "timeout": self.timeout}
        if place:
            options[place] = self.domain
        if self.api_url:
            options["api_url"] = self.api_url
        return import_string(f"anymail.backends.{self.kind}.EmailBackend")(**options)


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
        self.expected: list[Message] = []
        self.unsent: Message | None = None
        self.closed = False
        self.eight_bit = self.international = True
        self.held_until: float | None = None
        self.orders: SimpleQueue[Message | None] = SimpleQueue()
        self.answers: SimpleQueue[Answer] = SimpleQueue()
        self.bell = os.eventfd(0, os.EFD_NONBLOCK | os.EFD_CLOEXEC)
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
            self.orders.put(self.unsent)
            self.unsent = None

    def readable(self) -> None:
        with suppress(BlockingIOError):
            os.eventfd_read(self.bell)
        while not self.answers.empty():
            answer = self.answers.get()
            self.on_answer(self.expected.pop(), answer)
            self.start()

    def watch_for_room(self) -> bool | None:
        return None

    def release(self, now: float) -> None:
        """Nothing is held back here."""

    def overdue(self, now: float) -> bool:
        """The request has its own timeout."""
        return False

    @property
    def awaits_verdict(self) -> bool:
        return bool(self.expected)

    def be_careful(self) -> None:
        """A request is whole or it is not: there is nothing to be careful with."""

    def fail(self, why: str) -> None:
        self.close()

    def close(self) -> None:
        """The thread ends when its request does."""
        if not self.closed:
            self.closed = True
            self.orders.put(None)
            self.thread.join(self.server.timeout + 5)
            os.close(self.bell)

    # --- The thread -------------------------------------------------------------------------------------------------

    def _work(self) -> None:
        while (message := self.orders.get()) is not None:
            self.answers.put(hand_over(self.backend, message))
            os.eventfd_write(self.bell, 1)
        self.backend.close()


def hand_over(backend: Any, message: Message) -> Answer:
    """One request, and what its outcome says of the message."""
    letter = as_django(message)
    try:
        backend.open()  # kept open between messages
        backend.send_messages([letter])
    except AnymailRecipientsRefused as refused:
        return _recipient_answer(letter, str(refused).partition("\n")[0])
    except AnymailAPIError as error:
        return _error_answer(error)
    except (AnymailError, ValueError) as error:
        # Before any request: the message cannot be said in this provider's words.
        return Answer(554, f"5.6.0 {' '.join(str(error).split())}"[:200], "body")
    return _recipient_answer(letter)


def _recipient_answer(letter: Any, why: str = "") -> Answer:
    """What the provider says of the one recipient; what it does not say is unknown."""
    found = next(iter(letter.anymail_status.recipients.values()), None)
    status = found.status if found is not None else None
    if found is not None and status in {"sent", "queued"}:
        return Answer(250, f"{found.message_id or ''} {status}".strip(), "body")
    if status == "invalid":
        return Answer(550, "5.1.3 the provider says that this is no address", "rcpt")
    if status in {"rejected", "failed"}:
        return Answer(554, f"5.7.1 {status} {why}".strip()[:200], "body")
    return Answer(0, f"the provider did not say what became of it {why}".strip()[:200], "body")


def _error_answer(error: AnymailAPIError) -> Answer:
    text = " ".join(str(error).split())[:200]
    code = error.status_code
    if code is None:
        cause = error.__cause__
        never_left = isinstance(cause, requests.ConnectTimeout) or "NewConnectionError" in repr(cause)
        return Answer(421, text, "mail") if never_left else Answer(0, text, "body")
    if code in CREDENTIALS:
        return Answer(550, f"{code} {text}", "mail")
    if code in BUSY:
        return Answer(421, f"{code} {text}", "mail")
    return (
        Answer(0, f"{code} {text}", "body") if code in GATEWAY or code < 400 else Answer(554, f"{code} {text}", "body")
    )


def as_django(message: Message) -> Any:
    """The message as Django has it, read back from the very bytes a mail server would get."""
    parsed = email.message_from_bytes(message.body.replace(b"\r\n..", b"\r\n."), policy=policy.default)
    assert isinstance(parsed, EmailMessage)  # noqa: S101
    text, html = parsed.get_body(("plain",)), parsed.get_body(("html",))
    letter = EmailMultiAlternatives(
        subject=str(parsed["Subject"]),
        body=str(text.get_content()) if text is not None else "",
        from_email=str(parsed["From"]),
        to=[str(parsed["To"])],
        reply_to=[str(parsed["Reply-To"])] if parsed["Reply-To"] else None,
        headers={name: str(parsed[name]) for name in OWN_HEADERS if parsed[name]} | {"X-PM-KeepID": "true"},
    )
    if html is not None:
        letter.attach_alternative(str(html.get_content()), "text/html")
    return letter
