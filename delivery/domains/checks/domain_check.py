"""Judging one sending domain: SPF, DKIM, DMARC, alignment, return path, encryption, reverse names.

A finding is a dict that goes into the database as it is: `code`, `part` (under which heading), `level`, `values` for
its sentence (`delivery.domains.checks.finding_text`) and `record` (host, type, value) where there is one to paste.
"""

import base64
import binascii
import ipaddress
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any

from cryptography.hazmat.primitives.asymmetric import rsa
from cryptography.hazmat.primitives.serialization import load_der_public_key

from delivery.domains.checks.dmarc import Dmarc, aligned, dmarc_of
from delivery.domains.checks.resolve import Lookup, Outcome
from delivery.domains.checks.spf import MAX_LOOKUPS, VERSION, Spf, SpfCheck, spf_lookups, spf_suggestion

Finding = dict[str, Any]
LEVELS = ("good", "hint", "warn", "refuse")
# What providers ask their customers to permit, by the end of their servers' names.
INCLUDES = {
    "amazonaws.com": "amazonses.com", "sendgrid.net": "sendgrid.net", "mailgun.org": "mailgun.org",
    "mtasv.net": "spf.mtasv.net", "postmarkapp.com": "spf.mtasv.net", "mailjet.com": "spf.mailjet.com",
    "brevo.com": "spf.brevo.com", "sendinblue.com": "spf.brevo.com", "google.com": "_spf.google.com",
    "gmail.com": "_spf.google.com", "office365.com": "spf.protection.outlook.com",
    "outlook.com": "spf.protection.outlook.com", "sparkpostmail.com": "sparkpostmail.com", "zoho.com": "zoho.com",
    "postmark": "spf.mtasv.net",
    "mailgun": "mailgun.org", "brevo": "spf.brevo.com", "sendgrid": "sendgrid.net",
}  # fmt: skip


@dataclass(frozen=True)
class Place:
    """A mail server as a check sees it: where it listens, whether our way to it is encrypted, and where mail leaves
    from (`leaves_from` as a person wrote it; empty: its own addresses are taken for that)."""

    host: str
    is_encrypted: bool = True
    leaves_from: tuple[str, ...] = ()
    by_api: bool = False


@dataclass(frozen=True)
class KeyRecord:
    """A DKIM record that should be there: `record` is None where the provider keeps the key."""

    host: str
    algorithm: str = ""
    public: str = ""
    state: str = "provider"
    record: str | None = None


@dataclass(frozen=True)
class Subject:
    """What is judged: a domain, the keys that should be published, the servers its mail leaves by, and the domains its
    bounces return to."""

    domain: str
    keys: tuple[KeyRecord, ...] = ()
    places: tuple[Place, ...] = ()
    returns_to: tuple[str, ...] = ()
    is_signed: bool = False


@dataclass
class Checked:
    """The findings so far, and what alignment needs to know of them."""

    findings: list[Finding] = field(default_factory=list)
    spf: dict[str, Spf] = field(default_factory=dict)
    signs: bool = False
    is_known: bool = True

    def add(self, part: str, code: str, level: str, record: tuple[str, str, str] | None = None, **values: Any) -> None:
        found: Finding = {"part": part, "code": code, "level": level, "values": values}
        if record:
            found["record"] = dict(zip(("host", "type", "value"), record, strict=True))
        self.findings.append(found)

    def unanswered(self, part: str, name: str, outcome: Outcome) -> None:
        """Nobody knows: neither well nor broken."""
        self.is_known = False
        self.add(part, f"dns_{outcome.value}", "warn", name=name)


def domain_check(subject: Subject, lookup: Lookup) -> Checked:
    """All findings of a domain, in the order of the page."""
    checked = Checked()
    mx = lookup(subject.domain, "MX")
    if mx.outcome is Outcome.NXDOMAIN:
        checked.add("domain", "domain_missing", "refuse", name=subject.domain)
        return checked
    if not mx.is_known:
        checked.unanswered("domain", subject.domain, mx.outcome)
        return checked
    addresses = {place: _addresses(place, lookup) for place in subject.places}
    for domain in subject.returns_to or (subject.domain,):
        _spf(checked, domain, addresses, lookup)
    _dkim(checked, subject, lookup)
    dmarc = dmarc_of(lookup, subject.domain)
    _dmarc(checked, subject, dmarc)
    _alignment(checked, subject, dmarc, lookup)
    for domain in dict.fromkeys((subject.domain, *subject.returns_to)):
        _return_path(checked, domain, lookup)
    for place, found in addresses.items():
        _server(checked, place, found, lookup)
    return checked


