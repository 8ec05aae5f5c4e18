"""The list of orders."""

from django.db.models import Q
from django.urls import reverse
from django.utils.translation import gettext_lazy as _

from accounts.access import is_marketer
from core.ui.tables.columns import Column, Kind
from core.ui.tables.definition import Empty
from core.ui.tables.filters import BooleanFilter, ChoiceFilter, DateRangeFilter
from core.ui.tables.table import Table
from crm.sales.models import Order


class OrderTable(Table[Order]):
    name = "orders"
    title = _("Orders")
    columns = (
        Column("number", _("Number"), sort="number", link=True, phone="title", clip=True),
        Column("customer", _("Customer"), value=lambda row: row.contact.name if row.contact else "", phone="detail"),
        Column("kind", _("Kind"), value="get_kind_display", sort="kind", phone="note"),
        Column("placed", _("Order date"), value="placed_at", kind=Kind.MOMENT, sort="placed_at"),
        Column("gross", _("Gross"), kind=Kind.MONEY, sort="gross", currency=lambda row: row.currency, places=2),
        Column(
            "net", _("Net"), kind=Kind.MONEY, sort="net", currency=lambda row: row.currency, phone="value", places=2
        ),
        Column("source", _("System"), sort="source", default=False),
        Column("channel", _("Channel"), sort="channel__position", default=False),
    )
    filters = (
        ChoiceFilter(code="kind", label=_("Kind"), choices=Order.Kind.choices),
        BooleanFilter(
            code="known",
            label=_("Customer"),
            yes=Q(contact__isnull=False),
            yes_label=_("With a customer"),
            no_label=_("Without a customer"),
        ),
        DateRangeFilter(code="placed", label=_("Order date"), field="placed_at"),
    )
    search_fields = ("number", "contact__first_name", "contact__last_name", "contact__email")
    search_label = _("Number or customer")
    default_sort = "-placed"
    empty = Empty(
        _("No orders yet"),
        _("Orders and returns appear here."),
        "shopping-cart",
        _("Import orders"),
        "import_create",
        is_marketer,
    )

    def row_url(self, row: Order) -> str:
        return reverse("order_detail", args=[row.pk])
