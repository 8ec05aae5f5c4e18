"""The APIs of the providers that are offered, as documented: what a request must hold, and what is answered.

One server speaks as one of them. The local part of a recipient says how it is treated (`bad-1@`, `gone-1@` …); a
request that the real API would not take is noted in `problems`.
"""

# ruff: noqa: E501 - an answer of a provider a line

import base64
import json
import ssl
import time
from collections.abc import Callable
from dataclasses import dataclass, field
from email.utils import parseaddr
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from threading import Event, Lock
from typing import Any
from urllib.parse import parse_qs

DOMAIN = "mg.shop.example"
INACTIVE = (
    "Found inactive addresses: %s. "
    "Inactive recipients are ones that have generated a hard bounce, a spam complaint, or a manual suppression."
)
JSON = dict[str, Any]


@dataclass
class Taken:
    """A message in one form, whatever the provider calls its parts."""

    address: str
    sender: str
    subject: str
    text: str
    html: str
    headers: dict[str, str]
    metadata: JSON
    extra: JSON = field(default_factory=dict)


def _lower(headers: JSON) -> dict[str, str]:
    return {name.lower(): value for name, value in headers.items()}


def postmark(body: JSON) -> Taken:
    headers = {one["Name"]: one["Value"] for one in body["Headers"]}
    extra = {name: body[name] for name in ("MessageStream", "TrackOpens", "TrackLinks")}
    return Taken(
        parseaddr(body["To"])[1], body["From"], body["Subject"], body["TextBody"], body["HtmlBody"], _lower(headers),
        body["Metadata"], extra,
    )  # fmt: skip


def mailgun(form: JSON) -> Taken:
    headers = {name[2:]: value for name, value in form.items() if name.startswith("h:")}
    metadata = {name[2:]: value for name, value in form.items() if name.startswith("v:")}
    extra = {name: value for name, value in form.items() if name.startswith("o:")}
    return Taken(
        parseaddr(form["to"])[1], form["from"], form["subject"], form["text"], form["html"], _lower(headers), metadata,
        extra,
    )  # fmt: skip


def brevo(body: JSON) -> Taken:
    sender, headers = body["sender"], _lower(body["headers"])
    metadata = json.loads(headers.pop("x-mailin-custom"))
    return Taken(
        body["to"][0]["email"], f"{sender['name']} <{sender['email']}>", body["subject"], body["textContent"],
        body["htmlContent"], headers, metadata,
    )  # fmt: skip


def sendgrid(body: JSON) -> Taken:
    (person,) = body["personalizations"]
    plain, html = body["content"]
    assert (plain["type"], html["type"]) == ("text/plain", "text/html")
    reserved = {
        "to",
        "from",
        "subject",
        "reply-to",
        "received",
        "dkim-signature",
        "content-type",
        "x-sg-id",
        "x-sg-eid",
    }
    headers = _lower(body["headers"])
    assert not reserved & set(headers)
    metadata = body["custom_args"] | person.get("custom_args", {})
    assert all(isinstance(value, str) for value in [*metadata.values(), *headers.values()])
    return Taken(
        person["to"][0]["email"], f"{body['from']['name']} <{body['from']['email']}>", body["subject"], plain["value"],
        html["value"], headers, metadata, body["tracking_settings"],
    )  # fmt: skip


def resend(body: JSON) -> Taken:
    headers = _lower(body["headers"])
    assert all(isinstance(value, str) for value in headers.values())
    metadata = json.loads(headers.pop("x-metadata"))
    return Taken(
        parseaddr(body["to"][0])[1], body["from"], body["subject"], body["text"], body["html"], headers, metadata
    )


@dataclass(frozen=True)
class Contract:
    """One provider: where a message is posted, how the key is shown, how it is read, what is answered.

    `refusals` are (status, body) by what is wrong; `%s` in a body stands for the recipient's address.
    """

    path: str
    key: Callable[[Any], str]
    read: Callable[[JSON], Taken]
    good: tuple[int, Any]
    refusals: dict[str, tuple[int, Any]]
    base: str = "/"
    # Whether it lets us say the Message-ID.
    keeps_id: bool = True


def _bearer(headers: Any) -> str:
    return str(headers.get("Authorization", "")).removeprefix("Bearer ")


def _basic(headers: Any) -> str:
    user, _colon, key = (
        base64.b64decode(headers.get("Authorization", "").removeprefix("Basic ")).decode().partition(":")
    )
    return key if user == "api" else ""


def _errors(message: str, place: str | None = None) -> JSON:
    return {"errors": [{"message": message, "field": place, "help": None}]}


