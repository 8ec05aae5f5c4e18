"""What the apps above hang on segments and propositions: where they are used, and what was learnt with them."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass

from django.utils.functional import Promise

from core.registry import Registry
from marketing.models import PropositionVersion, Segment


@dataclass(frozen=True)
class Use:
    """One thing that uses a segment. `is_binding` says that the segment cannot be archived while it stands."""

    title: str
    url: str
    note: str = ""
    is_binding: bool = True


@dataclass(frozen=True)
class SegmentUses:
    """A kind of thing that uses segments: `uses(segment)` lists them."""

    code: str
    title: str | Promise
    uses: Callable[[Segment], Sequence[Use]]


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


segment_uses: Registry[SegmentUses] = Registry("segment use")
evidence_sources: Registry[EvidenceSource] = Registry("evidence source")
