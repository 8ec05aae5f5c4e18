"""Findings in words: what is the matter, what follows from it, and what to do."""

# ruff: noqa: E501

from dataclasses import dataclass
from typing import Any

from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

PARTS = {
    "domain": gettext_lazy("Domain"),
    "spf": gettext_lazy("SPF: servers allowed to send"),
    "dkim": gettext_lazy("DKIM: the signature"),
    "dmarc": gettext_lazy("DMARC: what receivers do with forgeries"),
    "alignment": gettext_lazy("Alignment: sender and authenticated domain"),
    "return": gettext_lazy("Return path: where bounces and replies arrive"),
    "server": gettext_lazy("Mail server"),
}

WORDS = {
    "domain_missing": gettext_lazy(
        "The domain %(name)s does not exist in the DNS. Receivers reject e-mail from such a domain. Check its spelling, or register it."
    ),
    "dns_timeout": gettext_lazy(
        "The name servers did not reply in time for %(name)s. The check is retried automatically."
    ),
    "dns_servfail": gettext_lazy(
        "The name servers of %(name)s returned an error (SERVFAIL). Ask your DNS administrator: often the zone or its DNSSEC is broken."
    ),
    "spf_missing": gettext_lazy("%(domain)s has no SPF record: receivers cannot tell which servers may send for it."),
    "spf_several": gettext_lazy(
        "%(domain)s has %(count)s SPF records. Only one is allowed: with more, SPF fails. Merge them into one record."
    ),
    "spf_lookups": gettext_lazy(
        "The SPF record of %(domain)s needs %(count)s DNS lookups. The maximum is %(most)s; with more, SPF fails. Remove services you no longer use."
    ),
    "spf_pass": gettext_lazy("SPF permits %(host)s (%(address)s)."),
    "spf_fail": gettext_lazy(
        "SPF does not allow %(host)s (%(address)s) to send for %(domain)s. Receivers reject such e-mail. If messages are sent from other IP addresses, enter the addresses in the provider's settings."
    ),
    "spf_softfail": gettext_lazy("SPF does not permit %(host)s (%(address)s) and calls it suspicious (~all)."),
    "spf_neutral": gettext_lazy("SPF says nothing about %(host)s (%(address)s)."),
    "spf_permerror": gettext_lazy("The SPF record of %(domain)s cannot be evaluated: %(text)s"),
    "spf_temperror": gettext_lazy("A part of the SPF record of %(domain)s could not be looked up just now."),
    "spf_none": gettext_lazy("%(domain)s has no SPF record."),
    "dkim_none": gettext_lazy(
        "The messages of %(domain)s are not signed. Create a key here, or enter the selector of your provider."
    ),
    "dkim_missing": gettext_lazy("The record %(host)s is missing: what is signed with this key fails."),
    "dkim_waiting": gettext_lazy("A new key is ready. Publish its record, then activate the key."),
    "dkim_ready": gettext_lazy("The record of the new key is published. You can activate the key now."),
    "dkim_revoked": gettext_lazy("The record %(host)s is empty, which withdraws the key."),
    "dkim_other": gettext_lazy("The record %(host)s holds another key than ours: signatures fail."),
    "dkim_unreadable": gettext_lazy("The record %(host)s holds no readable key. Was it cut off when it was pasted?"),
    "dkim_weak": gettext_lazy("The key %(host)s has only %(bits)s bits. Gmail asks for at least 1024; 2048 is usual."),
    "dkim_good": gettext_lazy("%(host)s is published and strong enough."),
    "dmarc_missing": gettext_lazy("%(domain)s has no DMARC record. Gmail and Yahoo require one from bulk senders."),
    "dmarc_several": gettext_lazy("%(domain)s has %(count)s DMARC records; receivers ignore all of them. Keep one."),
    "dmarc_broken": gettext_lazy("The DMARC record of %(domain)s has no readable policy (p=)."),
    "dmarc_none": gettext_lazy(
        "DMARC only monitors (p=none): forgeries of %(domain)s are still delivered. When the reports show no problems, set p=quarantine."
    ),
    "dmarc_good": gettext_lazy("DMARC asks receivers to stop forgeries (%(policy)s)."),
    "aligned_both": gettext_lazy("SPF and DKIM both authenticate %(domain)s."),
    "aligned_dkim": gettext_lazy(
        "The signature authenticates %(domain)s, which is enough. SPF authenticates another domain, or none."
    ),
    "aligned_spf": gettext_lazy(
        "Only SPF authenticates %(domain)s, so forwarded messages lose their authentication. Sign the messages as well."
    ),
    "unaligned": gettext_lazy(
        "Neither SPF nor a signature authenticates %(domain)s. Gmail and Yahoo reject such bulk e-mail."
    ),
    "unaligned_rejected": gettext_lazy(
        "Neither SPF nor a signature authenticates %(domain)s, and the DMARC record of the domain asks receivers to reject such e-mail."
    ),
    "mx_good": gettext_lazy("%(domain)s receives e-mail at %(hosts)s."),
    "mx_address": gettext_lazy("%(domain)s has no MX record. E-mail goes to its address record."),
    "mx_null": gettext_lazy(
        "%(domain)s declares that the domain accepts no e-mail (null MX). Bounces and replies are lost, and some receivers reject the domain as a sender."
    ),
    "mx_missing": gettext_lazy(
        "%(domain)s has neither an MX nor an address record. Bounces and replies are lost, and some receivers reject the domain as a sender."
    ),
    "tls_good": gettext_lazy("The connection to %(host)s is encrypted."),
    "tls_none": gettext_lazy("The connection to %(host)s is not encrypted. Use smtp+tls:// or smtp+ssl://."),
    "ptr_good": gettext_lazy("The reverse DNS (PTR) of %(address)s is correct: %(name)s."),
    "ptr_missing": gettext_lazy(
        "%(address)s has no reverse DNS name (PTR). Gmail and other providers reject servers without one. Ask the server's administrator to add one."
    ),
    "ptr_elsewhere": gettext_lazy(
        "The reverse DNS name of %(address)s, %(name)s, points to another address. Ask the server's administrator to correct the name."
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
    return finding_line(found).text if found else _("A configuration problem was found.")
