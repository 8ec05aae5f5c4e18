"""What a domain's DNS means for its mail, asked of a name server of our own."""

from collections.abc import Iterator
from datetime import timedelta

import pytest
from django.utils import timezone
from pytest_django import Settings

from accounts.people.models import User
from core.errors import DomainError
from delivery.domains.alerts import domain_alerts
from delivery.domains.checks.domain_check import KeyRecord, Place, Subject, domain_check, worst
from delivery.domains.checks.finding_text import WORDS, finding_line, parts_of
from delivery.domains.checks.resolve import Lookup, Outcome
from delivery.domains.checks.spf import Spf, SpfCheck, spf_lookups, spf_suggestion
from delivery.domains.models import DkimKey, SendingDomain
from delivery.domains.services.deliverability import dkim_key_use, domain_look, domains_recheck
from delivery.domains.services.signing import dkim_key_make, domain_ensure
from delivery.domains.tests.dns_server import DnsServer
from delivery.senders.tests.factories import identity_make


@pytest.fixture
def world(settings: Settings) -> Iterator[DnsServer]:
    """shop.example in order: SPF, DMARC, MX, a server with a name."""
    with DnsServer(
        {
            ("shop.example", "MX"): ["10 mx.shop.example."],
            ("shop.example", "TXT"): ["v=spf1 ip4:192.0.2.0/24 include:_spf.host.example -all", "x" * 600],
            ("_spf.host.example", "TXT"): ["v=spf1 ip6:2001:db8::/32 a:out.host.example mx -all"],
            ("out.host.example", "A"): ["198.51.100.7"],
            ("_dmarc.shop.example", "TXT"): ["v=DMARC1; p=quarantine; rua=mailto:d@shop.example"],
            ("mail.shop.example", "A"): ["192.0.2.10"],
            ("10.2.0.192.in-addr.arpa", "PTR"): ["mail.shop.example."],
            ("mx.shop.example", "A"): ["192.0.2.11"],
        }
    ) as server:
        settings.DNS_SERVERS, settings.DNS_TIMEOUT = [server.address], 0.5
        yield server


PLACE = Place("mail.shop.example")


def look(*keys: KeyRecord, places: tuple[Place, ...] = (PLACE,), domain: str = "shop.example", signed: bool = True):
    return domain_check(Subject(domain, keys, places, (domain,), signed), Lookup())


def codes(checked, level: str = "") -> set[str]:
    return {finding["code"] for finding in checked.findings if not level or finding["level"] == level}


@pytest.mark.parametrize(
    ("address", "result"),
    [("192.0.2.9", Spf.PASS), ("198.51.100.7", Spf.PASS), ("2001:db8::5", Spf.PASS), ("203.0.113.1", Spf.FAIL)],
)
def test_spf_judges_addresses_through_includes(world: DnsServer, address: str, result: Spf) -> None:
    assert SpfCheck(Lookup(), address).result("shop.example") is result


@pytest.mark.parametrize(
    ("record", "result"),
    [
        ("v=spf1 ~all", Spf.SOFTFAIL),
        ("v=spf1", Spf.NEUTRAL),
        ("v=spf1 nonsense", Spf.PERMERROR),
        ("v=spf1 redirect=_spf.host.example", Spf.FAIL),
        ("v=spf1 include:nowhere.example -all", Spf.PERMERROR),
        ("v=spf1 include:shop.example -all", Spf.PERMERROR),
        ("v=spf1 a:mail.shop.example/24 -all", Spf.PASS),
        ("v=spf1 mx ?all", Spf.NEUTRAL),
    ],
)
def test_spf_results(world: DnsServer, record: str, result: Spf) -> None:
    world.put("shop.example", "TXT", record)
    address = "192.0.2.77" if "/24" in record else "203.0.113.1"
    assert SpfCheck(Lookup(), address).result("shop.example") is result


def test_a_record_with_too_many_lookups_is_reported(world: DnsServer) -> None:
    world.put(
        "shop.example", "TXT", "v=spf1 " + " ".join(f"include:_{n}.shop.example" for n in range(9)) + " mx a -all"
    )
    for number in range(9):
        world.put(f"_{number}.shop.example", "TXT", "v=spf1 ip4:203.0.113.9 -all")
    assert spf_lookups(Lookup(), "shop.example") == 11
    assert "spf_lookups" in codes(look())


