"""Signatures: an independent library (dkimpy) verifies what the engine sends, asking a name server of our own."""

from collections.abc import Callable, Iterator
from pathlib import Path

import dkim
import dns.resolver
import pytest
from django.utils import timezone
from hypothesis import given
from hypothesis import strategies as st
from pytest_django import Settings

from accounts.audit.models import AuditEntry
from accounts.people.models import User
from core.errors import Conflict, DomainError, TransportError
from core.secrets import secret_open
from delivery.domains.dkim import Signer, relaxed_body, relaxed_header, signer_of
from delivery.domains.models import DkimKey, SendingDomain
from delivery.domains.services.signing import (
    dkim_key_activate,
    dkim_key_make,
    dkim_key_retire,
    domain_ensure,
    domain_update,
)
from delivery.domains.tests.dns_server import DnsServer
from delivery.engine.compile import compile_variant
from delivery.engine.merge import Merger
from delivery.engine.tests.test_deliver import people, run_until_quiet, sending
from delivery.sends.models import Delivery, Send
from delivery.sends.tests.factories import VariantFactory
from delivery.transports.tests.sink import Sink, SinkThread

BODY = """<mjml><mj-body><mj-section><mj-column>
<mj-text>Dear   {{ contact.first_name|default("friend") }},  \t ñandú &amp; 2  spaces </mj-text>
<mj-button href="https://shop.example/p">Go</mj-button></mj-column></mj-section></mj-body></mjml>"""


@pytest.fixture
def dns_server() -> Iterator[DnsServer]:
    with DnsServer() as server:
        yield server


@pytest.fixture
def mail(settings: Settings, tmp_path: Path) -> Iterator[Sink]:
    settings.HOME = tmp_path
    with SinkThread(Sink()) as sink:
        settings.EMAIL_URL = sink.url
        yield sink


def asks(server: DnsServer) -> Callable[..., bytes | None]:
    """dkimpy's `dnsfunc`, over the wire."""
    resolver = dns.resolver.Resolver(configure=False)
    resolver.nameservers, resolver.port = ["127.0.0.1"], server.port

    def txt(name: bytes | str, timeout: int = 5) -> bytes | None:
        text = name.decode() if isinstance(name, bytes) else name
        try:
            return b"".join(resolver.resolve(text, "TXT", lifetime=timeout)[0].strings)
        except dns.resolver.NXDOMAIN:
            return None

    return txt


def publish(server: DnsServer, *keys: DkimKey) -> None:
    for key in keys:
        server.put(key.host, "TXT", key.record)


def signing_domain(actor: User, *algorithms: str, address: str = "news@shop.example") -> SendingDomain:
    domain = domain_ensure(address=address)
    for algorithm in algorithms or (DkimKey.Algorithm.RSA,):
        dkim_key_activate(key=dkim_key_make(domain=domain, algorithm=algorithm, actor=actor), actor=actor)
    domain.refresh_from_db()
    return domain


def verified(message: bytes, server: DnsServer) -> list[bool]:
    """What dkimpy says of each signature."""
    checker = dkim.DKIM(message)
    count = sum(1 for name, _value in checker.headers if name.lower() == b"dkim-signature")
    return [checker.verify(idx=number, dnsfunc=asks(server)) for number in range(count)]


@pytest.mark.django_db(transaction=True)
def test_every_message_of_a_signed_domain_verifies(mail: Sink, dns_server: DnsServer, director: User) -> None:
    domain = signing_domain(director, "rsa", "ed25519")
    publish(dns_server, *domain.keys.all())
    send = sending(*people(12))
    run_until_quiet(send)
    assert Delivery.objects.filter(send_id=send.pk, state="sent").count() == 12
    for body in mail.bodies:
        message = body.replace(b"\r\n..", b"\r\n.") + b"\r\n"
        assert verified(message, dns_server) == [True, True]
        assert verified(message.replace(b"List-Unsubscribe: <", b"List-Unsubscribe: <x"), dns_server) == [False, False]
        assert (
            verified(message.replace(b"From: ", b"From: Another <a@evil.example>\r\nFrom: ", 1), dns_server)
            == [False] * 2
        )
        with pytest.raises(dkim.ValidationError, match="body hash"):
            verified(message.replace(b"See it", b"Buy it"), dns_server)


