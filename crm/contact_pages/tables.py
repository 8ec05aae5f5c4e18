"""The list of contacts."""

from datetime import timedelta
from typing import Any

from django.db import connection
from django.db.models import Exists, OuterRef, Prefetch, Q, QuerySet
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from accounts.access import is_marketer
from accounts.people.models import User
from core.ui.tables.columns import Column, Kind
from core.ui.tables.definition import BulkAction, Empty
from core.ui.tables.filters import ArchivedFilter, BooleanFilter, ChoiceFilter
from core.ui.tables.table import Table
from crm.activities.queries import IDLE_DAYS
from crm.channels.models import Channel
from crm.consent.models import Suppression
from crm.contacts.models import Contact, ContactQuerySet, MiniListMembership
from crm.scoring.models import RfmSegment


def contact_rows(user: User) -> ContactQuerySet:
    """What the list of contacts shows of each: their segment, channel, and who looks after them."""
    open_rows = MiniListMembership.objects.open().select_related("owner")
    return (
        Contact.objects.visible_to(user)
        .select_related("rfm__segment", "channel")
        .prefetch_related(Prefetch("minilist_memberships", open_rows, to_attr="open_memberships"))
    )


def owner_name(contact: Any) -> str:
    """The salesperson who looks after a contact of `contact_rows` today."""
    return next((str(row.owner) for row in contact.open_memberships), "")


def segment_name(contact: Contact) -> str:
    score = getattr(contact, "rfm", None)
    return str(score.segment) if score else ""


def _owners() -> list[tuple[str, str]]:
    people = User.objects.salespeople().values_list("public_id", "full_name")
    return [("none", str(_("No owner"))), *people]


def _owned_by(value: str) -> Q:
    mine = MiniListMembership.objects.open().filter(contact=OuterRef("pk"))
    if value == "none":
        return ~Q(Exists(mine))
    return Q(Exists(mine.filter(owner__public_id=value)))


def _contact_choices() -> list[tuple[str, str]]:
    idle = gettext("Not contacted for %(idle_days)s days") % {"idle_days": IDLE_DAYS}
    return [("idle", idle), ("never", gettext("Never contacted"))]


def _contacted(value: str) -> Q:
    if value == "never":
        return Q(last_contacted_at=None)
    return Q(last_contacted_at__lt=timezone.now() - timedelta(days=IDLE_DAYS))


# From one country to the next in the index, not over all contacts.
COUNTRIES_SQL = """
    WITH RECURSIVE found AS (
        (SELECT country FROM crm_contact WHERE country > '' ORDER BY country LIMIT 1)
        UNION ALL
        SELECT (SELECT country FROM crm_contact WHERE country > found.country ORDER BY country LIMIT 1)
        FROM found WHERE country IS NOT NULL
    ) SELECT country FROM found WHERE country IS NOT NULL LIMIT 300
"""


def _countries() -> list[tuple[str, str]]:
    with connection.cursor() as cursor:
        cursor.execute(COUNTRIES_SQL)
        return [(name, name) for (name,) in cursor.fetchall()]


def _by_channel(code: str) -> Q:
    """By its key, which stands in the index that such a list is read from."""
    return Q(channel__in=list(Channel.objects.filter(code=code)))


class ContactTable(Table[Contact]):
    name = "contacts"
    title = _("Contacts")
    columns = (
        Column("name", _("Name"), sort="last_name", link=True, phone="title"),
        Column("email", _("E-mail"), sort="email_normalized", phone="detail", clip=True),
        Column("stage", _("Stage"), value="get_stage_display", sort="stage", phone="note", nowrap=True),
        Column("segment", _("RFM segment"), value=segment_name, sort="rfm__segment__position", nowrap=True),
        Column("owner", _("Owner"), value=owner_name, nowrap=True, default=False),
        Column("country", _("Country"), sort="country", default=False),
        Column("city", _("City"), sort="city", default=False),
        Column("channel", _("Source channel"), sort="channel__position", default=False),
        Column("orders", _("Orders"), value="order_count", kind=Kind.NUMBER, sort="order_count"),
        Column(
            "gross",
            _("Gross purchases"),
            value="gross_total",
            kind=Kind.MONEY,
            sort="gross_total",
            phone="value",
            places=2,
        ),
        Column("last_order", _("Last order"), value="last_order_at", kind=Kind.DAY, sort="last_order_at"),
        Column(
            "contacted",
            _("Last contacted"),
            value="last_contacted_at",
            kind=Kind.DAY,
            sort="last_contacted_at",
            default=False,
        ),
        Column("created", _("Created on"), value="created_at", kind=Kind.DAY, sort="created_at", default=False),
    )
    filters = (
        ChoiceFilter(code="stage", label=_("Stage"), choices=Contact.Stage.choices),
        ChoiceFilter(
            code="rfm",
            label=_("RFM segment"),
            field="rfm__segment__code",
            choices=lambda: [(segment.code, str(segment)) for segment in RfmSegment.objects.all()],
        ),
        BooleanFilter(
            code="reachable",
            label=_("Reachable"),
            yes=Q(email_normalized__isnull=False)
            & ~Exists(Suppression.objects.in_force().filter(address_hash=OuterRef("address_hash"))),
            yes_label=_("Reachable by e-mail"),
            no_label=_("Not reachable by e-mail"),
        ),
        ChoiceFilter(
            code="channel",
            label=_("Source channel"),
            choices=lambda: [(channel.code, str(channel)) for channel in Channel.objects.active()],
            where=_by_channel,
        ),
        ChoiceFilter(code="owner", label=_("Owner"), choices=_owners, where=_owned_by),
        ChoiceFilter(
            code="contacted",
            label=_("Last contacted"),
            choices=_contact_choices,
            where=_contacted,
        ),
        BooleanFilter(
            code="customer",
            label=_("Customer"),
            yes=Q(last_order_at__isnull=False),
            yes_label=_("Customers"),
            no_label=_("Not yet customers"),
        ),
        ChoiceFilter(code="country", label=_("Country"), choices=_countries),
        ArchivedFilter(),
    )
    search_fields = ("first_name", "last_name", "email", "phone", "identities__external_id")
    search_label = _("Name, e-mail or number")
    default_sort = "-last_order"
    bulk_actions = (
        BulkAction("assign", _("Assign to a salesperson"), "contact_bulk_assign", "user-share", visible_to=is_marketer),
        BulkAction("archive", _("Archive"), "contact_bulk_archive", "archive", visible_to=is_marketer, archived=False),
        BulkAction(
            "restore", _("Restore"), "contact_bulk_restore", "archive-off", visible_to=is_marketer, archived=True
        ),
        BulkAction(
            "suppress",
            _("Add to suppression list"),
            "contact_bulk_suppress",
            "mail-off",
            confirm=_("No e-mail of any kind will be sent to these addresses, regardless of consent."),
            visible_to=is_marketer,
        ),
    )
    empty = Empty(
        _("No contacts yet"),
        _("Customers and leads appear here, each with a timeline."),
        "users",
        _("Import orders"),
        "import_create",
        is_marketer,
    )

    def row_url(self, row: Contact) -> str:
        return reverse("contact_detail", args=[row.public_id])

    def search(self, queryset: Any, text: str) -> QuerySet[Contact]:
        found: QuerySet[Contact] = queryset.found_by(text)
        return found
