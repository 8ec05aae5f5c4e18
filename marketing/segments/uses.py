"""Where segments are used: apps above register what uses them; other segments do."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass

from django.urls import reverse
from django.utils.functional import Promise

from core.registry import Registry
from core.rules.tree import InvalidRules, included_codes, read_rules
from marketing.segments.models import Segment


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


segment_uses: Registry[SegmentUses] = Registry("segment use")


def including_segments(segment: Segment) -> list[Use]:
    """Segments whose rules name this one."""
    uses = []
    for other in Segment.objects.active().exclude(pk=segment.pk).filter(rules__icontains=segment.public_id):
        try:
            names_it = segment.public_id in included_codes(read_rules(other.rules))
        except InvalidRules:
            names_it = True
        if names_it:
            uses.append(Use(other.name, reverse("segment_detail", args=[other.public_id])))
    return uses
