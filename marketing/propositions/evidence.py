"""What was learnt with a version of a proposition; apps above register their evidence."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass

from django.utils.functional import Promise

from core.registry import Registry
from marketing.propositions.models import PropositionVersion


@dataclass(frozen=True)
class Evidence:
    """One finding about a version: a sentence with its interval, where it comes from, whether it speaks for it.

    `tone` is "good", "bad" or empty (no difference found, or not yet known).
    """

    title: str
    finding: str
    url: str = ""
    tone: str = ""


@dataclass(frozen=True)
class EvidenceSource:
    """A kind of evidence: `evidence(version)` lists what is known, newest first."""

    code: str
    title: str | Promise
    evidence: Callable[[PropositionVersion], Sequence[Evidence]]


evidence_sources: Registry[EvidenceSource] = Registry("evidence source")
