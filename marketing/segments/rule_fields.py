"""Segments as something a rule can ask about: one segment may include or leave out the people of another."""

from collections.abc import Sequence

from django.utils.translation import gettext_lazy as _

from core.rules.fields import Choice, Field, fields
from core.rules.operators import Kind
from marketing.segments.models import Segment

MAX_OFFERED = 50


def register() -> None:
    fields.register(
        Field(code="segment", label=_("segment"), group=_("Segments"), kind=Kind.SEGMENT, choices=_segments)
    )


def _segments(codes: Sequence[str] | None, query: str) -> Sequence[Choice]:
    rows = Segment.objects.filter(public_id__in=codes) if codes is not None else Segment.objects.active()
    if query:
        rows = rows.filter(name__icontains=query)
    return [Choice(code, name) for code, name in rows.values_list("public_id", "name")[:MAX_OFFERED]]
