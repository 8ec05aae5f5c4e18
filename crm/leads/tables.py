"""The list of leads."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Any

from django.db.models import Exists, F, OuterRef, Q, QuerySet
from django.http import HttpRequest
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from accounts.access import is_marketer
from accounts.company.company_days import CompanyDays
from accounts.people.models import User
from core.ui.tables.columns import Column, Kind
from core.ui.tables.definition import BulkAction, Empty
from core.ui.tables.filters import ChoiceFilter, Filter
from core.ui.tables.table import Table
from crm.channels.queries import channel_choices
from crm.leads.models import Lead
from crm.leads.queries import RESPONSE_LIMIT, credit_choices, unattended
from crm.leads.registries import lead_filters


def _salespeople() -> Iterable[tuple[str, str]]:
    return [(person.public_id, person.full_name) for person in User.objects.salespeople()]


@dataclass(frozen=True, kw_only=True)
class CreditFilter(ChoiceFilter):
    """Whom the rows count for in the key figures."""

    def apply(self, queryset: QuerySet[Any], values: dict[str, str]) -> QuerySet[Any]:
        value = values[self.code]
        person = User.objects.filter(public_id=value, role=User.Role.SALESPERSON).first()
        if person is None and value != "none":
            return queryset
        return queryset.filter(pk__in=Lead.objects.credited_to(person.pk if person else None).values("pk"))


def _owner_is(value: str) -> Q:
    return Q(owner=None) if value == "none" else Q(owner__public_id=value)


def _owners() -> list[tuple[str, Any]]:
    return [("none", _("No owner")), *_salespeople()]


def _state_is(value: str) -> Q:
    own = Lead.objects.filter(pk=OuterRef("pk"))
    match value:
        case "unattended":
            return Q(Exists(unattended(own)))
        case "waiting":
            return Q(Exists(unattended(own).filter(occurred_at__lt=timezone.now() - RESPONSE_LIMIT)))
        case "first_sale":
            return Q(pk__in=Lead.objects.of_first_sales().values("pk"))
        case _:
            return Q(contact__first_order_at__gte=F("occurred_at"))


class LeadTable(Table[Lead]):
    name = "leads"
    title = _("Leads")
    columns = (
        Column("contact", _("Contact"), value="contact.name", link=True, phone="title"),
        Column("day", _("When"), value="occurred_at", kind=Kind.MOMENT, sort="occurred_at", phone="value"),
        Column("channel", _("Channel"), sort="channel__position", phone="detail"),
        Column("interest", _("Interest"), clip=True),
        Column("attended_by", _("Attended by"), value="get_attended_by_display"),
        Column("owner", _("Salesperson"), value="owner.full_name", sort="owner__full_name", phone="note"),
        Column("email", _("E-mail"), value="contact.email", default=False),
        Column("phone", _("Phone"), value="contact.phone", default=False),
        Column("stage", _("Stage"), value="contact.get_stage_display"),
        Column("content", _("Content"), value="get_content_format_display", default=False),
        Column("source", _("Source"), default=False),
    )
    filters: Sequence[Filter] = (
        CompanyDays(code="day", label=_("When"), field="occurred_at"),
        ChoiceFilter(code="channel", label=_("Channel"), field="channel__code", choices=channel_choices),
        ChoiceFilter(code="owner", label=_("Salesperson"), choices=_owners, where=_owner_is),
        CreditFilter(code="credit", label=_("Counts for"), choices=credit_choices),
        ChoiceFilter(code="attended_by", label=_("Attended by"), field="attended_by", choices=Lead.AttendedBy.choices),
        ChoiceFilter(
            code="state",
            label=_("State"),
            choices=[
                ("unattended", _("Unanswered")),
                ("waiting", _("Unanswered for two days")),
                ("won", _("Became a customer")),
                ("first_sale", _("Credited with the first purchase")),
            ],
            where=_state_is,
        ),
    )
    search_fields = ("contact__first_name", "contact__last_name", "contact__email", "contact__phone", "interest")
    search_label = _("Search contacts and interests")
    default_sort = "-day"
    bulk_actions = (
        BulkAction("assign", _("Assign to a salesperson"), "leads_assign", "user-share", visible_to=is_marketer),
    )
    empty = Empty(
        _("No leads yet"),
        _("Leads appear here with their contact, date, channel and salesperson."),
        "magnet",
        _("Record lead"),
        "lead_create",
        is_marketer,
    )

    def __init__(self, request: HttpRequest, queryset: QuerySet[Lead]) -> None:
        super().__init__(request, queryset)
        self.filters = (*self.filters, *(one.filter for one in lead_filters))

    def row_url(self, row: Lead) -> str:
        return reverse("lead_detail", args=[row.public_id])
