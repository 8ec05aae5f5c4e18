"""Asking the DNS: a missing name, an empty answer, a broken server and silence are four different things."""

from dataclasses import dataclass
from enum import Enum
from time import monotonic

import dns.exception
import dns.name
import dns.resolver
import dns.reversename
from django.conf import settings


class Outcome(Enum):
    FOUND = "found"
    EMPTY = "empty"
    NXDOMAIN = "nxdomain"
    SERVFAIL = "servfail"
    TIMEOUT = "timeout"


@dataclass(frozen=True)
class Answer:
    """`values` as texts: TXT joined as receivers join it, names without their last dot."""

    outcome: Outcome
    values: tuple[str, ...] = ()

    @property
    def is_known(self) -> bool:
        """Whether somebody answered: only then does an empty answer mean that there is nothing."""
        return self.outcome not in {Outcome.SERVFAIL, Outcome.TIMEOUT}


class Lookup:
    """The DNS as seen by one check: every question is asked once, of `DNS_SERVERS` or the system's servers. `within`
    are the seconds that all of it may take (None: as long as it does); what is asked later counts as silence."""

    def __init__(self, *, within: float | None = None) -> None:
        self.until = monotonic() + within if within is not None else None
        self.resolver = dns.resolver.Resolver(configure=not settings.DNS_SERVERS)
        if settings.DNS_SERVERS:
            places = [server.rpartition(":") if server.count(":") == 1 else (server, "", "53")
                      for server in settings.DNS_SERVERS]  # fmt: skip
            self.resolver.nameservers = [host for host, _colon, _port in places]
            self.resolver.nameserver_ports = {host: int(port) for host, _colon, port in places}
        self.known: dict[tuple[str, str], Answer] = {}

    def __call__(self, name: str, kind: str) -> Answer:
        key = (name.lower().rstrip("."), kind)
        if key not in self.known:
            self.known[key] = self._ask(*key)
        return self.known[key]

    def txt(self, name: str, beginning: str) -> tuple[Answer, list[str]]:
        """The answer, and those of its texts that begin with a version tag such as `v=spf1`."""
        answer = self(name, "TXT")
        tag = beginning.lower()
        return answer, [
            value for value in answer.values if value.lower() == tag or value.lower().startswith((f"{tag} ", f"{tag};"))
        ]

    def addresses(self, name: str) -> list[str]:
        return [*self(name, "A").values, *self(name, "AAAA").values]

    def reverse(self, address: str) -> Answer:
        return self(dns.reversename.from_address(address).to_text(), "PTR")

    def _ask(self, name: str, kind: str) -> Answer:
        lifetime = settings.DNS_TIMEOUT
        if self.until is not None:
            lifetime = min(lifetime, self.until - monotonic())
            if lifetime <= 0:
                return Answer(Outcome.TIMEOUT)
        try:
            found = self.resolver.resolve(
                dns.name.from_text(name), kind, lifetime=lifetime, raise_on_no_answer=False, search=False
            )
        except (dns.resolver.NXDOMAIN, dns.name.LabelTooLong, dns.name.EmptyLabel, dns.name.NameTooLong):
            return Answer(Outcome.NXDOMAIN)
        except dns.exception.Timeout:
            return Answer(Outcome.TIMEOUT)
        except (dns.exception.DNSException, OSError):
            return Answer(Outcome.SERVFAIL)
        if found.rrset is None:
            return Answer(Outcome.EMPTY)
        return Answer(Outcome.FOUND, tuple(_text(one) for one in found.rrset))


def _text(record: object) -> str:
    strings = getattr(record, "strings", None)
    if strings is not None:
        return b"".join(strings).decode("utf-8", "replace")
    exchange = getattr(record, "exchange", None)
    return (str(exchange) if exchange is not None else str(record)).rstrip(".").strip('"')
