"""The list of segments."""

from collections.abc import Sequence
from typing import Any

from django.db.models import Q
from django.db.models.functions import Lower
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from accounts.access import SignedInRequest
from accounts.company.models import Company
from accounts.people.models import User
from core.ui.tables.columns import Column, Kind
from core.ui.tables.definition import BulkAction, Empty
from core.ui.tables.filters import ArchivedFilter, BooleanFilter, ChoiceFilter
from core.ui.tables.table import Table
from crm.contacts.models import Contact
from marketing.access import may_edit
from marketing.segments.headlines import active_headlines
from marketing.segments.models import Segment
from marketing.segments.queries import share_of


def owner_choices() -> list[tuple[str, Any]]:
    keepers = User.objects.exclude(role=User.Role.SALESPERSON).values_list("public_id", "full_name")
    return [("none", _("No owner")), *keepers]


def owned_by(value: str) -> Q:
    return Q(owner=None) if value == "none" else Q(owner__public_id=value)


class SegmentTable(Table[Segment]):
    name = "segments"
    title = _("Segments")
    columns = (
        Column(
            "name", _("Segment"), sort=Lower("name"), link=True, template="marketing/segments/_name.html", phone="title"
        ),
        Column("size", _("Contacts"), kind=Kind.NUMBER, sort="size", phone="value"),
        Column("share", _("Share"), kind=Kind.PERCENT, sort="size", help=_("Share of all contacts.")),
        Column(
            "value",
            _("Net purchases"),
            kind=Kind.MONEY,
            sort="value",
            help=_("All purchases of the segment's contacts, minus returns."),
        ),
        Column(
            "growth",
            _("Growth"),
            kind=Kind.PERCENT,
            sort="growth",
            template="marketing/segments/_growth.html",
            phone="note",
            help=_("Contacts now, compared with 30 days ago."),
        ),
        Column("headline", _("Active value proposition"), clip=True, default=False),
        Column("strategy", _("Strategy"), clip=True, default=False),
        Column("next_action", _("Next action"), clip=True, phone="detail"),
        Column("owner", _("Owner"), value="owner.full_name", sort="owner__full_name", nowrap=True),
        Column("counted", _("Last count"), value="counted_at", kind=Kind.MOMENT, sort="counted_at", default=False),
        Column("created", _("Created on"), value="created_at", kind=Kind.DAY, sort="created_at", default=False),
    )
    filters = (
        BooleanFilter(
            code="key",
            label=_("Key segment"),
            field="is_key",
            yes_label=_("Key segments"),
            no_label=_("Other segments"),
        ),
        ChoiceFilter(code="owner", label=_("Owner"), choices=owner_choices, where=owned_by),
        ArchivedFilter(),
    )
    search_fields = ("name", "description", "next_action")
    search_label = _("Find a segment")
    default_sort = "-value"
    bulk_actions = (
        BulkAction("archive", _("Archive"), "segment_bulk_archive", "archive", visible_to=may_edit, archived=False),
        BulkAction("restore", _("Restore"), "segment_bulk_restore", "archive-off", visible_to=may_edit, archived=True),
    )
    empty = Empty(
        _("No segments yet"),
        _("A segment is a group of contacts with something in common: purchases, location, answers."),
        "users-group",
        _("New segment"),
        "segment_create",
        may_edit,
    )

    def row_url(self, row: Segment) -> str:
        return reverse("segment_detail", args=[row.public_id])

    def prefetch(self, rows: Sequence[Any]) -> None:
        """Each segment's `share` of all people, and the `headline` of its active value proposition."""
        everybody = Contact.objects.active().count()
        headlines = active_headlines([row.pk for row in rows])
        for row in rows:
            row.share = share_of(row.size, everybody)
            row.headline = headlines.get(row.pk, "")


def segment_table(request: SignedInRequest) -> SegmentTable:
    zone = Company.get().zone
    segments = Segment.objects.visible_to(request.user).select_related("owner")
    return SegmentTable(request, segments.with_growth(today=timezone.localdate(timezone=zone), zone=zone))