def test_kinds_of_answers(world: DnsServer) -> None:
    world.failing.add("broken.example")
    world.silent.add("silent.example")
    lookup = Lookup()
    assert lookup("shop.example", "MX").outcome is Outcome.FOUND
    assert lookup("shop.example", "AAAA").outcome is Outcome.EMPTY
    assert lookup("gone.example", "A").outcome is Outcome.NXDOMAIN
    assert lookup("broken.example", "A").outcome is Outcome.SERVFAIL
    assert lookup("silent.example", "A").outcome is Outcome.TIMEOUT
    asked = len(world.asked)
    lookup("shop.example", "MX")
    assert len(world.asked) == asked


@pytest.mark.django_db
def test_a_domain_in_order(world: DnsServer, director: User) -> None:
    key = dkim_key_make(domain=domain_ensure(address="a@shop.example"), actor=director)
    world.put(key.host, "TXT", key.record)
    checked = look(KeyRecord(key.host, "rsa", key.public, "active", key.record))
    assert world.over_tcp > 0  # what does not fit into a datagram is asked again
    assert codes(checked) == {"spf_pass", "dkim_good", "dmarc_good", "aligned_both", "mx_good", "tls_good", "ptr_good"}
    assert worst(checked.findings) == "good"
    assert parts_of(checked.findings)[0][0].startswith("SPF")


def test_each_fault_has_its_finding_and_the_record_to_paste(world: DnsServer) -> None:
    world.put("shop.example", "TXT", "v=spf1 -all", "v=spf1 mx -all")
    world.drop("_dmarc.shop.example", "TXT")
    world.drop("shop.example", "MX")
    world.put("s1._domainkey.shop.example", "TXT", "v=DKIM1; k=rsa; p=")
    world.put("s2._domainkey.shop.example", "TXT", "v=DKIM1; k=rsa; p=AAAA")
    ours = KeyRecord("c1._domainkey.shop.example", "rsa", "PUBLIC", "active", "v=DKIM1; k=rsa; p=PUBLIC")
    others = [KeyRecord(f"{name}._domainkey.shop.example") for name in ("s1", "s2")]
    checked = look(ours, *others)
    assert codes(checked, "warn") == {
        "spf_several", "dkim_missing", "dkim_revoked", "dkim_unreadable", "dmarc_missing", "unaligned", "mx_missing",
    }  # fmt: skip
    records = {finding["code"]: finding["record"] for finding in checked.findings if "record" in finding}
    assert records["spf_several"]["value"] == "v=spf1 ip4:192.0.2.10 mx -all"
    assert records["dkim_missing"] == {
        "host": "c1._domainkey.shop.example", "type": "TXT", "value": "v=DKIM1; k=rsa; p=PUBLIC"
    }  # fmt: skip
    assert records["dmarc_missing"]["host"] == "_dmarc.shop.example"
    world.put("c1._domainkey.shop.example", "TXT", "v=DKIM1; k=rsa; p=OTHER")
    assert "dkim_other" in codes(look(ours))


def test_a_weak_key_is_named_with_its_size(world: DnsServer) -> None:
    from base64 import b64encode

    from cryptography.hazmat.primitives.asymmetric import rsa
    from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat

    key = rsa.generate_private_key(65537, 1024).public_key()  # noqa: S505
    public = b64encode(key.public_bytes(Encoding.DER, PublicFormat.SubjectPublicKeyInfo)).decode()
    world.put("s1._domainkey.shop.example", "TXT", f"v=DKIM1; p={public}")
    found = next(f for f in look(KeyRecord("s1._domainkey.shop.example")).findings if f["part"] == "dkim")
    assert (found["code"], found["values"]["bits"]) == ("dkim_weak", 1024)


@pytest.mark.parametrize(
    ("policy", "code", "level"),
    [("reject", "unaligned_rejected", "refuse"), ("quarantine", "unaligned", "warn"), ("none", "unaligned", "warn")],
)
def test_nothing_aligned_is_refused_where_dmarc_rejects(world: DnsServer, policy: str, code: str, level: str) -> None:
    world.put("shop.example", "TXT", "v=spf1 ?all")
    world.put("_dmarc.shop.example", "TXT", f"v=DMARC1; p={policy}")
    checked = look()
    assert code in codes(checked, level)
    assert ("dmarc_none" in codes(checked, "hint")) == (policy == "none")


def test_a_record_above_holds_for_a_subdomain_and_aligns_with_it(world: DnsServer) -> None:
    world.put("_dmarc.shop.example", "TXT", "v=DMARC1; p=none; sp=reject")
    world.put("news.shop.example", "MX", "10 mx.shop.example.")
    subject = Subject("news.shop.example", (), (PLACE,), ("shop.example",))
    checked = domain_check(subject, Lookup())
    assert {"dmarc_good", "aligned_spf", "spf_pass"} <= codes(checked)
    world.put("_dmarc.shop.example", "TXT", "v=DMARC1; p=reject; aspf=s")
    assert "unaligned_rejected" in codes(domain_check(subject, Lookup()), "refuse")


