"""Orders: the list, one of them, and one typed by hand."""

from django.http import HttpResponse, HttpResponseBase
from django.shortcuts import get_object_or_404, redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET, require_http_methods

from accounts.access import SignedInRequest, is_office, is_signed_in, require
from core.errors import DomainError
from core.forms import add_domain_error
from core.ui.messages import toast
from crm.access import can_edit_contacts
from crm.contacts.models import Contact
from crm.sales.forms import OrderForm
from crm.sales.models import Order
from crm.sales.services import NewLine, order_record
from crm.sales.tables import OrderTable


@require_GET
@require(is_office)
def order_list(request: SignedInRequest) -> HttpResponseBase:
    rows = Order.objects.visible_to(request.user).select_related("contact", "channel")
    return OrderTable(request, rows).respond("crm/sales/order_list.html")


@require_GET
@require(is_signed_in)
def order_detail(request: SignedInRequest, pk: int) -> HttpResponse:
    orders = Order.objects.visible_to(request.user).select_related("contact", "original", "channel")
    order = get_object_or_404(orders, pk=pk)
    context = {
        "order": order,
        "lines": order.lines.select_related("product").order_by("pk"),
        "returns": order.returns.order_by("placed_at"),
    }
    return render(request, "crm/sales/order_detail.html", context)


@require_http_methods(["GET", "POST"])
@require(can_edit_contacts)
def order_create(request: SignedInRequest, public_id: str) -> HttpResponse:
    contact = get_object_or_404(Contact.objects.visible_to(request.user), public_id=public_id)
    form = OrderForm(request.POST or None)
    if request.method == "POST" and form.is_valid():
        data = form.cleaned_data
        line = NewLine(data["quantity"], data["unit_price"], description=data["description"])
        try:
            order = order_record(
                contact=contact,
                number=data["number"],
                placed_at=data["placed_at"],
                lines=[line],
                channel=data["channel"],
                actor=request.user,
            )
        except DomainError as error:
            add_domain_error(form, error)
        else:
            toast(request, _("Order %(number)s recorded.") % {"number": order.number})
            return redirect("contact_detail", public_id)
    context = {"form": form, "contact": contact}
    return render(request, "crm/sales/order_form.html", context, status=422 if form.errors else 200)
