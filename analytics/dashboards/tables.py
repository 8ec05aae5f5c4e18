"""The people behind the figures: new customers, and those who asked for something."""

from dataclasses import dataclass
from typing import Any

from django.db.models import OuterRef, QuerySet, Subquery
from django.db.models.expressions import Combinable
from django.db.models.functions import Coalesce
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from accounts.company.company_days import CompanyDays
from analytics.dashboards.drill_links import NONE
from analytics.dashboards.funnel import STEPS, people_behind
from core.ui.tables.columns import Column, Kind
from core.ui.tables.definition import Empty
from core.ui.tables.filters import ChoiceFilter
from core.ui.tables.table import Table
from crm.channels.queries import channel_choices
from crm.contacts.contact_urls import contact_url
from crm.contacts.models import Contact, MiniListMembership
from crm.leads.models import Lead, LeadQuerySet
from crm.leads.queries import credit_choices
from crm.sales.models import Order


@dataclass(frozen=True, kw_only=True)
class FirstSaleFilter(ChoiceFilter):
    """Where a new customer is counted: `what` is channel, salesperson, attended_by or lead, by their latest lead at or
    before the first sale; failing that the channel of the sale, and the mini-list they were on then."""

    what: str

    def apply(self, queryset: QuerySet[Any], values: dict[str, str]) -> QuerySet[Any]:
        value = values[self.code]
        if value not in {known for known, _label in self.pairs()}:
            return queryset
        queryset = queryset.annotate(counted=_counted_at(self.what))
        if self.what == "lead":
            return queryset.filter(counted__isnull=value == "no")
        return queryset.filter(**({"counted__isnull": True} if value == NONE else {"counted": value}))


def _counted_at(what: str) -> Combinable:
    lead = Lead.objects.filter(contact=OuterRef("pk"), occurred_at__lte=OuterRef("first_order_at")).order_by(
        "-occurred_at", "-pk"
    )
    sale = Order.objects.filter(
        contact=OuterRef("pk"), placed_at=OuterRef("first_order_at"), kind=Order.Kind.SALE, gross__gt=0
    ).order_by("pk")
    holder = MiniListMembership.objects.at(OuterRef("first_order_at")).filter(contact=OuterRef("pk")).order_by("-since")
    if what == "channel":
        return Coalesce(Subquery(lead.values("channel__code")[:1]), Subquery(sale.values("channel__code")[:1]))
    if what == "salesperson":
        return Coalesce(Subquery(holder.values("owner__public_id")[:1]), Subquery(lead.values("owner__public_id")[:1]))
    return Subquery(lead.values("pk" if what == "lead" else "attended_by")[:1])


def _channels() -> list[tuple[str, Any]]:
    return [*channel_choices(), (NONE, pgettext_lazy("channel", "No channel"))]


class NewCustomerTable(Table[Contact]):
    name = "new_customers"
    title = _("New customers")
    columns = (
        Column("name", _("Contact"), link=True, phone="title"),
        Column(
            "day", _("First purchase"), value="first_order_at", kind=Kind.MOMENT, sort="first_order_at", phone="value"
        ),
        Column("email", _("E-mail"), phone="detail"),
        Column("city", _("City")),
        Column("orders", _("Orders"), value="order_count", kind=Kind.NUMBER, sort="order_count", phone="note"),
        Column("net", _("Net revenue so far"), value="net_total", kind=Kind.MONEY, sort="net_total"),
    )
    filters = (
        CompanyDays(code="day", label=_("First purchase"), field="first_order_at"),
        FirstSaleFilter(code="channel", label=_("Channel"), choices=_channels, what="channel"),
        FirstSaleFilter(code="credit", label=_("Counts for"), choices=credit_choices, what="salesperson"),
        FirstSaleFilter(
            code="attended_by",
            label=_("Attended by"),
            choices=[*Lead.AttendedBy.choices, (NONE, _("Without a lead"))],
            what="attended_by",
        ),
        FirstSaleFilter(
            code="lead", label=_("Lead"), choices=[("no", _("Without a lead")), ("yes", _("With a lead"))], what="lead"
        ),
    )
    search_fields = ("first_name", "last_name", "email")
    default_sort = "-day"
    empty = Empty(_("No customers yet"), _("Contacts appear here with their first purchase."), "user-check")

    def row_url(self, row: Contact) -> str:
        return contact_url(row)


@dataclass(frozen=True, kw_only=True)
class LeadDays(CompanyDays):
    """People with a lead on these company days."""

    def apply(self, queryset: QuerySet[Any], values: dict[str, str]) -> QuerySet[Any]:
        return people_behind(self.leads(values), queryset)  # type: ignore[arg-type]

    def leads(self, values: dict[str, str]) -> LeadQuerySet:
        return super().apply(Lead.objects.all(), values)  # type: ignore[return-value]


LEAD_DAYS = LeadDays(code="day", label=_("Lead date"), field="occurred_at")


@dataclass(frozen=True, kw_only=True)
class ReachedFilter(ChoiceFilter):
    """How far they have come since the leads of the chosen days."""

    def apply(self, queryset: QuerySet[Any], values: dict[str, str]) -> QuerySet[Any]:
        value = values[self.code]
        if value not in {known for known, _label in self.pairs()}:
            return queryset
        return people_behind(LEAD_DAYS.leads(values), queryset, value)  # type: ignore[arg-type]


class LeadPeopleTable(Table[Contact]):
    name = "lead_people"
    title = _("Contacts behind the leads")
    columns = (
        Column("name", _("Contact"), link=True, phone="title"),
        Column("stage", _("Stage"), value="get_stage_display", sort="stage", phone="value"),
        Column("lead", _("Latest lead"), value="latest_lead_at", kind=Kind.MOMENT, sort="latest_lead_at", phone="note"),
        Column("contacted", _("Last contact"), value="last_contacted_at", kind=Kind.MOMENT, sort="last_contacted_at"),
        Column("bought", _("First purchase"), value="first_order_at", kind=Kind.MOMENT, sort="first_order_at"),
        Column("email", _("E-mail"), phone="detail"),
        Column("phone", _("Phone"), default=False),
        Column("city", _("City"), default=False),
    )
    filters = (
        LEAD_DAYS,
        ReachedFilter(code="reached", label=_("Stage reached"), choices=[(step.code, step.label) for step in STEPS]),
    )
    search_fields = ("first_name", "last_name", "email")
    default_sort = "-lead"
    empty = Empty(_("No leads yet"), _("Contacts appear here with their first lead."), "magnet")

    def row_url(self, row: Contact) -> str:
        return contact_url(row)
