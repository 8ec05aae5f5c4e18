"""The list of spend."""

from django.urls import reverse
from django.utils.translation import gettext_lazy as _

from accounts.access import is_marketer
from core.ui.tables.columns import Column, Kind
from core.ui.tables.definition import Empty
from core.ui.tables.filters import ChoiceFilter, DateRangeFilter
from core.ui.tables.table import Table
from crm.channels.models import Channel
from marketing.spend.models import SpendEntry


def _channels() -> list[tuple[str, str]]:
    """Archived ones too: what was spent on them is still in the list."""
    return [(channel.code, str(channel)) for channel in Channel.objects.all()]


class SpendTable(Table[SpendEntry]):
    name = "spend"
    title = _("Spend")
    columns = (
        Column("channel", _("Channel"), link=True, sort="channel__position", phone="title"),
        Column("day", _("Day"), kind=Kind.DAY, sort="day", phone="detail"),
        Column("amount", _("Amount"), kind=Kind.MONEY, sort="amount", phone="value", currency=lambda row: row.currency),
        Column("note", _("Note"), clip=True),
        Column("source", _("Source"), default=False),
        Column("by", _("Recorded by"), value="created_by.full_name", default=False),
    )
    filters = (
        DateRangeFilter(code="day", label=_("Day"), field="day", instant=False),
        ChoiceFilter(code="channel", label=_("Channel"), field="channel__code", choices=_channels),
    )
    search_fields = ("note",)
    search_label = _("Search notes")
    default_sort = "-day"
    empty = Empty(
        _("No spend recorded yet"),
        _(
            "Record the spend of each channel per day. The cost per lead and "
            "the cost per customer are calculated from the spend."
        ),
        "coins",
        _("Record spend"),
        "spend_grid",
        is_marketer,
    )

    def row_url(self, row: SpendEntry) -> str:
        return reverse("spend_edit", args=[row.pk])
