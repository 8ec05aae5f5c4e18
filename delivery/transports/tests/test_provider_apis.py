"""Providers by API: anymail's requests against local servers that speak as each provider documents, or misbehave."""

import ssl
import time
from collections.abc import Callable, Iterator
from email.message import EmailMessage
from email.policy import SMTP
from email.utils import formataddr
from pathlib import Path
from threading import Thread

import pytest
from anymail.utils import parse_address_list
from pytest_django import Settings

from accounts.people.models import User
from core.errors import DomainError, TransportError
from crm.consent.models import Suppression
from delivery.engine.deliver import deliver
from delivery.engine.mime import dot_stuffed, mailbox
from delivery.engine.server_health import MAX_SILENCES_IN_A_ROW
from delivery.engine.tests.test_deliver import people, run_until_quiet, sending, states
from delivery.sends.models import Batch, Delivery, Send
from delivery.sends.services import send_pause
from delivery.transports.message import Message
from delivery.transports.models import Provider, ProviderUse
from delivery.transports.provider_api.transport import KINDS, ApiServer, as_django
from delivery.transports.services import provider_test
from delivery.transports.tests.certificates import certificate_make
from delivery.transports.tests.factories import through
from delivery.transports.tests.provider_apis import CONTRACTS, ProviderApi
from delivery.transports.tests.sink import Sink, SinkThread

KINDS_OFFERED = sorted(KINDS)
Serve = Callable[..., ProviderApi]


@pytest.fixture
def serve(settings: Settings, tmp_path: Path) -> Iterator[Serve]:
    """Starts the API of a provider; the installation allows its address."""
    settings.HOME = tmp_path
    settings.PROVIDER_API_ORIGINS = []
    started: list[ProviderApi] = []

    def start(kind: str, **options: object) -> ProviderApi:
        server = ProviderApi(kind, **options)  # type: ignore[arg-type]
        settings.PROVIDER_API_ORIGINS.append(server.origin)
        Thread(target=server.serve_forever, kwargs={"poll_interval": 0.02}, daemon=True).start()
        started.append(server)
        return server

    yield start
    for server in started:
        server.over.set()
        server.shutdown()
        server.server_close()


def test_every_provider_that_is_offered_is_tried_here() -> None:
    assert sorted(CONTRACTS) == KINDS_OFFERED


@pytest.mark.django_db(transaction=True)
@pytest.mark.parametrize("kind", KINDS_OFFERED)
def test_everybody_gets_it_once_as_the_provider_wants_it(serve: Serve, kind: str) -> None:
    api = serve(kind)
    send = sending(*people(12))
    (ours,) = through(send.identity, api.url())
    run_until_quiet(send)
    assert api.problems == []
    assert sorted(api.recipients) == sorted(people(12))
    assert (send.state, states(send)) == (Send.State.FINISHED, {"sent": 12})
    for row in Delivery.objects.filter(send_id=send.pk):
        (message,) = [one for one in api.taken if one.address == row.address]
        assert (row.provider_id, row.smtp_code, row.attempts) == (ours.pk, 250, 1)
        assert "Example Shop" in message.sender
        assert message.subject in {"Spring", "Other"}
        assert "/u/" in message.headers["list-unsubscribe"]
        assert message.headers["list-unsubscribe-post"] == "List-Unsubscribe=One-Click"
        assert message.headers["feedback-id"]
        assert message.metadata["message_id"] in message.headers["message-id"]
        assert "Hello" in message.text
        assert "<html" in message.html.lower()
        link = message.headers["list-unsubscribe"].strip("<>").rsplit("/u/", 1)[1][:28]
        assert link in message.html  # each has the bytes of its own recipient
    assert len({one.headers["list-unsubscribe"] for one in api.taken}) == 12


@pytest.mark.django_db(transaction=True)
def test_extra_fields_of_single_providers(serve: Serve) -> None:
    for kind, said in {
        "postmark": {"MessageStream": "broadcast", "TrackOpens": False, "TrackLinks": "None"},
        "mailgun": {"o:tracking-clicks": "no", "o:tracking-opens": "no"},
        "sendgrid": {"click_tracking": {"enable": False}, "open_tracking": {"enable": False}},
    }.items():
        api = serve(kind)
        send = sending(*people(2, kind))
        through(send.identity, api.url())
        run_until_quiet(send)
        assert api.taken[0].extra == said
        assert ("x-pm-keepid" in api.taken[0].headers) is (kind == "postmark")


