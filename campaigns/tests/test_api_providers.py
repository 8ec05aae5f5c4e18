"""Providers by API: anymail's requests against a local server that answers as Postmark and Brevo do, or misbehaves."""

import json
import socket
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from threading import Thread
from typing import Any

import pytest
from pytest_django import Settings

from accounts.models import User
from campaigns.engine.api import ApiServer
from campaigns.engine.deliver import SILENCES_IN_A_ROW
from campaigns.models import Delivery, ProviderUse, Send
from campaigns.tests.factories import through
from campaigns.tests.sink import Sink, SinkThread
from campaigns.tests.test_deliver import people, run_until_quiet, sending, states
from core.errors import TransportError
from crm.models import Suppression

INACTIVE = (
    "You tried to send to a recipient that has been marked as inactive. Found inactive addresses: %s. "
    "Inactive recipients are ones that have generated a hard bounce, a spam complaint, or a manual suppression."
)


class Provider(ThreadingHTTPServer):
    """Takes messages as Postmark (`/email`) or Brevo (`/smtp/email`) do; the local part of a recipient says how it is
    treated. `broken`: the status everybody gets, after `after` messages."""

    daemon_threads = True

    def __init__(self) -> None:
        super().__init__(("127.0.0.1", 0), Handler)
        self.taken: list[dict[str, Any]] = []
        self.broken, self.after, self.key = 0, 0, "TOKEN"

    @property
    def address(self) -> str:
        return f"http://127.0.0.1:{self.server_address[1]}/"

    @property
    def recipients(self) -> list[str]:
        return [message["address"] for message in self.taken]


