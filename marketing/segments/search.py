"""Segments by what is typed in the search palette."""

from collections.abc import Iterable
from typing import Any

from django.db.models import Q
from django.urls import reverse

from core.ui.search import SearchResult
from marketing.segments.models import Segment


def find_segments(user: Any, text: str, limit: int) -> Iterable[SearchResult]:
    rows = Segment.objects.visible_to(user).active()
    rows = rows.filter(Q(name__icontains=text) | Q(description__icontains=text))
    return [
        SearchResult(it.name, reverse("segment_detail", args=[it.public_id]), it.description[:60])
        for it in rows[:limit]
    ]
