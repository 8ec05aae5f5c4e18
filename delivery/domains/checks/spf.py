"""Who may send for a domain (SPF, RFC 7208): judging an address, and counting the lookups receivers will make."""

import ipaddress
import re
from enum import Enum

from delivery.domains.checks.resolve import Lookup, Outcome

MAX_LOOKUPS = 10
VERSION = "v=spf1"
TERM = re.compile(
    r"^([+?~-]?)(all|include|a|mx|ptr|ip4|ip6|exists)(?::([^/\s]+))?((?:/\d+)?(?://\d+)?)$", re.IGNORECASE
)
MODIFIER = re.compile(r"^([a-z][a-z0-9_.-]*)=(\S+)$", re.IGNORECASE)


class Spf(Enum):
    PASS = "pass"  # noqa: S105
    FAIL = "fail"
    SOFTFAIL = "softfail"
    NEUTRAL = "neutral"
    NONE = "none"
    PERMERROR = "permerror"
    TEMPERROR = "temperror"


QUALIFIERS = {"": Spf.PASS, "+": Spf.PASS, "-": Spf.FAIL, "~": Spf.SOFTFAIL, "?": Spf.NEUTRAL}


class SpfCheck:
    """One judgement of `check_host`: may mail for `domain` come from `address`?"""

    def __init__(self, lookup: Lookup, address: str) -> None:
        self.lookup, self.ip = lookup, ipaddress.ip_address(address)
        self.lookups = 0

    def result(self, domain: str) -> Spf:
        try:
            return self._host(domain)
        except RecursionError:
            return Spf.PERMERROR

    def _host(self, domain: str) -> Spf:
        answer, records = self.lookup.txt(domain, VERSION)
        if not answer.is_known:
            return Spf.TEMPERROR
        if len(records) != 1:
            return Spf.PERMERROR if records else Spf.NONE
        redirect = ""
        for term in records[0].split()[1:]:
            modifier = MODIFIER.match(term)
            if modifier:
                redirect = modifier[2] if modifier[1].lower() == "redirect" else redirect
                continue
            mechanism = TERM.match(term)
            if mechanism is None:
                return Spf.PERMERROR
            found = self._matches(mechanism[2].lower(), mechanism[3] or domain, mechanism[4], explicit=mechanism[3])
            if isinstance(found, Spf):
                return found
            if found:
                return QUALIFIERS[mechanism[1]]
        if redirect:
            self.lookups += 1
            if self.lookups > MAX_LOOKUPS:
                return Spf.PERMERROR
            result = self._host(redirect)
            return Spf.PERMERROR if result is Spf.NONE else result
        return Spf.NEUTRAL

    def _matches(self, name: str, target: str, length: str, *, explicit: str | None) -> bool | Spf:
        """Whether a mechanism matches; an `Spf` ends the judgement."""
        if name == "all":
            return True
        if name in {"ip4", "ip6"}:
            try:
                return self.ip in ipaddress.ip_network(f"{explicit}{length}", strict=False)
            except ValueError:
                return Spf.PERMERROR
        self.lookups += 1
        if self.lookups > MAX_LOOKUPS:
            return Spf.PERMERROR
        if name == "include":
            inner = self._host(target)
            if inner in {Spf.TEMPERROR, Spf.PERMERROR}:
                return inner
            return Spf.PERMERROR if inner is Spf.NONE else inner is Spf.PASS
        if name in {"a", "mx"}:
            hosts = [target] if name == "a" else list(self.lookup(target, "MX").values[:10])
            return any(self._within(address, length) for host in hosts for address in self.lookup.addresses(host))
        # exists needs macros only receivers can fill in; ptr is not to be used (RFC 7208, 5.5).
        return name == "exists" and "%" not in target and self.lookup(target, "A").outcome is Outcome.FOUND

    def _within(self, address: str, length: str) -> bool:
        four, _slashes, six = length.partition("//")
        one = ipaddress.ip_address(address)
        bits = (four.lstrip("/") or "32") if one.version == 4 else (six or "128")
        return self.ip.version == one.version and self.ip in ipaddress.ip_network(f"{address}/{bits}", strict=False)


def spf_lookups(lookup: Lookup, domain: str, *, seen: frozenset[str] = frozenset()) -> int:
    """How many lookups the whole record costs when nothing matches before its end."""
    _answer, records = lookup.txt(domain, VERSION)
    if len(records) != 1 or domain in seen or len(seen) > MAX_LOOKUPS:
        return 0
    count = 0
    for term in records[0].split()[1:]:
        modifier, mechanism = MODIFIER.match(term), TERM.match(term)
        target = ""
        if modifier and modifier[1].lower() == "redirect":
            count, target = count + 1, modifier[2]
        elif mechanism and mechanism[2].lower() in {"include", "a", "mx", "ptr", "exists"}:
            count += 1
            target = (mechanism[3] or "") if mechanism[2].lower() == "include" else ""
        if target:
            count += spf_lookups(lookup, target.lower(), seen=seen | {domain})
    return count


def spf_suggestion(existing: str, permits: list[str]) -> str:
    """One record that permits what `existing` (one record or several) and `permits` (`ip4:…`, `include:…`) name."""
    terms = list(dict.fromkeys(existing.split())) or [VERSION, "~all"]
    ends = [term for term in terms if term.lstrip("+?~-") == "all"][:1]
    kept = [term for term in terms[1:] if term.lstrip("+?~-") != "all"]
    missing = [term for term in permits if term not in kept]
    return " ".join([VERSION, *missing, *kept, *ends])