@pytest.mark.django_db
@pytest.mark.parametrize("name", ["", "Ada", "Ñusta  Quispe", 'Li, "Bo"', "x" * 300])
def test_odd_names_blanks_and_dots_verify(dns_server: DnsServer, director: User, name: str) -> None:
    domain = signing_domain(director)
    publish(dns_server, *domain.keys.all())
    variant = VariantFactory.create(
        body=BODY, subject="  Hi   {{ contact.first_name }}\tñ", text="one  \n.two\n  \n\n{{ contact.name }}   \n\n\n"
    )
    compiled = compile_variant(variant, variant.send)
    signer = signer_of("news@shop.example", at=timezone.now())
    row = tuple({"name": name, "first_name": name}.get(field) for field in compiled.fields)
    merged = Merger(compiled, signer=signer).merge(7, "ada@example.com", row).body
    message = merged.replace(b"\r\n..", b"\r\n.")
    assert message.isascii()
    assert verified(message, dns_server) == [True]
    covered = message[: message.index(b"bh=")].decode()
    for header in ("from:from", "to", "subject", "date", "message-id", "list-unsubscribe", "list-unsubscribe-post"):
        assert f":{header}" in covered or f"h={header}" in covered


@given(st.binary(max_size=300).map(lambda raw: bytes(b"\r\n \t.ab"[byte % 7] for byte in raw)))
def test_canonical_forms_are_those_of_the_independent_library(raw: bytes) -> None:
    lines = raw.replace(b"\r", b"").replace(b"\n", b"\r\n")
    assert relaxed_body(lines) == dkim.canonicalization.Relaxed.canonicalize_body(lines)
    value = lines.replace(b"\r\n", b" ")
    ((name, expected),) = dkim.canonicalization.Relaxed.canonicalize_headers([(b"Subject ", value + b"\r\n")])
    assert relaxed_header(b"Subject :" + value) == ("subject", name + b":" + expected)


@pytest.mark.django_db
def test_rotation_takes_two_selectors_and_always_one_signs(dns_server: DnsServer, director: User) -> None:
    domain = signing_domain(director)
    first = domain.keys.get()
    second = dkim_key_make(domain=domain, actor=director)
    assert first.selector != second.selector
    assert selectors() == [first.selector]
    with pytest.raises(Conflict) as waits:
        dkim_key_make(domain=domain, actor=director)
    assert waits.value.code == "dkim_key_waits"
    dkim_key_activate(key=second, actor=director)
    first.refresh_from_db()
    assert (first.state, selectors()) == ("leaving", [second.selector])
    assert set(domain.keys.published()) == {first, second}
    with pytest.raises(Conflict) as signs:
        dkim_key_retire(key=second, actor=director)
    assert signs.value.code == "dkim_key_signs"
    dkim_key_retire(key=first, actor=director)
    assert first.sealed == ""
    assert list(domain.keys.published()) == [second]
    with pytest.raises(Conflict) as gone:
        dkim_key_activate(key=first, actor=director)
    assert gone.value.code == "dkim_key_not_waiting"
    assert selectors() == [second.selector]


def selectors() -> list[str]:
    signer = signer_of("news@SHOP.example", at=timezone.now())
    return [key.selector for key in signer.keys] if isinstance(signer, Signer) else []


@pytest.mark.django_db
def test_a_domain_signs_only_when_switched_on_and_with_a_key(director: User) -> None:
    domain = domain_ensure(address="news@shop.example")
    with pytest.raises(DomainError) as refused:
        domain_update(domain=domain, is_signed=True, provider_selectors="", actor=director)
    assert refused.value.code == "dkim_key_missing"
    assert selectors() == []
    signing_domain(director)
    assert len(selectors()) == 1
    domain_update(domain=domain, is_signed=False, provider_selectors="s1, s2", actor=director)
    assert selectors() == []
    assert domain.selectors == ["s1", "s2"]


@pytest.mark.django_db
def test_the_private_half_is_sealed_and_named_nowhere(director: User) -> None:
    key = signing_domain(director).keys.get()
    assert "PRIVATE" not in key.sealed
    assert "PRIVATE KEY" in secret_open(key.sealed)
    assert not any("PRIVATE" in str(entry.changes) for entry in AuditEntry.objects.all())


@pytest.mark.django_db(transaction=True)
def test_an_unreadable_key_stops_the_send_instead_of_sending_unsigned(
    mail: Sink,
    settings: Settings,
    director: User,
) -> None:
    signing_domain(director)
    settings.SECRETS_KEY = "another"
    with pytest.raises(TransportError):
        signer_of("news@shop.example", at=timezone.now())
    send = sending(*people(30))
    run_until_quiet(send)
    assert (send.state, mail.taken) == (Send.State.STOPPED, [])
    assert "SECRETS_KEY" in send.state_reason


@pytest.mark.django_db
def test_domains_are_those_of_the_office(director: User, owner: User) -> None:
    domain = domain_ensure(address="news@Müller.example")
    assert domain.name == "xn--mller-kva.example"
    assert list(SendingDomain.objects.visible_to(director)) == [domain]
    assert list(SendingDomain.objects.visible_to(owner)) == []
    assert list(SendingDomain.objects.broken()) == []
    SendingDomain.objects.update(broken_at=timezone.now())
    assert list(SendingDomain.objects.broken()) == [domain]
