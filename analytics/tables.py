"""The people behind the figure of new customers."""

from django.utils.translation import gettext_lazy as _

from core.ui.tables import Column, Empty, Kind, Table
from crm.addresses_of import contact_address
from crm.days import CompanyDays
from crm.models import Contact


class NewCustomerTable(Table[Contact]):
    name = "new_customers"
    title = _("New customers")
    columns = (
        Column("name", _("Person"), link=True, phone="title"),
        Column(
            "day", _("First purchase"), value="first_order_at", kind=Kind.MOMENT, sort="first_order_at", phone="value"
        ),
        Column("email", _("E-mail"), phone="detail"),
        Column("city", _("City")),
        Column("orders", _("Orders"), value="order_count", kind=Kind.NUMBER, sort="order_count", phone="note"),
        Column("net", _("Net so far"), value="net_total", kind=Kind.MONEY, sort="net_total"),
    )
    filters = (CompanyDays(code="day", label=_("First purchase"), field="first_order_at"),)
    search_fields = ("first_name", "last_name", "email")
    default_sort = "-day"
    empty = Empty(_("No customers yet"), _("People appear here with their first purchase."), "user-check")

    def row_url(self, row: Contact) -> str:
        return contact_address(row)