def _resend(status: int, name: str, message: str) -> tuple[int, JSON]:
    return status, {"statusCode": status, "name": name, "message": message}


CONTRACTS = {
    "postmark": Contract(
        path="/email",
        key=lambda headers: headers.get("X-Postmark-Server-Token", ""),
        read=postmark,
        good=(200, {"To": "%s", "SubmittedAt": "2026-11-22T09:00:00Z", "MessageID": "id-%s", "ErrorCode": 0, "Message": "OK"}),
        refusals={
            "key": (401, {"ErrorCode": 10, "Message": "Request does not contain a valid Server token."}),
            "sender": (422, {"ErrorCode": 400, "Message": "The 'From' address you supplied is not a Sender Signature on your account."}),
            "bad": (422, {"ErrorCode": 300, "Message": "Invalid 'To' address: '%s'."}),
            "inactive": (422, {"ErrorCode": 406, "Message": "You tried to send to a recipient that has been marked as inactive. " + INACTIVE}),
            "rejected": (200, {"To": "%s", "ErrorCode": 0, "MessageID": "id", "Message": "Message OK, but will not deliver to these inactive addresses: %s. Inactive recipients are ones that have generated a hard bounce."}),
            "message": (422, {"ErrorCode": 300, "Message": "Invalid metadata content."}),
        },
    ),
    "mailgun": Contract(
        path=f"/v3/{DOMAIN}/messages",
        base="/v3/",
        key=_basic,
        read=mailgun,
        good=(200, {"id": "<id-%s>", "message": "Queued. Thank you."}),
        refusals={
            "key": (401, "Forbidden"),
            "sender": (403, {"message": "Domain mg.shop.example is not allowed to send: The domain is unverified."}),
            "bad": (400, {"message": "'to' parameter is not a valid address. please check documentation"}),
            "message": (400, {"message": "Need at least one of 'text', 'html', 'amp-html' or 'template' parameters specified"}),
        },
    ),
    "brevo": Contract(
        path="/v3/smtp/email",
        base="/v3/",
        key=lambda headers: headers.get("api-key", ""),
        read=brevo,
        good=(201, {"messageId": "<id-%s>"}),
        refusals={
            "key": (401, {"message": "Key not found", "code": "unauthorized"}),
            "sender": (400, {"code": "invalid_parameter", "message": "Sending has been rejected because the sender you used is not valid. Validate your sender or authenticate your domain"}),
            "bad": (400, {"code": "invalid_parameter", "message": "email is not valid in to"}),
            "message": (400, {"code": "missing_parameter", "message": "subject is missing"}),
        },
    ),
    "sendgrid": Contract(
        path="/v3/mail/send",
        base="/v3/",
        key=_bearer,
        read=sendgrid,
        good=(202, ""),
        refusals={
            "key": (401, _errors("The provided authorization grant is invalid, expired, or revoked")),
            "sender": (403, _errors("The from address does not match a verified Sender Identity.", "from")),
            "bad": (400, _errors("Does not contain a valid address.", "personalizations.0.to.0.email")),
            "message": (400, _errors("The content value must be a string at least one character in length.", "content.0.value")),
        },
    ),
    "resend": Contract(
        path="/emails",
        key=_bearer,
        read=resend,
        good=(200, {"id": "id-%s"}),
        refusals={
            "key": _resend(401, "validation_error", "API key is invalid"),
            "sender": _resend(403, "validation_error", "The shop.example domain is not verified. Please, add and verify your domain"),
            "bad": _resend(422, "validation_error", "Invalid `to` field. The email address needs to follow the `email@example.com` format."),
            "message": _resend(422, "missing_required_field", "Missing `html` or `text` field."),
        },
        keeps_id=False,
    ),
}  # fmt: skip


class ProviderApi(ThreadingHTTPServer):
    """`broken`: the status everybody gets after `after` messages, with `said` as its body and `more` as headers."""

    daemon_threads = True
    request_queue_size = 128

    def __init__(self, kind: str, *, secure: ssl.SSLContext | None = None, slow: float = 0.0) -> None:
        super().__init__(("127.0.0.1", 0), _Handler)
        self.kind, self.contract, self.slow = kind, CONTRACTS[kind], slow
        self.secure = secure is not None
        if secure is not None:
            self.socket = secure.wrap_socket(self.socket, server_side=True, do_handshake_on_connect=False)
        self.taken: list[Taken] = []
        self.requests: list[str] = []
        self.problems: list[str] = []
        self.key, self.broken, self.after = "TOKEN", 0, 0
        self.said: Any = {"message": "later"}
        self.more: dict[str, str] = {}
        self.opened = self.busy = self.most_busy = 0
        self.per_connection = 0
        self.lock, self.over = Lock(), Event()

    def handle_error(self, request: Any, client_address: Any) -> None:
        pass

    @property
    def origin(self) -> str:
        return f"http{'s' if self.secure else ''}://127.0.0.1:{self.server_address[1]}"

    def url(self, options: str = "connections=3&timeout=2") -> str:
        place = DOMAIN if self.kind == "mailgun" else ""
        return f"{self.kind}://{self.key}@{place}?api_url={self.origin}{self.contract.base}&{options}"

    @property
    def recipients(self) -> list[str]:
        return [message.address for message in self.taken]