def worst(findings: list[Finding]) -> str:
    """The level of a domain: hints do not spoil it."""
    level = max((LEVELS.index(finding["level"]) for finding in findings), default=0)
    return "good" if level <= 1 else LEVELS[level]


def _addresses(place: Place, lookup: Lookup) -> list[str]:
    if place.by_api:
        return []  # where a provider sends from is its own affair: its signature is what proves the domain
    found = list(place.leaves_from) or ([place.host] if _is_address(place.host) else lookup.addresses(place.host))
    return [one for one in found if _is_address(one)]


def _is_address(text: str) -> bool:
    try:
        ipaddress.ip_address(text)
    except ValueError:
        return False
    return True


def _spf(checked: Checked, domain: str, addresses: dict[Place, list[str]], lookup: Lookup) -> None:
    answer, records = lookup.txt(domain, VERSION)
    if not answer.is_known:
        checked.unanswered("spf", domain, answer.outcome)
        return
    permits = list(dict.fromkeys(term for place, found in addresses.items() for term in _permits(place, found)))
    paste = (domain, "TXT", spf_suggestion(records[0] if records else "", permits))
    if not records:
        checked.add("spf", "spf_missing", "warn", paste, domain=domain)
        return
    if len(records) > 1:
        merged = spf_suggestion(" ".join(records), permits)
        checked.add("spf", "spf_several", "warn", (domain, "TXT", merged), domain=domain, count=len(records))
        return
    count = spf_lookups(lookup, domain)
    if count > MAX_LOOKUPS:
        checked.add("spf", "spf_lookups", "warn", domain=domain, count=count, most=MAX_LOOKUPS)
    for place, found in addresses.items():
        for address in found:
            result = SpfCheck(lookup, address).result(domain)
            if result is not Spf.PASS and any(term.startswith("include:") and term in records[0].split()
                                              for term in _permits(place, found)):  # fmt: skip
                result = Spf.PASS
            checked.spf[domain] = _worse(checked.spf.get(domain), result)
            level = {Spf.PASS: "good", Spf.FAIL: "refuse"}.get(result, "warn")
            if result is Spf.TEMPERROR:
                checked.is_known = False
            checked.add("spf", f"spf_{result.value}", level, None if result is Spf.PASS else paste,
                        domain=domain, address=address, host=place.host, text=records[0])  # fmt: skip


def _permits(place: Place, addresses: list[str]) -> list[str]:
    """What an SPF record says to permit this server."""
    include = next((name for end, name in INCLUDES.items() if place.host.lower().endswith(end)), "")
    if include and not place.leaves_from:
        return [f"include:{include}"]
    return [f"ip{ipaddress.ip_address(one).version}:{one}" for one in addresses]


def _worse(one: Spf | None, other: Spf) -> Spf:
    return other if one is None or one is Spf.PASS else one


def _dkim(checked: Checked, subject: Subject, lookup: Lookup) -> None:
    if not any(key.state in {"active", "provider"} for key in subject.keys):
        checked.add("dkim", "dkim_none", "warn", domain=subject.domain)
    for key in subject.keys:
        answer = lookup(key.host, "TXT")
        paste = (key.host, "TXT", key.record) if key.record else None
        # What does not sign yet, or not any more, harms nobody.
        bad = "warn" if key.state in {"active", "provider"} else "hint"
        if not answer.is_known:
            checked.unanswered("dkim", key.host, answer.outcome)
        elif not answer.values:
            code = "dkim_waiting" if key.state == "prepared" else "dkim_missing"
            checked.add("dkim", code, bad, paste, host=key.host)
        else:
            _dkim_record(checked, key, answer.values[0], bad, paste, is_signed=subject.is_signed)


def _dkim_record(
    checked: Checked, key: KeyRecord, text: str, bad: str, paste: tuple[str, str, str] | None, *, is_signed: bool
) -> None:
    tags = {
        name.strip(): value.replace(" ", "") for name, _, value in (part.partition("=") for part in text.split(";"))
    }
    public = tags.get("p", "")
    if not public:
        checked.add("dkim", "dkim_revoked", bad, paste, host=key.host)
        return
    if key.public and public != key.public:
        checked.add("dkim", "dkim_other", bad, paste, host=key.host)
        return
    bits = key_bits(public) if tags.get("k", "rsa") == "rsa" else None
    if bits == 0:
        checked.add("dkim", "dkim_unreadable", bad, paste, host=key.host)
        return
    if key.state == "provider" or (key.state == "active" and is_signed):
        checked.signs = checked.signs or bits is None or bits >= 1024
    if bits is not None and bits < 2048:
        checked.add("dkim", "dkim_weak", "warn", host=key.host, bits=bits)
    else:
        checked.add("dkim", "dkim_ready" if key.state == "prepared" else "dkim_good", "good", host=key.host,
                    bits=bits or 256)  # fmt: skip