@pytest.mark.parametrize("eight_bit", [True, False])
@pytest.mark.parametrize(
    "name", ["Ana", "Pérez, Ana", 'Ana "la" Ñandú', "山田太郎", "a\\b", "", "Dr. (med.) Ana; <x@y>", "é" * 90]
)
def test_odd_names_and_bodies_arrive_as_they_were_meant(name: str, eight_bit: bool) -> None:
    letter = EmailMessage(policy=SMTP.clone(cte_type="8bit" if eight_bit else "7bit"))
    letter["From"] = formataddr(("Café, Ribera", "news@shop.example"))
    letter["Reply-To"] = "luz@shop.example"
    letter["Subject"] = subject = f"¡Hola {name}! " + "larga línea del asunto " * 5
    letter["Message-ID"] = "<1.aaaaaaaaaaaaaaaaaa@shop.example>"
    text = "Señora:\n.una línea con punto\n" + "x" * 1200 + "\nadiós €\n"
    letter.set_content(text)
    letter.add_alternative(f"<p>{text}</p>", subtype="html")
    to = f"To: {mailbox(name, 'ana@xn--bcher-kva.example')}\r\n".encode()  # as the engine writes it
    body = dot_stuffed(to + letter.as_bytes())
    made = as_django(ApiServer.of("brevo://KEY@"), Message(1, "news@shop.example", "ana@x.example", body))
    (reader,) = parse_address_list(made.to)
    (sender,) = parse_address_list([made.from_email])
    assert (reader.display_name, reader.addr_spec) == (name, "ana@xn--bcher-kva.example")
    assert sender.display_name == "Café, Ribera"
    assert (made.subject, made.reply_to) == (subject.strip(), ["luz@shop.example"])
    assert made.body.replace("\r\n", "\n") == text
    assert made.alternatives[0].content.replace("\r\n", "\n").strip() == f"<p>{text}</p>"
    assert made.metadata == {"message_id": "1.aaaaaaaaaaaaaaaaaa@shop.example"}


@pytest.mark.django_db(transaction=True)
@pytest.mark.parametrize("kind", KINDS_OFFERED)
def test_a_refused_recipient_or_message_fails_with_the_reason(serve: Serve, kind: str) -> None:
    api = serve(kind)
    send = sending(*people(6), *people(2, "bad"), *people(1, "message"), *people(1, "large"))
    through(send.identity, api.url())
    run_until_quiet(send)
    assert (send.state, states(send)) == (Send.State.FINISHED, {"sent": 6, "failed": 4})
    rows = {row.address.partition("-")[0]: row for row in Delivery.objects.filter(send_id=send.pk, state="failed")}
    assert (rows["bad"].reason, rows["bad"].smtp_code) == ("hard_bounce", 550)
    assert (rows["message"].reason, rows["large"].reason) == ("refused", "refused")
    assert rows["large"].smtp_reply.startswith("5.3.4 413")
    assert all(row.smtp_reply for row in rows.values())
    assert Suppression.objects.count() == 2  # those whose address is none


@pytest.mark.django_db(transaction=True)
def test_postmark_says_of_a_recipient_that_it_will_not_deliver(serve: Serve) -> None:
    api = serve("postmark")
    send = sending(*people(4), *people(2, "inactive"), *people(1, "rejected"))
    through(send.identity, api.url())
    run_until_quiet(send)
    assert states(send) == {"sent": 4, "failed": 3}
    assert Suppression.objects.count() == 3
    row = Delivery.objects.get(send_id=send.pk, address="inactive-1@example.com")
    assert "inactive" in row.smtp_reply


@pytest.mark.django_db(transaction=True)
@pytest.mark.parametrize("kind", KINDS_OFFERED)
@pytest.mark.parametrize("wrong", ["key", "sender", "address"])
def test_a_refused_key_or_sender_stops_the_send_and_nobody_failed(serve: Serve, kind: str, wrong: str) -> None:
    api = serve(kind)
    url = api.url()
    if wrong == "key":
        api.key = "other"
    else:
        api.broken, api.said = api.contract.refusals["sender"] if wrong == "sender" else (404, "Not Found")
    send = sending(*people(20))
    through(send.identity, url)
    run_until_quiet(send)
    assert (send.state, states(send)) == (Send.State.STOPPED, {"pending": 20})
    status = {"key": api.contract.refusals["key"][0], "sender": api.broken, "address": 404}[wrong]
    assert f"{status} " in send.state_reason
    assert "TOKEN" not in send.state_reason
    assert api.taken == []


