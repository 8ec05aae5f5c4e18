"""The list of imports."""

from django.urls import reverse
from django.utils.translation import gettext_lazy as _

from accounts.access import is_marketer
from core.ui.tables.columns import Column, Kind
from core.ui.tables.definition import Empty
from core.ui.tables.filters import ChoiceFilter
from core.ui.tables.table import Table
from crm.imports.models import ImportFile


class ImportTable(Table[ImportFile]):
    name = "imports"
    title = _("Imports")
    columns = (
        Column("name", _("File"), sort="name", link=True, phone="title", clip=True),
        Column("kind", _("Kind"), value="get_kind_display", sort="kind", phone="detail"),
        Column("rows", _("Rows"), value=lambda row: row.report.get("rows"), kind=Kind.NUMBER, phone="value"),
        Column("imported", _("Imported"), value=lambda row: row.report.get("imported"), kind=Kind.NUMBER),
        Column("updated", _("Updated"), value=lambda row: row.report.get("updated"), kind=Kind.NUMBER),
        Column("rejected", _("Rejected"), value=lambda row: row.rejected_count, kind=Kind.NUMBER),
        Column("actor", _("By"), sort="actor__full_name"),
        Column("created", _("Uploaded"), value="created_at", kind=Kind.MOMENT, sort="created_at", phone="note"),
    )
    filters = (ChoiceFilter(code="kind", label=_("Kind"), choices=ImportFile.Kind.choices),)
    search_fields = ("name",)
    search_label = _("File name")
    default_sort = "-created"
    empty = Empty(
        _("No imports yet"),
        _("Imported files appear here, with the rejected rows and the reasons."),
        "file-import",
        _("Import file"),
        "import_create",
        is_marketer,
    )

    def row_url(self, row: ImportFile) -> str:
        return reverse("import_detail", args=[row.public_id])
