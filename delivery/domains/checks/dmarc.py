"""What a domain asks receivers to do with mail that only claims to come from it (DMARC)."""

from dataclasses import dataclass, field

from delivery.domains.checks.resolve import Answer, Lookup

VERSION = "v=DMARC1"
MAX_LABELS = 8


@dataclass(frozen=True)
class Dmarc:
    """The record in force: `at` is the domain it was found at, `count` how many stood there."""

    answer: Answer
    at: str = ""
    count: int = 0
    tags: dict[str, str] = field(default_factory=dict)
    is_inherited: bool = False

    @property
    def policy(self) -> str:
        """none, quarantine or reject; empty without a readable record."""
        wanted = self.tags.get("sp") if self.is_inherited and "sp" in self.tags else self.tags.get("p", "")
        return wanted.lower() if wanted and wanted.lower() in {"none", "quarantine", "reject"} else ""


def dmarc_of(lookup: Lookup, domain: str) -> Dmarc:
    """The nearest record on the way up the tree, as DMARC's tree walk finds it."""
    answer = lookup(f"_dmarc.{domain}", "TXT")
    for at in _upwards(domain):
        found, records = lookup.txt(f"_dmarc.{at}", VERSION)
        if not found.is_known:
            return Dmarc(found)
        if records:
            return Dmarc(found, at, len(records), _tags(records[0]), at != domain)
    return Dmarc(answer)


def organisation(lookup: Lookup, domain: str) -> str:
    """The domain that answers for this one: the highest with a record, or one below a public suffix that has one."""
    found = domain
    below = domain
    for at in _upwards(domain):
        _answer, records = lookup.txt(f"_dmarc.{at}", VERSION)
        if records:
            mark = _tags(records[0]).get("psd", "").lower()
            if mark == "y":
                return below
            found = at
            if mark == "n":
                return at
        below = at
    return found


def aligned(lookup: Lookup, one: str, other: str, *, strict: bool) -> bool:
    """Whether two domains count as the same for DMARC."""
    if one == other:
        return True
    return not strict and organisation(lookup, one) == organisation(lookup, other)


def _upwards(domain: str) -> list[str]:
    labels = domain.split(".")
    places = [domain] if len(labels) > MAX_LABELS else []
    labels = labels[-(MAX_LABELS - 1) :] if len(labels) > MAX_LABELS else labels
    return places + [".".join(labels[start:]) for start in range(len(labels))]


def _tags(record: str) -> dict[str, str]:
    pairs = (part.partition("=") for part in record.split(";"))
    return {name.strip().lower(): value.strip() for name, equals, value in pairs if equals}
