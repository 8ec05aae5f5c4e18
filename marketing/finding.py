"""Segments and propositions by what is typed, and what uses a segment."""

from collections.abc import Iterable
from typing import Any

from django.db.models import Q
from django.urls import reverse

from core.rules.tree import InvalidRules, included_codes, read_rules
from core.ui.search import Found
from marketing.models import PropositionVersion, Segment, ValueProposition
from marketing.registries import Use


def find_segments(user: Any, text: str, limit: int) -> Iterable[Found]:
    rows = Segment.objects.visible_to(user).active()
    rows = rows.filter(Q(name__icontains=text) | Q(description__icontains=text))
    return [Found(it.name, reverse("segment_detail", args=[it.public_id]), it.description[:60]) for it in rows[:limit]]


def find_propositions(user: Any, text: str, limit: int) -> Iterable[Found]:
    rows = ValueProposition.objects.visible_to(user).active().select_related("segment")
    rows = rows.filter(Q(name__icontains=text) | Q(versions__headline__icontains=text)).distinct()
    return [Found(it.name, reverse("proposition_detail", args=[it.public_id]), it.segment.name) for it in rows[:limit]]


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


def propositions_of(segment: Segment) -> list[Use]:
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
