"""The list of NPS answers."""

from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from accounts.company.company_days import CompanyDays
from core.ui.tables.columns import Column, Kind
from core.ui.tables.definition import Empty
from core.ui.tables.filters import ChoiceFilter
from core.ui.tables.table import Table
from crm.channels.queries import channel_choices
from crm.contacts.contact_urls import contact_url
from crm.surveys.models import NpsAnswer


class NpsTable(Table[NpsAnswer]):
    name = "nps"
    title = _("NPS answers")
    columns = (
        Column("score", _("Score"), kind=Kind.NUMBER, sort="score", phone="value"),
        Column("comment", _("Comment"), link=True, value=lambda row: row.comment or "–", phone="title"),
        Column("contact", _("Contact"), value=lambda row: row.contact.name if row.contact else "", phone="detail"),
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
        ChoiceFilter(code="channel", label=_("Channel"), field="channel__code", choices=channel_choices),
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
        _("Send the survey by e-mail, or put a channel's link on a receipt or a page."),
        "message-heart",
    )

    def row_url(self, row: NpsAnswer) -> str:
        return contact_url(row.contact) if row.contact else ""
