"""Findings in words: what is the matter, what follows from it, and what to do."""

# ruff: noqa: E501

from dataclasses import dataclass
from typing import Any

from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

PARTS = {
    "domain": gettext_lazy("Domain"),
    "spf": gettext_lazy("SPF: who may send for it"),
    "dkim": gettext_lazy("DKIM: the signature"),
    "dmarc": gettext_lazy("DMARC: what receivers do with forgeries"),
    "alignment": gettext_lazy("Alignment: does the sender match the proof?"),
    "return": gettext_lazy("Return path: where bounces and answers go"),
    "server": gettext_lazy("Mail server"),
}

WORDS = {
    "domain_missing": gettext_lazy(
        "The domain %(name)s does not exist in the DNS. Receivers refuse mail from a domain nobody can look up. Check its spelling, or register it."
    ),
    "dns_timeout": gettext_lazy(
        "The name servers did not answer in time for %(name)s. Nothing is known; it is asked again."
    ),
    "dns_servfail": gettext_lazy(
        "The name servers of %(name)s answered with a failure (SERVFAIL). Ask whoever runs the DNS: often the zone or its DNSSEC is broken."
    ),
    "spf_missing": gettext_lazy("%(domain)s has no SPF record: receivers cannot tell which servers may send for it."),
    "spf_several": gettext_lazy(
        "%(domain)s has %(count)s SPF records. Only one is allowed; with more, receivers count SPF as broken. Replace them by one."
    ),
    "spf_lookups": gettext_lazy(
        "The SPF record of %(domain)s needs %(count)s lookups; receivers stop at %(most)s and count it as broken. Remove services you no longer use."
    ),
    "spf_pass": gettext_lazy("SPF permits %(host)s (%(address)s)."),
    "spf_fail": gettext_lazy(
        "SPF forbids %(host)s (%(address)s) to send for %(domain)s. Receivers refuse such mail. If messages leave from other addresses, write them at the provider."
    ),
    "spf_softfail": gettext_lazy("SPF does not permit %(host)s (%(address)s) and calls it suspicious (~all)."),
    "spf_neutral": gettext_lazy("SPF says nothing about %(host)s (%(address)s)."),
    "spf_permerror": gettext_lazy("The SPF record of %(domain)s cannot be evaluated: %(text)s"),
    "spf_temperror": gettext_lazy("A part of the SPF record of %(domain)s could not be looked up just now."),
    "spf_none": gettext_lazy("%(domain)s has no SPF record."),
    "dkim_none": gettext_lazy(
        "Nothing signs the messages of %(domain)s. Make a key here, or name the selector your provider signs with."
    ),
    "dkim_missing": gettext_lazy("The record %(host)s is missing: what is signed with this key fails."),
    "dkim_waiting": gettext_lazy("A new key is prepared. Publish its record; then it can sign."),
    "dkim_ready": gettext_lazy("The record of the new key is published: it can sign now."),
    "dkim_revoked": gettext_lazy("The record %(host)s is empty, which withdraws the key."),
    "dkim_other": gettext_lazy("The record %(host)s holds another key than ours: signatures fail."),
    "dkim_unreadable": gettext_lazy("The record %(host)s holds no readable key. Was it cut off when it was pasted?"),
    "dkim_weak": gettext_lazy("The key %(host)s has only %(bits)s bits. Gmail asks for at least 1024; 2048 is usual."),
    "dkim_good": gettext_lazy("%(host)s is published and strong enough."),
    "dmarc_missing": gettext_lazy(
        "%(domain)s has no DMARC record. Gmail and Yahoo ask for one from everybody who sends in bulk."
    ),
    "dmarc_several": gettext_lazy("%(domain)s has %(count)s DMARC records; receivers ignore all of them. Keep one."),
    "dmarc_broken": gettext_lazy("The DMARC record of %(domain)s has no readable policy (p=)."),
    "dmarc_none": gettext_lazy(
        "DMARC only watches (p=none): forgeries of %(domain)s still arrive. When the reports are clean, ask for quarantine."
    ),
    "dmarc_good": gettext_lazy("DMARC asks receivers to stop forgeries (%(policy)s)."),
    "aligned_both": gettext_lazy("SPF and DKIM both prove %(domain)s."),
    "aligned_dkim": gettext_lazy(
        "The signature proves %(domain)s; SPF proves another domain or nothing, which is enough."
    ),
    "aligned_spf": gettext_lazy("Only SPF proves %(domain)s: forwarded messages lose the proof. Sign them as well."),
    "unaligned": gettext_lazy(
        "Neither SPF nor a signature proves %(domain)s: Gmail and Yahoo do not take bulk mail like this."
    ),
    "unaligned_rejected": gettext_lazy(
        "Neither SPF nor a signature proves %(domain)s, and its own DMARC record asks receivers to reject such mail. They do."
    ),
    "mx_good": gettext_lazy("%(domain)s receives mail at %(hosts)s."),
    "mx_address": gettext_lazy("%(domain)s has no MX record; mail goes to its address record."),
    "mx_null": gettext_lazy(
        "%(domain)s says that it takes no mail at all (null MX): bounces and answers are lost, and some receivers refuse it as a sender."
    ),
    "mx_missing": gettext_lazy(
        "%(domain)s has neither MX nor address: bounces and answers are lost, and some receivers refuse it as a sender."
    ),
    "tls_good": gettext_lazy("The connection to %(host)s is encrypted."),
    "tls_none": gettext_lazy(
        "The connection to %(host)s is not encrypted: messages travel in the open. Use smtp+tls:// or smtp+ssl://."
    ),
    "ptr_good": gettext_lazy("%(address)s has a name that leads back to it: %(name)s."),
    "ptr_missing": gettext_lazy(
        "%(address)s has no name (PTR): Gmail and others refuse servers without one. Ask whoever runs the server."
    ),
    "ptr_elsewhere": gettext_lazy(
        "The name of %(address)s, %(name)s, leads to another address. Ask whoever runs the server."
    ),
}


@dataclass(frozen=True)
class Line:
    """One finding for a screen."""

    code: str
    level: str
    text: str
    record: dict[str, str] | None

    @property
    def tone(self) -> str:
        return {"good": "good", "warn": "warn", "refuse": "bad"}.get(self.level, "")

    @property
    def icon(self) -> str:
        return {"good": "circle-check", "warn": "alert-triangle", "refuse": "alert-circle"}.get(
            self.level, "info-circle"
        )


def finding_line(finding: dict[str, Any]) -> Line:
    """A finding in the reader's language; one of a kind that no longer exists is named by its code."""
    words = WORDS.get(finding["code"])
    text = str(words) % finding["values"] if words is not None else finding["code"]
    return Line(finding["code"], finding["level"], text, finding.get("record"))


def parts_of(findings: list[dict[str, Any]]) -> list[tuple[str, list[Line]]]:
    """The findings under their headings, in the order of the page."""
    grouped = [
        (str(title), [finding_line(finding) for finding in findings if finding["part"] == part])
        for part, title in PARTS.items()
    ]
    return [(title, lines) for title, lines in grouped if lines]


def worst_sentence(findings: list[dict[str, Any]], level: str) -> str:
    """The first finding of a level, in words."""
    found = next((finding for finding in findings if finding["level"] == level), None)
    return finding_line(found).text if found else _("It is not in order.")
