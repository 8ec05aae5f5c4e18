"""The lists of segments and of value propositions."""

from collections.abc import Sequence
from typing import Any

from django.db.models import Exists, OuterRef, Q, QuerySet
from django.db.models.functions import Lower
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from accounts.access import SignedInRequest
from accounts.models import Company, User
from core.ui.tables import ArchivedFilter, BooleanFilter, BulkAction, ChoiceFilter, Column, Empty, Kind, Table
from crm.models import Contact
from marketing.access import may_edit
from marketing.models import PropositionVersion, Segment, ValueProposition
from marketing.queries import share_of


def _owners() -> list[tuple[str, Any]]:
    keepers = User.objects.exclude(role=User.Role.SALESPERSON).values_list("public_id", "full_name")
    return [("none", _("Nobody")), *keepers]


def _owned_by(value: str) -> Q:
    return Q(owner=None) if value == "none" else Q(owner__public_id=value)


class SegmentTable(Table[Segment]):
    name = "segments"
    title = _("Segments")
    columns = (
        Column(
            "name", _("Segment"), sort=Lower("name"), link=True, template="marketing/_segment_name.html", phone="title"
        ),
        Column("size", _("People"), kind=Kind.NUMBER, sort="size", phone="value"),
        Column("share", _("Of all"), kind=Kind.PERCENT, sort="size", help=_("Of all the people you know.")),
        Column(
            "value",
            _("Bought, net"),
            kind=Kind.MONEY,
            sort="value",
            help=_("All that its people have bought, less what they returned."),
        ),
        Column(
            "growth",
            _("Growth"),
            kind=Kind.PERCENT,
            sort="growth",
            template="marketing/_growth.html",
            phone="note",
            help=_("Its people now, against 30 days ago."),
        ),
        Column("promise", _("Promise in force"), clip=True, default=False),
        Column("strategy", _("Strategy"), clip=True, default=False),
        Column("next_action", _("Next action"), clip=True, phone="detail"),
        Column("owner", _("Owner"), value="owner.full_name", sort="owner__full_name", nowrap=True),
        Column("counted", _("Counted"), value="counted_at", kind=Kind.MOMENT, sort="counted_at", default=False),
        Column("created", _("Made on"), value="created_at", kind=Kind.DAY, sort="created_at", default=False),
    )
    filters = (
        BooleanFilter(
            code="key",
            label=_("Key or not"),
            field="is_key",
            yes_label=_("Key segments"),
            no_label=_("Not key segments"),
        ),
        ChoiceFilter(code="owner", label=_("Owner"), choices=_owners, where=_owned_by),
        ArchivedFilter(),
    )
    search_fields = ("name", "description", "next_action")
    search_label = _("Find a segment")
    default_sort = "-value"
    bulk_actions = (
        BulkAction("archive", _("Archive"), "segment_bulk_archive", "archive", visible_to=may_edit, archived=False),
        BulkAction(
            "restore", _("Bring back"), "segment_bulk_restore", "archive-off", visible_to=may_edit, archived=True
        ),
    )
    empty = Empty(
        _("No segments yet"),
        _("A segment is a group of people who share something: what they bought, where they live, how they answer."),
        "users-group",
        _("New segment"),
        "segment_create",
        may_edit,
    )

    def row_url(self, row: Segment) -> str:
        return reverse("segment_detail", args=[row.public_id])

    def prefetch(self, rows: Sequence[Any]) -> None:
        """Each segment's `share` of all people, and the `promise` in force for it."""
        everybody = Contact.objects.active().count()
        in_force = PropositionVersion.objects.in_force().filter(
            proposition__segment__in=[row.pk for row in rows], proposition__archived_at=None
        )
        promises = dict(in_force.values_list("proposition__segment", "headline"))
        for row in rows:
            row.share = share_of(row.size, everybody)
            row.promise = promises.get(row.pk, "")


def segment_table(request: SignedInRequest) -> SegmentTable:
    zone = Company.get().zone
    segments = Segment.objects.visible_to(request.user).select_related("owner")
    return SegmentTable(request, segments.with_growth(today=timezone.localdate(timezone=zone), zone=zone))


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
        Column("name", _("Proposition"), sort=Lower("name"), link=True, phone="title"),
        Column("segment", _("Segment"), value="segment.name", sort=Lower("segment__name")),
        Column("promise", _("Promise"), value="shown.headline", phone="detail"),
        Column("version", _("Version"), value="shown.number", kind=Kind.NUMBER),
        Column(
            "state",
            _("State"),
            value="shown.get_state_display",
            tone=lambda row: "accent" if row.shown and row.shown.state == "in_force" else "",
            phone="value",
        ),
        Column("verdict", _("Verdict"), value=_verdict, tone=_verdict_tone, phone="note"),
        Column("since", _("In force since"), value="shown.in_force_at", kind=Kind.DAY, default=False),
        Column("owner", _("Owner"), value="owner.full_name", sort="owner__full_name", nowrap=True, default=False),
        Column("created", _("Made on"), value="created_at", kind=Kind.DAY, sort="created_at", default=False),
    )
    filters = (
        ChoiceFilter(code="segment", label=_("Segment"), field="segment__public_id", choices=_segments),
        ChoiceFilter(
            code="state",
            label=_("State"),
            choices=[("in_force", _("In force")), ("draft", _("Only a draft"))],
            where=lambda value: _shown(state=value),
        ),
        ChoiceFilter(
            code="verdict",
            label=_("Verdict"),
            choices=PropositionVersion.Verdict.choices,
            where=lambda value: _shown(verdict=value),
        ),
        ChoiceFilter(code="owner", label=_("Owner"), choices=_owners, where=_owned_by),
        ArchivedFilter(),
    )
    search_fields = ("name",)
    search_label = _("Name, segment or promise")
    default_sort = "name"
    bulk_actions = (
        BulkAction("archive", _("Archive"), "proposition_bulk_archive", "archive", visible_to=may_edit, archived=False),
        BulkAction(
            "restore", _("Bring back"), "proposition_bulk_restore", "archive-off", visible_to=may_edit, archived=True
        ),
    )
    empty = Empty(
        _("No propositions yet"),
        _("Say what a segment wants to get done, what you offer, and why they should believe it; then test it."),
        "quote",
        _("New proposition"),
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
