"""The list of public forms."""

from django.urls import reverse
from django.utils.translation import gettext_lazy as _

from accounts.access import is_marketer
from core.ui.tables.columns import Column, Kind
from core.ui.tables.definition import Empty
from core.ui.tables.table import Table
from crm.forms.models import LeadForm


class LeadFormTable(Table[LeadForm]):
    name = "lead_forms"
    title = _("Forms")
    columns = (
        Column("name", _("Name"), link=True, sort="name", phone="title"),
        Column("channel", _("Channel"), phone="detail"),
        Column("count", _("Leads"), value="lead_count", kind=Kind.NUMBER, sort="lead_count", phone="value"),
        Column("won", _("Customers"), value="won_count", kind=Kind.NUMBER, sort="won_count"),
        Column("state", _("State"), value=lambda row: _("Closed") if row.archived_at else _("Open"), phone="note"),
        Column("created", _("Created on"), value="created_at", kind=Kind.DAY, sort="created_at"),
    )
    search_fields = ("name", "title")
    default_sort = "name"
    empty = Empty(
        _("No forms yet"),
        _("A form is a page where visitors leave their address. Each submission is a lead of the form's channel."),
        "forms",
        _("Create form"),
        "lead_form_create",
        is_marketer,
    )

    def row_url(self, row: LeadForm) -> str:
        return reverse("lead_form_detail", args=[row.public_id])