class _Handler(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    disable_nagle_algorithm = True
    server: ProviderApi

    def log_message(self, *_: Any) -> None:
        pass

    def setup(self) -> None:
        with self.server.lock:
            self.server.opened += 1
        self.handled = 0
        super().setup()

    def do_GET(self) -> None:
        self.server.requests.append(self.path)
        key = self.server.contract.key(self.headers)
        self.answer(*((200, {}) if key == self.server.key else self.server.contract.refusals["key"]))

    def do_POST(self) -> None:
        server = self.server
        body = self.rfile.read(int(self.headers["Content-Length"]))
        with server.lock:
            server.busy += 1
            server.most_busy = max(server.busy, server.most_busy)
        try:
            server.requests.append(self.path)
            if server.slow:
                time.sleep(server.slow)
            self._judge(self._read(body))
        finally:
            with server.lock:
                server.busy -= 1

    def _read(self, body: bytes) -> Taken:
        if self.path != self.server.contract.path:
            self.server.problems.append(f"posted to {self.path}")
        if self.server.kind == "mailgun":
            given = {name: values[0] for name, values in parse_qs(body.decode(), keep_blank_values=True).items()}
        else:
            if self.headers["Content-Type"] != "application/json":
                self.server.problems.append("not said to be JSON")
            given = json.loads(body)
        try:
            return self.server.contract.read(given)
        except (KeyError, AssertionError, ValueError) as error:
            self.server.problems.append(f"{type(error).__name__} {error}")
            raise

    def _judge(self, message: Taken) -> None:
        server, refusals = self.server, self.server.contract.refusals
        how = message.address.partition("-")[0]
        if server.contract.key(self.headers) != server.key:
            return self.answer(*refusals["key"])
        if server.broken and len(server.taken) >= server.after:
            return self.answer(server.broken, server.said, **server.more)
        if how in refusals:
            return self.answer(*refusals[how], address=message.address)
        if how == "large":
            return self.answer(413, {"message": "Request Entity Too Large"})
        with server.lock:
            server.taken.append(message)
        odd = {"gone": self._gone, "half": self._half, "hang": self._hang, "drip": self._drip}.get(how)
        if odd is not None:
            return odd()
        if how == "gateway":
            return self.answer(502, "<html><h1>502 Bad Gateway</h1></html>")
        if how == "failing":
            return self.answer(500, {"message": "Internal Server Error"})
        if how == "odd":
            return self.answer(200, ["what is this?"])
        return self.answer(*server.contract.good, address=message.address)

    def answer(self, status: int, body: Any, /, address: str = "", **headers: str) -> None:
        text = body if isinstance(body, str) else json.dumps(body)
        data = text.replace("%s", address).encode()
        self.handled += 1
        last = 0 < self.server.per_connection <= self.handled
        self.send_response(status)
        for name, value in headers.items():
            self.send_header(name.replace("_", "-"), value)
        self.send_header("Content-Type", "application/json" if text[:1] in "{[" else "text/html")
        self.send_header("Content-Length", str(len(data)))
        self.end_headers()
        self.wfile.write(data)
        self.close_connection = last

    def _gone(self) -> None:
        self.close_connection = True

    def _half(self) -> None:
        self.send_response(200)
        self.send_header("Content-Type", "application/json")
        self.send_header("Content-Length", "400")
        self.end_headers()
        self.wfile.write(b'{"id": "x", "mess')
        self.close_connection = True

    def _hang(self) -> None:
        self.close_connection = True
        self.server.over.wait(60)

    def _drip(self) -> None:
        """A byte now and then, so that no single read ever takes long."""
        self.close_connection = True
        self.wfile.write(b"HTTP/1.1 200 OK\r\nX-Slow: ")
        for _turn in range(600):
            if self.server.over.wait(0.1):
                return
            self.wfile.write(b"x")