@pytest.mark.django_db(transaction=True)
@pytest.mark.parametrize("status", [301, 307])
def test_no_key_travels_with_a_redirect(serve: Serve, status: int) -> None:
    elsewhere, api = serve("resend"), serve("postmark")
    api.broken, api.more = status, {"Location": f"{elsewhere.origin}/emails"}
    send = sending(*people(3))
    through(send.identity, api.url())
    run_until_quiet(send)
    assert (send.state, states(send)) == (Send.State.STOPPED, {"pending": 3})
    assert elsewhere.requests == []


@pytest.mark.django_db(transaction=True)
@pytest.mark.parametrize("kind", KINDS_OFFERED)
@pytest.mark.parametrize("status", [429, 503])
def test_a_provider_that_wants_no_more_is_waited_for_as_long_as_it_asks(serve: Serve, kind: str, status: int) -> None:
    api = serve(kind)
    api.broken, api.after, api.more = status, 5, {"Retry-After": "40"}
    send = sending(*people(15))
    through(send.identity, api.url("connections=1"))
    before = time.time()
    assert deliver(send_id=send.pk) is False
    send.refresh_from_db()
    assert (send.state, states(send)) == (Send.State.SENDING, {"sent": 5, "pending": 10})
    assert str(status) in send.state_reason
    use = ProviderUse.objects.broken().get()
    assert use.broken_until
    assert 39 < use.broken_until.timestamp() - before < 50
    due = Batch.objects.filter(send=send, state="ready").order_by("due_at").first()
    assert due
    assert 39 < due.due_at.timestamp() - before < 50
    api.broken = 0
    run_until_quiet(send)
    assert (send.state, states(send)) == (Send.State.FINISHED, {"sent": 15})
    assert sorted(api.recipients) == sorted(people(15))
    assert ProviderUse.objects.exclude(broken_until=None).count() == 0


@pytest.mark.django_db(transaction=True)
@pytest.mark.parametrize("status", [429, 503])
def test_the_next_provider_goes_on_when_one_wants_no_more(serve: Serve, status: int) -> None:
    api = serve("postmark")
    api.broken, api.after = status, 10
    send = sending(*people(40))
    with SinkThread(Sink()) as sink:
        first, second = through(send.identity, api.url(), sink.url)
        run_until_quiet(send)
        assert sorted([*api.recipients, *[recipient for _, recipient in sink.taken]]) == sorted(people(40))
    assert states(send) == {"sent": 40}
    by = Delivery.objects.filter(send_id=send.pk)
    assert (by.filter(provider_id=first.pk).count(), by.filter(provider_id=second.pk).count()) == (10, 30)
    assert str(status) in ProviderUse.objects.broken().get().broken_reason


@pytest.mark.django_db(transaction=True)
@pytest.mark.parametrize("kind", KINDS_OFFERED)
def test_a_message_that_may_have_been_taken_is_unknown_and_never_repeated(serve: Serve, kind: str) -> None:
    api = serve(kind)
    # SendGrid says nothing in a success, so there is nothing odd in what it says.
    ways = {"gone", "half", "gateway", "failing", "hang", "drip"} | ({"odd"} if kind != "sendgrid" else set())
    for how in ways:
        api.taken.clear()
        send = sending(*people(4, f"a{how}"), *people(1, how))
        through(send.identity, api.url("connections=2&timeout=1"))
        run_until_quiet(send)
        assert (how, send.state, states(send)) == (how, Send.State.FINISHED, {"sent": 4, "unknown": 1})
        assert sorted(api.recipients) == sorted([*people(4, f"a{how}"), *people(1, how)])


@pytest.mark.django_db(transaction=True)
def test_a_refused_connection_is_not_sent_and_tried_again(serve: Serve, settings: Settings) -> None:
    api = serve("brevo")
    url = api.url()
    api.shutdown()
    api.server_close()
    send = sending(*people(10))
    through(send.identity, url)
    assert deliver(send_id=send.pk) is False
    send.refresh_from_db()
    assert (send.state, states(send), bool(send.failing_since)) == (Send.State.SENDING, {"pending": 10}, True)
    back = serve("brevo")
    Provider.objects.update(sealed_url=through_url(back.url()))
    run_until_quiet(send)
    assert (states(send), len(back.taken)) == ({"sent": 10}, 10)


def through_url(url: str) -> str:
    provider = Provider()
    provider.url = url
    return provider.sealed_url