def test_spf_failure_and_a_missing_domain_are_refused_silence_is_not(world: DnsServer) -> None:
    elsewhere = Place("mail.shop.example", False, ("203.0.113.5",))
    checked = look(places=(elsewhere,))
    assert codes(checked, "refuse") == {"spf_fail"}
    assert {"tls_none", "ptr_missing"} <= codes(checked, "warn")
    assert codes(look(domain="gone.example"), "refuse") == {"domain_missing"}
    world.silent.add("quiet.example")
    checked = look(domain="quiet.example")
    assert (codes(checked), checked.is_known) == ({"dns_timeout"}, False)
    world.failing.add("bad.example")
    assert codes(look(domain="bad.example")) == {"dns_servfail"}


def test_a_known_provider_is_permitted_by_its_include() -> None:
    assert spf_suggestion("v=spf1 mx -all", ["include:sendgrid.net"]) == "v=spf1 include:sendgrid.net mx -all"
    assert spf_suggestion("", ["ip4:192.0.2.1"]) == "v=spf1 ip4:192.0.2.1 ~all"


def test_every_finding_has_words() -> None:
    from pathlib import Path

    source = Path("delivery/domains/checks/domain_check.py").read_text()
    assert all(f'"{code}"' in source or code.startswith(("spf_", "dns_")) for code in WORDS)
    line = finding_line({"code": "mx_missing", "level": "warn", "values": {"domain": "shop.example"}})
    assert (line.tone, line.text.startswith("shop.example has neither")) == ("warn", True)


@pytest.mark.django_db
def test_a_check_is_kept_and_a_break_raises_an_alert(
    world: DnsServer, settings: Settings, director: User, owner: User
) -> None:
    settings.EMAIL_URL = "smtp+tls://mail.shop.example:587"
    identity_make(from_address="news@shop.example")
    domain = domain_ensure(address="news@shop.example")
    key = dkim_key_make(domain=domain, actor=director)
    with pytest.raises(DomainError) as early:
        dkim_key_use(key=key, actor=director)
    assert early.value.code == "dkim_record_missing"
    world.put(key.host, "TXT", key.record)
    dkim_key_use(key=key, actor=director)
    domain.refresh_from_db()
    assert domain_look(domain=domain).level == "good"
    assert domain.well_at == domain.checked_at
    assert list(domain_alerts(director)) == []
    world.silent.add("shop.example")
    assert domain_look(domain=domain).broken_at is None
    world.silent.clear()
    world.drop(key.host, "TXT")
    assert domain_look(domain=domain).level == "warn"
    assert domain.broken_at
    (alert,) = domain_alerts(director)
    assert "shop.example" in str(alert.title)
    assert list(domain_alerts(owner)) == []
    world.put(key.host, "TXT", key.record)
    assert domain_look(domain=domain).broken_at is None


@pytest.mark.django_db
def test_domains_in_use_are_looked_at_again_after_a_week(world: DnsServer) -> None:
    identity_make(from_address="news@shop.example")
    domain_ensure(address="news@shop.example")
    domain_ensure(address="news@unused.example")
    assert domains_recheck() == 1
    assert domains_recheck() == 0
    SendingDomain.objects.update(checked_at=timezone.now() - timedelta(days=8))
    assert domains_recheck() == 1


@pytest.mark.django_db
def test_the_pages_show_domains_findings_and_keys(
    world: DnsServer, settings: Settings, director: User, signed_in
) -> None:
    settings.EMAIL_URL = "smtp://mail.shop.example"
    identity_make(from_address="news@shop.example")
    domain = domain_look(domain=domain_ensure(address="news@shop.example"))
    client = signed_in(director)
    assert "shop.example" in client.get("/email/deliverability/").content.decode()
    page = client.get(f"/email/deliverability/{domain.pk}/").content.decode()
    assert "is not encrypted" in page
    assert client.post(f"/email/deliverability/{domain.pk}/keys/", {"algorithm": "rsa"}).status_code == 302
    key = DkimKey.objects.get()
    assert key.record in client.get(f"/email/deliverability/{domain.pk}/").content.decode().replace("&amp;", "&")
    refused = client.post(f"/email/keys/{key.pk}/activate/", follow=True)
    assert "is not in the DNS yet" in refused.content.decode()
    refused = client.post(f"/email/deliverability/{domain.pk}/", {"is_signed": "on"})
    assert refused.status_code == 422
