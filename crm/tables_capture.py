"""The lists of leads, answers and forms."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import timedelta
from typing import Any

from django.db.models import Exists, F, OuterRef, Q, QuerySet
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from accounts.access import is_marketer
from accounts.models import User
from core.ui.tables import BulkAction, ChoiceFilter, Column, Empty, Kind, Table
from crm.addresses_of import contact_address
from crm.days import CompanyDays
from crm.models import Channel, Lead, LeadForm, NpsAnswer

WAIT = timedelta(days=2)  # an answer after it is late


def channels() -> list[tuple[str, str]]:
    """Archived ones too: what came through them is still in the lists."""
    return [(channel.code, str(channel)) for channel in Channel.objects.all()]


def salespeople() -> Iterable[tuple[str, str]]:
    return [(person.public_id, person.full_name) for person in User.objects.salespeople()]


def credited_people() -> list[tuple[str, Any]]:
    """Everybody whom a sale or a lead may count for, those who left included."""
    people = User.objects.filter(role=User.Role.SALESPERSON).order_by("full_name")
    return [("none", _("Nobody")), *((person.public_id, person.full_name) for person in people)]


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
    return [("none", _("Nobody")), *salespeople()]


def unattended(leads: QuerySet[Lead]) -> QuerySet[Lead]:
    """Leads for the sales force whose person nobody has contacted since, and who have not bought since either."""
    return leads.filter(
        Q(contact__last_contacted_at=None) | Q(contact__last_contacted_at__lt=F("occurred_at")),
        Q(contact__last_order_at=None) | Q(contact__last_order_at__lt=F("occurred_at")),
        attended_by=Lead.AttendedBy.SALES_FORCE,
        contact__archived_at=None,
    )


def _state_is(value: str) -> Q:
    own = Lead.objects.filter(pk=OuterRef("pk"))
    match value:
        case "unattended":
            return Q(Exists(unattended(own)))
        case "waiting":
            return Q(Exists(unattended(own).filter(occurred_at__lt=timezone.now() - WAIT)))
        case "first_sale":
            return Q(pk__in=Lead.objects.of_first_sales().values("pk"))
        case _:
            return Q(contact__first_order_at__gte=F("occurred_at"))


def _forms() -> list[tuple[str, str]]:
    return [(form.public_id, form.name) for form in LeadForm.objects.all()]


class LeadTable(Table[Lead]):
    name = "leads"
    title = _("Leads")
    columns = (
        Column("contact", _("Person"), value="contact.name", link=True, phone="title"),
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
    filters = (
        CompanyDays(code="day", label=_("When"), field="occurred_at"),
        ChoiceFilter(code="channel", label=_("Channel"), field="channel__code", choices=channels),
        ChoiceFilter(code="owner", label=_("Salesperson"), choices=_owners, where=_owner_is),
        CreditFilter(code="credit", label=_("Counts for"), choices=credited_people),
        ChoiceFilter(code="attended_by", label=_("Attended by"), field="attended_by", choices=Lead.AttendedBy.choices),
        ChoiceFilter(
            code="state",
            label=_("State"),
            choices=[
                ("unattended", _("Nobody has answered")),
                ("waiting", _("Nobody has answered for two days")),
                ("won", _("Became a customer")),
                ("first_sale", _("The first purchase counts for it")),
            ],
            where=_state_is,
        ),
        ChoiceFilter(code="form", label=_("Form"), field="submission__form__public_id", choices=_forms),
    )
    search_fields = ("contact__first_name", "contact__last_name", "contact__email", "contact__phone", "interest")
    search_label = _("Search people and interests")
    default_sort = "-day"
    bulk_actions = (
        BulkAction("assign", _("Hand to a salesperson"), "leads_assign", "user-share", visible_to=is_marketer),
    )
    empty = Empty(
        _("No leads yet"),
        _("Each event of interest stands here: who, when, through which channel, and who attends to it."),
        "magnet",
        _("Record a lead"),
        "lead_create",
        is_marketer,
    )

    def row_url(self, row: Lead) -> str:
        return reverse("lead_detail", args=[row.public_id])


class NpsTable(Table[NpsAnswer]):
    name = "nps"
    title = _("NPS answers")
    columns = (
        Column("score", _("Score"), kind=Kind.NUMBER, sort="score", phone="value"),
        Column("comment", _("What they wrote"), link=True, value=lambda row: row.comment or "–", phone="title"),
        Column("contact", _("Person"), value=lambda row: row.contact.name if row.contact else "", phone="detail"),
        Column("channel", _("Channel")),
        Column("day", _("When"), value="answered_at", kind=Kind.MOMENT, sort="answered_at", phone="note"),
    )
    filters = (
        CompanyDays(code="day", label=_("When"), field="answered_at"),
        ChoiceFilter(
            code="kind",
            label=_("Answer"),
            choices=[
                ("promoters", _("Promoters (9–10)")),
                ("passives", _("Passives (7–8)")),
                ("detractors", _("Detractors (0–6)")),
            ],
            where=lambda value: {
                "promoters": Q(score__gte=9),
                "passives": Q(score__in=[7, 8]),
                "detractors": Q(score__lte=6),
            }[value],
        ),
        ChoiceFilter(code="score", label=_("Score"), choices=[(str(score), str(score)) for score in range(11)]),
        ChoiceFilter(code="channel", label=_("Channel"), field="channel__code", choices=channels),
        ChoiceFilter(
            code="comment",
            label=_("Comment"),
            choices=[("yes", _("With a comment"))],
            where=lambda _value: ~Q(comment=""),
        ),
    )
    search_fields = ("comment", "contact__first_name", "contact__last_name", "contact__email")
    default_sort = "-day"
    empty = Empty(
        _("No answers yet"),
        _("Send the question in an e-mail, or put the link of a channel on a receipt or a page."),
        "message-heart",
    )

    def row_url(self, row: NpsAnswer) -> str:
        return contact_address(row.contact) if row.contact else ""


class LeadFormTable(Table[LeadForm]):
    name = "lead_forms"
    title = _("Forms")
    columns = (
        Column("name", _("Name"), link=True, sort="name", phone="title"),
        Column("channel", _("Channel"), phone="detail"),
        Column("count", _("Leads"), value="lead_count", kind=Kind.NUMBER, sort="lead_count", phone="value"),
        Column("won", _("Customers"), value="won_count", kind=Kind.NUMBER, sort="won_count"),
        Column("state", _("State"), value=lambda row: _("Closed") if row.archived_at else _("Open"), phone="note"),
        Column("created", _("Made"), value="created_at", kind=Kind.DAY, sort="created_at"),
    )
    search_fields = ("name", "title")
    default_sort = "name"
    empty = Empty(
        _("No forms yet"),
        _("A form is a page where visitors leave their address; each one sent is a lead of its channel."),
        "forms",
        _("Make a form"),
        "lead_form_create",
        is_marketer,
    )

    def row_url(self, row: LeadForm) -> str:
        return reverse("lead_form_detail", args=[row.public_id])