@pytest.mark.django_db(transaction=True)
def test_a_gateway_that_fails_for_everybody_costs_a_few_unknown_and_stops(serve: Serve) -> None:
    api = serve("postmark")
    api.broken = 502
    send = sending(*people(60))
    through(send.identity, api.url())
    run_until_quiet(send)
    assert send.state == Send.State.STOPPED
    assert states(send)["unknown"] <= MAX_SILENCES_IN_A_ROW + 3
    assert states(send)["pending"] >= 50


# --- Time ------------------------------------------------------------------------------------------------------------


def test_the_timeout_is_the_settings_unless_the_provider_has_its_own(settings: Settings) -> None:
    settings.SENDING_API_SECONDS = 7
    assert ApiServer.of("brevo://KEY@").timeout == 7
    assert ApiServer.of("brevo://KEY@").backend().session.timeout == 7
    assert ApiServer.of("brevo://KEY@?timeout=3").timeout == 3
    assert ApiServer.of("brevo://KEY@?timeout=0").timeout == 1


@pytest.mark.django_db(transaction=True)
@pytest.mark.parametrize("how", ["hang", "drip"])
def test_a_server_that_never_ends_its_answer_does_not_hold_the_worker(
    serve: Serve, settings: Settings, how: str
) -> None:
    settings.SENDING_API_SECONDS = 1
    api = serve("postmark")
    send = sending(*people(30, how))
    through(send.identity, api.url("connections=2"))
    began = time.monotonic()
    run_until_quiet(send)
    assert time.monotonic() - began < 12
    assert send.state == Send.State.STOPPED  # it says of nobody whether it has the message
    assert states(send)["unknown"] <= MAX_SILENCES_IN_A_ROW + 2
    assert "did not confirm" in send.state_reason
    assert len(api.recipients) == len(set(api.recipients)) == states(send)["unknown"]


@pytest.mark.django_db(transaction=True)
def test_pausing_while_the_server_is_slow_takes_hold_with_the_messages_under_way(serve: Serve, director: User) -> None:
    api = serve("mailgun", slow=0.3)
    send = sending(*people(60))
    through(send.identity, api.url("connections=2"))
    worker = Thread(target=_deliver, args=[send.pk])
    worker.start()
    _until(lambda: len(api.taken) >= 2)
    send_pause(send=send, actor=director)
    at = len(api.taken)
    worker.join(10)
    assert not worker.is_alive()
    assert len(api.taken) <= at + 2 * 4  # looked at twice a second, three answers a second each
    send.refresh_from_db()
    assert send.state == Send.State.PAUSED
    assert states(send) == {"sent": len(api.taken), "pending": 60 - len(api.taken)}


def _deliver(send_id: int) -> None:
    from django.db import connection

    try:
        deliver(send_id=send_id)
    finally:
        connection.close()


def _until(condition: Callable[[], bool], seconds: float = 10.0) -> None:
    until = time.monotonic() + seconds
    while not condition() and time.monotonic() < until:
        time.sleep(0.02)
    assert condition()


# --- Connections -----------------------------------------------------------------------------------------------------


@pytest.fixture
def certificate(tmp_path: Path) -> Path:
    return certificate_make(tmp_path)


@pytest.fixture
def secure(certificate: Path) -> ssl.SSLContext:
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(certificate)
    return context


