"""The models of marketing, where Django looks for them. Everybody else imports a model from its feature."""

from marketing.planning.models import KpiTarget
from marketing.propositions.models import PropositionVersion, ValueProposition
from marketing.segments.models import Segment, SegmentSize
from marketing.spend.models import SpendEntry

__all__ = [
    "KpiTarget",
    "PropositionVersion",
    "Segment",
    "SegmentSize",
    "SpendEntry",
    "ValueProposition",
]