class Handler(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    server: Provider

    def log_message(self, *_: Any) -> None:
        pass

    def do_POST(self) -> None:
        body = json.loads(self.rfile.read(int(self.headers["Content-Length"])))
        key = self.headers.get("X-Postmark-Server-Token") or self.headers.get("api-key")
        to = body["To"] if "To" in body else body["to"][0]["email"]
        address = to.rpartition("<")[2].rstrip(">")
        if key != self.server.key:
            return self.answer(401, {"ErrorCode": 10, "Message": "Bad token"})
        if self.server.broken and len(self.server.taken) >= self.server.after:
            return self.answer(self.server.broken, {"ErrorCode": 0, "Message": "later"})
        if address.startswith("inactive"):
            return self.answer(422, {"ErrorCode": 406, "Message": INACTIVE % address})
        if address.startswith("bad"):
            return self.answer(400, {"message": "not like this", "code": "invalid_parameter"})
        self.server.taken.append({"address": address, **body})
        if address.startswith("gone"):
            self.connection.shutdown(socket.SHUT_RDWR)
            self.close_connection = True
            return None
        if address.startswith("gateway"):
            return self.answer(502, {"message": "bad gateway"})
        if "To" in body:
            return self.answer(200, {"To": to, "ErrorCode": 0, "Message": "OK", "MessageID": f"id-{address}"})
        return self.answer(201, {"messageId": f"<id-{address}>"})

    def answer(self, status: int, body: dict[str, Any]) -> None:
        data = json.dumps(body).encode()
        self.send_response(status)
        self.send_header("Content-Type", "application/json")
        self.send_header("Content-Length", str(len(data)))
        self.end_headers()
        self.wfile.write(data)


@pytest.fixture
def provider(settings: Settings, tmp_path: Path) -> Iterator[Provider]:
    settings.HOME = tmp_path
    with Provider() as server:
        Thread(target=server.serve_forever, kwargs={"poll_interval": 0.02}, daemon=True).start()
        yield server
        server.shutdown()


def url(provider: Provider, kind: str = "postmark") -> str:
    return f"{kind}://TOKEN@?api_url={provider.address}&connections=3&timeout=3"


@pytest.mark.django_db(transaction=True)
@pytest.mark.parametrize("kind", ["postmark", "brevo"])
def test_everybody_gets_it_once_with_its_headers(provider: Provider, kind: str) -> None:
    send = sending(*people(40))
    (ours,) = through(send.identity, url(provider, kind))
    run_until_quiet(send)
    assert sorted(provider.recipients) == sorted(people(40))
    assert (send.state, states(send)) == (Send.State.FINISHED, {"sent": 40})
    row = Delivery.objects.filter(send_id=send.pk).first()
    assert row
    assert (row.provider_id, row.smtp_code, f"id-{row.address}" in row.smtp_reply) == (ours.pk, 250, True)
    text = json.dumps(provider.taken[0])
    for words in ("List-Unsubscribe-Post", "One-Click", "Example Shop", "Message-ID", "/u/"):
        assert words in text


@pytest.mark.django_db(transaction=True)
def test_refusals_fail_and_what_broke_off_is_unknown_and_never_repeated(provider: Provider) -> None:
    send = sending(*people(20), *people(2, "inactive"), *people(1, "gone"), *people(1, "gateway"))
    through(send.identity, url(provider))
    run_until_quiet(send)
    assert states(send) == {"sent": 20, "failed": 2, "unknown": 2}
    assert len(provider.recipients) == len(set(provider.recipients)) == 22
    assert Suppression.objects.count() == 2  # the provider knows that they bounced or complained


@pytest.mark.django_db(transaction=True)
@pytest.mark.parametrize("status", [429, 503])
def test_a_provider_that_wants_no_more_hands_over_to_the_next(provider: Provider, status: int) -> None:
    provider.broken, provider.after = status, 10
    send = sending(*people(40))
    with SinkThread(Sink()) as sink:
        first, second = through(send.identity, url(provider), sink.url)
        run_until_quiet(send)
        assert sorted([*provider.recipients, *[recipient for _, recipient in sink.taken]]) == sorted(people(40))
    assert states(send) == {"sent": 40}
    by = Delivery.objects.filter(send_id=send.pk)
    assert (by.filter(provider_id=first.pk).count(), by.filter(provider_id=second.pk).count()) == (10, 30)
    assert str(status) in ProviderUse.objects.broken().get().broken_reason


@pytest.mark.django_db(transaction=True)
def test_a_wrong_key_stops_the_send_and_a_refused_connection_waits(provider: Provider) -> None:
    provider.key = "other"
    send = sending(*people(20))
    through(send.identity, url(provider))
    run_until_quiet(send)
    assert (send.state, states(send)) == (Send.State.STOPPED, {"pending": 20})
    assert "401" in send.state_reason
    other = sending(*people(20, "b"), identity=send.identity)
    through(other.identity, "postmark://TOKEN@?api_url=http://127.0.0.1:1/")
    from campaigns.engine.deliver import deliver

    assert deliver(send_id=other.pk) is False
    other.refresh_from_db()
    assert (other.state, states(other), bool(other.trouble_since)) == (Send.State.SENDING, {"pending": 20}, True)


@pytest.mark.django_db(transaction=True)
def test_a_gateway_that_fails_for_everybody_costs_a_few_unknown_and_stops(provider: Provider) -> None:
    provider.broken = 502
    send = sending(*people(60))
    through(send.identity, url(provider))
    run_until_quiet(send)
    assert send.state == Send.State.STOPPED
    assert states(send)["unknown"] <= SILENCES_IN_A_ROW + 3
    assert states(send)["pending"] >= 50


def test_addresses_of_providers() -> None:
    server = ApiServer.of("mailgun://KEY@mg.shop.example?connections=2")
    assert (server.kind, server.key, server.domain, server.connections) == ("mailgun", "KEY", "mg.shop.example", 2)
    for bad in ("mailgun://KEY@", "postmark://", "smtp://x"):
        with pytest.raises(TransportError):
            ApiServer.of(bad)
    assert ApiServer.speaks("brevo://KEY@")
    assert not ApiServer.speaks("smtp+tls://mail.example")


@pytest.mark.django_db
def test_an_api_is_added_on_the_screen(provider: Provider, director: User, signed_in) -> None:
    client = signed_in(director)
    answer = client.post("/email/deliverability/providers/new/", {"name": "Postmark", "url": url(provider)})
    assert answer.status_code == 302
    page = client.get("/email/deliverability/providers/").content.decode()
    assert "postmark://" in page
    assert "TOKEN" not in page
