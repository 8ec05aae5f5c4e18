"""Value propositions by what is typed in the search palette."""

from collections.abc import Iterable
from typing import Any

from django.db.models import Q
from django.urls import reverse

from core.ui.search import SearchResult
from marketing.propositions.models import ValueProposition


def find_propositions(user: Any, text: str, limit: int) -> Iterable[SearchResult]:
    rows = ValueProposition.objects.visible_to(user).active().select_related("segment")
    rows = rows.filter(Q(name__icontains=text) | Q(versions__headline__icontains=text)).distinct()
    return [
        SearchResult(it.name, reverse("proposition_detail", args=[it.public_id]), it.segment.name)
        for it in rows[:limit]
    ]