@pytest.mark.django_db(transaction=True)
def test_as_many_at_once_as_the_provider_has_connections_each_kept(
    serve: Serve, secure: ssl.SSLContext, certificate: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("REQUESTS_CA_BUNDLE", str(certificate))
    api = serve("resend", secure=secure, slow=0.02)
    send = sending(*people(60))
    through(send.identity, api.url("connections=5"))
    run_until_quiet(send)
    assert states(send) == {"sent": 60}
    assert (api.most_busy, api.opened) == (5, 5)  # one handshake a connection, not one a message


@pytest.mark.django_db(transaction=True)
def test_a_certificate_nobody_vouches_for_gets_no_message(serve: Serve, secure: ssl.SSLContext) -> None:
    api = serve("resend", secure=secure)
    send = sending(*people(5))
    through(send.identity, api.url())
    assert deliver(send_id=send.pk) is False
    assert (states(send), api.requests) == ({"pending": 5}, [])


@pytest.mark.django_db(transaction=True)
@pytest.mark.parametrize("per_connection", [1, 7])
def test_a_server_that_closes_kept_connections_loses_nobody(serve: Serve, per_connection: int) -> None:
    api = serve("sendgrid")
    api.per_connection = per_connection
    send = sending(*people(40))
    through(send.identity, api.url("connections=2"))
    run_until_quiet(send)
    sent = states(send).get("sent", 0)
    assert sent + states(send).get("unknown", 0) == 40
    assert len(api.recipients) == len(set(api.recipients))
    assert sent >= 20  # the more the sooner the closing is seen, which depends on the load


# --- Addresses and secrets -------------------------------------------------------------------------------------------


def test_addresses_of_providers(settings: Settings) -> None:
    server = ApiServer.of("mailgun://KEY@mg.shop.example?connections=2&region=eu")
    assert (server.kind, server.key, server.domain, server.connections) == ("mailgun", "KEY", "mg.shop.example", 2)
    assert server.address == "https://api.eu.mailgun.net/v3/"
    assert ApiServer.of("postmark://KEY@").stream == "broadcast"
    assert ApiServer.of("postmark://KEY@?stream=news").backend().message_stream == "news"
    assert ApiServer.of("brevo://KEY@?connections=100000").connections == 64
    assert ApiServer.of("brevo://KEY@?connections=0").connections == 1
    for bad in ("mailgun://KEY@", "postmark://", "smtp://x", "brevo://KEY@?region=eu"):
        with pytest.raises(TransportError):
            ApiServer.of(bad)
    assert ApiServer.speaks("brevo://KEY@")
    assert not ApiServer.speaks("smtp+tls://mail.example")


@pytest.mark.parametrize(
    "address",
    [
        "http://169.254.169.254/latest/", "http://127.0.0.1:5432/", "http://localhost/", "https://10.0.0.1/",
        "file:///etc/passwd", "https://api.mailgun.net.evil.example/", "https://user@api.allowed.example/",
        "https://api.allowed.example.evil.example/", "http://api.allowed.example/", "//api.allowed.example/",
    ],
)  # fmt: skip
def test_a_typed_address_reaches_only_what_the_installation_allows(settings: Settings, address: str) -> None:
    settings.PROVIDER_API_ORIGINS = ["https://api.allowed.example"]
    with pytest.raises(TransportError):
        ApiServer.of(f"postmark://KEY@?api_url={address}")
    assert ApiServer.of("postmark://KEY@?api_url=https://api.allowed.example/pm/").address.endswith("/pm/")


@pytest.mark.django_db(transaction=True)
@pytest.mark.parametrize("status", [400, 401, 429, 502])
def test_a_provider_that_repeats_the_key_does_not_make_us_tell_it(
    serve: Serve, status: int, caplog: pytest.LogCaptureFixture, director: User, signed_in
) -> None:
    api = serve("mailgun")
    api.key = "key-d41d8cd98f00b204"
    said = f"{'x' * 178} the key {api.key} (Basic YXBpOmtleS1kNDFkOGNkOThmMDBiMjA0) is not liked"
    api.broken, api.said = status, {"message": said}
    send = sending(*people(4))
    through(send.identity, api.url())
    run_until_quiet(send)
    seen = [send.state_reason, caplog.text, *ProviderUse.objects.values_list("broken_reason", flat=True)]
    seen += Delivery.objects.filter(send_id=send.pk).values_list("smtp_reply", flat=True)
    seen.append(signed_in(director).get("/email/deliverability/providers/").content.decode())
    for text in seen:
        for secret in ("key-d4", "YXBpOmtleS1kN"):
            assert secret not in text


@pytest.mark.django_db
@pytest.mark.parametrize("kind", KINDS_OFFERED)
def test_testing_a_provider_shows_it_the_key_and_sends_nothing(serve: Serve, kind: str) -> None:
    api = serve(kind)
    provider = Provider(name="Ours")
    provider.url = api.url()
    provider.save()
    assert "Ours" in provider_test(provider=provider)
    assert (len(api.requests), api.taken) == (1, [])
    api.key = "another"
    if kind == "mailgun":  # a key that may only send is answered in the same way
        assert "test" in provider_test(provider=provider)
        return
    with pytest.raises(DomainError) as refused:
        provider_test(provider=provider)
    assert refused.value.code == "provider_unreachable"
    assert "TOKEN" not in refused.value.message


@pytest.mark.django_db(transaction=True)
def test_a_test_message_through_the_api(serve: Serve, director: User, signed_in) -> None:
    api = serve("brevo")
    send = sending(*people(2))
    (provider,) = through(send.identity, api.url())
    where = f"/email/deliverability/providers/{provider.pk}/send/"
    assert "accepted a message" in signed_in(director).post(where, follow=True).content.decode()
    assert api.problems == []
    assert api.recipients == [director.email]
    api.key = "other"
    page = signed_in(director).post(where, follow=True).content.decode()
    assert "Key not found" in page
    assert "TOKEN" not in page
