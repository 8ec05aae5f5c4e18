"""The list of value propositions."""

from collections.abc import Sequence
from typing import Any

from django.db.models import Exists, OuterRef, Q, QuerySet
from django.db.models.functions import Lower
from django.urls import reverse
from django.utils.translation import gettext_lazy as _

from accounts.access import SignedInRequest
from core.ui.tables.columns import Column, Kind
from core.ui.tables.definition import BulkAction, Empty
from core.ui.tables.filters import ArchivedFilter, ChoiceFilter
from core.ui.tables.table import Table
from marketing.access import may_edit
from marketing.propositions.models import PropositionVersion, ValueProposition
from marketing.segments.models import Segment
from marketing.segments.tables import owned_by, owner_choices


def _shown(**conditions: Any) -> Q:
    """Of propositions, by the version that stands for each."""
    return Q(Exists(PropositionVersion.objects.filter(pk=OuterRef("shown_id"), **conditions)))


def _segments() -> list[tuple[str, str]]:
    return list(Segment.objects.exclude(propositions=None).values_list("public_id", "name").distinct())


def _verdict(proposition: Any) -> str:
    return str(proposition.shown.get_verdict_display()) if proposition.shown else ""


def _verdict_tone(proposition: Any) -> str:
    return {"confirmed": "good", "refuted": "bad"}.get(proposition.shown.verdict, "") if proposition.shown else ""


class PropositionTable(Table[ValueProposition]):
    name = "propositions"
    title = _("Value propositions")
    columns = (
        Column("name", _("Value proposition"), sort=Lower("name"), link=True, phone="title"),
        Column("segment", _("Segment"), value="segment.name", sort=Lower("segment__name")),
        Column("promise", _("Statement"), value="shown.headline", phone="detail"),
        Column("version", _("Version"), value="shown.number", kind=Kind.NUMBER),
        Column(
            "state",
            _("State"),
            value="shown.get_state_display",
            tone=lambda row: "accent" if row.shown and row.shown.state == "in_force" else "",
            phone="value",
        ),
        Column("verdict", _("Verdict"), value=_verdict, tone=_verdict_tone, phone="note"),
        Column("since", _("Active since"), value="shown.in_force_at", kind=Kind.DAY, default=False),
        Column("owner", _("Owner"), value="owner.full_name", sort="owner__full_name", nowrap=True, default=False),
        Column("created", _("Created on"), value="created_at", kind=Kind.DAY, sort="created_at", default=False),
    )
    filters = (
        ChoiceFilter(code="segment", label=_("Segment"), field="segment__public_id", choices=_segments),
        ChoiceFilter(
            code="state",
            label=_("State"),
            choices=[("in_force", _("Active")), ("draft", _("Draft only"))],
            where=lambda value: _shown(state=value),
        ),
        ChoiceFilter(
            code="verdict",
            label=_("Verdict"),
            choices=PropositionVersion.Verdict.choices,
            where=lambda value: _shown(verdict=value),
        ),
        ChoiceFilter(code="owner", label=_("Owner"), choices=owner_choices, where=owned_by),
        ArchivedFilter(),
    )
    search_fields = ("name",)
    search_label = _("Name, segment or statement")
    default_sort = "name"
    bulk_actions = (
        BulkAction("archive", _("Archive"), "proposition_bulk_archive", "archive", visible_to=may_edit, archived=False),
        BulkAction(
            "restore", _("Restore"), "proposition_bulk_restore", "archive-off", visible_to=may_edit, archived=True
        ),
    )
    empty = Empty(
        _("No value propositions yet"),
        _(
            "State what a segment wants to achieve, what you offer and why the "
            "offer is credible. Then test the value proposition."
        ),
        "quote",
        _("New value proposition"),
        "proposition_create",
        may_edit,
    )

    def row_url(self, row: ValueProposition) -> str:
        return reverse("proposition_detail", args=[row.public_id])

    def search(self, queryset: QuerySet[ValueProposition], text: str) -> QuerySet[ValueProposition]:
        """Every word in the name, the segment's name or the promise that stands."""
        for word in text.split():
            found = Q(name__icontains=word) | Q(segment__name__icontains=word) | _shown(headline__icontains=word)
            queryset = queryset.filter(found)
        return queryset

    def prefetch(self, rows: Sequence[Any]) -> None:
        """The version `shown` of each proposition."""
        versions = PropositionVersion.objects.in_bulk([row.shown_id for row in rows if row.shown_id])
        for row in rows:
            row.shown = versions.get(row.shown_id)


def proposition_table(request: SignedInRequest) -> PropositionTable:
    propositions = ValueProposition.objects.visible_to(request.user).select_related("segment", "owner")
    return PropositionTable(request, propositions.with_shown())
