"""What can be chosen in questions about a customer, and the words some of them take."""

from collections.abc import Callable, Sequence
from typing import Any

from django.db.models import Count, F, Func, Q, QuerySet
from django.utils.dates import MONTHS
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from accounts.models import User
from core.rules.fields import Choice, Phrase
from crm.models import Channel, ConsentTopic, Contact, Product, RfmSegment

MOST_OFFERED = 50
Choices = Callable[[Sequence[str] | None, str], Sequence[Choice]]


def place() -> dict[str, Phrase]:
    return {
        "is": Phrase(gettext_lazy("in %(value)s")),
        "is_any_of": Phrase(gettext_lazy("in %(value)s")),
        "is_not": Phrase(gettext_lazy("outside %(value)s")),
        "is_none_of": Phrase(gettext_lazy("outside %(value)s")),
    }


def bought() -> dict[str, Phrase]:
    return {
        "has_any_of": Phrase(gettext_lazy("bought %(value)s%(window)s"), is_clause=True),
        "has_all_of": Phrase(gettext_lazy("bought %(value)s%(window)s"), is_clause=True),
        "has_none_of": Phrase(gettext_lazy("did not buy %(value)s%(window)s"), is_clause=True),
    }


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
        Choice(str(key), _(label) if label else str(key)) for key, label in found.values_list(code, name)[:MOST_OFFERED]
    ]


def values_of(column: str) -> Callable[[str], Sequence[str]]:
    """The commonest values of a column that contain what is typed."""

    def suggestions(query: str) -> Sequence[str]:
        rows = Contact.objects.exclude(**{column: ""}).filter(**{f"{column}__icontains": query})
        counted = rows.order_by().values(column).annotate(people=Count("pk")).order_by("-people", column)
        return [row[column] for row in counted[:MOST_OFFERED]]

    return suggestions


def months(codes: Sequence[str] | None, query: str) -> Sequence[Choice]:
    return fixed([(str(number), name) for number, name in MONTHS.items()])(codes, query)


def tastes(codes: Sequence[str] | None, query: str) -> Sequence[Choice]:
    if codes is not None:
        return [Choice(code, code) for code in codes]
    rows = Contact.objects.order_by().annotate(taste=Func(F("tastes"), function="unnest")).values("taste")
    counted = rows.annotate(people=Count("pk")).order_by("-people", "taste").values_list("taste", flat=True)
    return [Choice(taste, taste) for taste in counted[:500] if query.lower() in taste.lower()][:MOST_OFFERED]


def products(codes: Sequence[str] | None, query: str) -> Sequence[Choice]:
    rows = Product.objects.order_by("name", "pk")
    if codes is None and query:
        rows = rows.filter(Q(name__icontains=query) | Q(code__istartswith=query))
    elif codes is not None:
        rows = rows.filter(code__in=codes)
    return [Choice(code, name) for code, name in rows.values_list("code", "name")[:MOST_OFFERED]]


def categories(codes: Sequence[str] | None, query: str) -> Sequence[Choice]:
    if codes is not None:
        return [Choice(code, code) for code in codes]
    found = Product.objects.exclude(category="").filter(category__icontains=query).order_by("category")
    return [Choice(name, name) for name in found.values_list("category", flat=True).distinct()[:MOST_OFFERED]]


def channels(codes: Sequence[str] | None, query: str) -> Sequence[Choice]:
    return from_rows(Channel.objects.all(), "code", "name", codes, query)


def rfm_segments(codes: Sequence[str] | None, query: str) -> Sequence[Choice]:
    return from_rows(RfmSegment.objects.all(), "code", "name", codes, query)


def salespeople(codes: Sequence[str] | None, query: str) -> Sequence[Choice]:
    rows = User.objects.all() if codes is not None else User.objects.salespeople()
    return from_rows(rows, "public_id", "full_name", codes, query)


def topics(codes: Sequence[str] | None, query: str) -> Sequence[Choice]:
    return from_rows(ConsentTopic.objects.all(), "code", "name", codes, query)


def nps_categories(codes: Sequence[str] | None, query: str) -> Sequence[Choice]:
    pairs = [("promoter", _("Promoter (9–10)")), ("passive", _("Passive (7–8)")), ("detractor", _("Detractor (0–6)"))]
    return fixed(pairs)(codes, query)
