"""Questions about value propositions."""

from collections.abc import Collection

from django.urls import reverse

from marketing.propositions.models import PropositionVersion, ValueProposition
from marketing.segments.models import Segment
from marketing.segments.uses import Use


def segment_propositions(segment: Segment) -> list[Use]:
    """Propositions to this segment; one in force keeps it from being archived."""
    in_force = set(
        PropositionVersion.objects.in_force()
        .filter(proposition__segment=segment)
        .values_list("proposition_id", flat=True)
    )
    return [
        Use(it.name, reverse("proposition_detail", args=[it.public_id]), is_binding=it.pk in in_force)
        for it in ValueProposition.objects.active().filter(segment=segment)
    ]


def segment_headlines(keys: Collection[int]) -> dict[int, str]:
    """The headline of the version in force for each of these segments that has one."""
    in_force = PropositionVersion.objects.in_force().filter(
        proposition__segment__in=keys, proposition__archived_at=None
    )
    return dict(in_force.values_list("proposition__segment", "headline"))
