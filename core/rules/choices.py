"""The values that can be chosen in a rule: from a fixed list, or from rows of a table."""

from collections.abc import Callable, Sequence
from typing import Any

from django.db.models import Q, QuerySet
from django.utils.translation import gettext as _

from core.rules.fields import Choice

MAX_CHOICES = 50
Choices = Callable[[Sequence[str] | None, str], Sequence[Choice]]


def fixed(pairs: Sequence[tuple[str, Any]]) -> Choices:
    def choices(codes: Sequence[str] | None, query: str) -> Sequence[Choice]:
        return [
            Choice(code, label)
            for code, label in pairs
            if (codes is None or code in codes) and query.lower() in str(label).lower()
        ]

    return choices


def from_rows(rows: "QuerySet[Any]", code: str, name: str, codes: Sequence[str] | None, query: str) -> list[Choice]:
    """Rows as choices: those with `codes`, or the first whose name or code contains the query."""
    if codes is not None:
        found = rows.filter(**{f"{code}__in": codes})
    else:
        found = rows.filter(Q(**{f"{name}__icontains": query}) | Q(**{f"{code}__iexact": query})) if query else rows
    return [
        Choice(str(key), _(label) if label else str(key)) for key, label in found.values_list(code, name)[:MAX_CHOICES]
    ]