def key_bits(public: str) -> int:
    """The size of an RSA key as a record has it; 0 when it is none."""
    try:
        key = load_der_public_key(base64.b64decode(public, validate=True))
    except (ValueError, binascii.Error):
        return 0
    return key.key_size if isinstance(key, rsa.RSAPublicKey) else 0


def _dmarc(checked: Checked, subject: Subject, dmarc: Dmarc) -> None:
    host = f"_dmarc.{subject.domain}"
    paste = (host, "TXT", f"v=DMARC1; p=none; rua=mailto:dmarc@{subject.domain}")
    if not dmarc.answer.is_known:
        checked.unanswered("dmarc", host, dmarc.answer.outcome)
    elif not dmarc.count:
        checked.add("dmarc", "dmarc_missing", "warn", paste, domain=subject.domain)
    elif dmarc.count > 1:
        checked.add("dmarc", "dmarc_several", "warn", domain=dmarc.at, count=dmarc.count)
    elif not dmarc.policy:
        checked.add("dmarc", "dmarc_broken", "warn", paste, domain=dmarc.at)
    elif dmarc.policy == "none":
        better = (
            host,
            "TXT",
            f"v=DMARC1; p=quarantine; rua={dmarc.tags.get('rua') or f'mailto:dmarc@{subject.domain}'}",
        )
        checked.add("dmarc", "dmarc_none", "hint", better, domain=dmarc.at)
    else:
        checked.add("dmarc", "dmarc_good", "good", domain=dmarc.at, policy=dmarc.policy)


def _alignment(checked: Checked, subject: Subject, dmarc: Dmarc, lookup: Lookup) -> None:
    """The From domain against the envelope's and the signature's: DMARC passes when one of them fits."""
    strict = dmarc.tags.get("aspf", "").lower() == "s"
    by_spf = bool(checked.spf) and all(
        result is Spf.PASS and aligned(lookup, subject.domain, domain, strict=strict)
        for domain, result in checked.spf.items()
    )
    by_dkim = checked.signs
    if by_spf or by_dkim:
        code = "aligned_both" if by_spf and by_dkim else "aligned_dkim" if by_dkim else "aligned_spf"
        checked.add("alignment", code, "good" if by_dkim else "hint", domain=subject.domain)
    elif checked.is_known:
        level = "refuse" if dmarc.policy == "reject" else "warn"
        code = "unaligned_rejected" if dmarc.policy == "reject" else "unaligned"
        checked.add("alignment", code, level, domain=subject.domain, returns_to=", ".join(subject.returns_to))


def _return_path(checked: Checked, domain: str, lookup: Lookup) -> None:
    mx = lookup(domain, "MX")
    if not mx.is_known:
        checked.unanswered("return", domain, mx.outcome)
    elif mx.values in {("",), (".",)}:
        checked.add("return", "mx_null", "warn", domain=domain)
    elif mx.values:
        checked.add("return", "mx_good", "good", domain=domain, hosts=", ".join(sorted(mx.values)[:3]))
    elif lookup.addresses(domain):
        checked.add("return", "mx_address", "hint", domain=domain)
    else:
        checked.add("return", "mx_missing", "warn", domain=domain)


def _server(checked: Checked, place: Place, addresses: list[str], lookup: Lookup) -> None:
    if place.is_encrypted:
        checked.add("server", "tls_good", "good", host=place.host)
    else:
        checked.add("server", "tls_none", "warn", host=place.host)
    for address in addresses:
        checked.findings += _reverse(place, address, lookup)


def _reverse(place: Place, address: str, lookup: Lookup) -> Iterator[Finding]:
    """A server has a name that leads back to it; only a hint where the address is a guess."""
    answer = lookup.reverse(address)
    values = {"address": address, "name": answer.values[0] if answer.values else ""}
    bad = "warn" if place.leaves_from else "hint"
    if not answer.is_known:
        return
    if not answer.values:
        yield {"part": "server", "code": "ptr_missing", "level": bad, "values": values}
    elif not any(address in lookup.addresses(name) for name in answer.values):
        yield {"part": "server", "code": "ptr_elsewhere", "level": bad, "values": values}
    else:
        yield {"part": "server", "code": "ptr_good", "level": "good", "values": values}
