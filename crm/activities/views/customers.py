"""My customers: the mini-list of a salesperson. Never shows a customer of somebody else."""

from typing import Any

from django.contrib import messages
from django.core.paginator import Paginator
from django.db.models import F, Q
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from accounts.access import SignedInRequest, is_salesperson, require
from accounts.company.models import Company
from core.errors import DomainError
from core.forms import add_domain_error
from crm.activities import queries
from crm.activities.forms import CustomerDetailsForm, QuickAddForm
from crm.activities.services.quick_add import Outcome, minilist_offer_take, minilist_quick_add
from crm.contacts.models import Contact
from crm.contacts.services import contact_update

PAGE_SIZE = 24
SORTS = {
    "idle": F("last_contacted_at").asc(nulls_first=True),
    "purchase": F("last_order_at").desc(nulls_last=True),
    "value": F("gross_total").desc(),
    "name": F("first_name").asc(),
}


@require_GET
@require(is_salesperson)
def my_customers(request: SignedInRequest) -> HttpResponse:
    search, sort = request.GET.get("q", "").strip(), request.GET.get("sort", "idle")
    contacts = Contact.objects.visible_to(request.user).active()
    for word in search.split()[:5]:
        contacts = contacts.filter(
            Q(first_name__icontains=word)
            | Q(last_name__icontains=word)
            | Q(email__icontains=word)
            | Q(phone__icontains=word)
            | Q(looking_for__icontains=word)
            | Q(tastes__icontains=word)
        )
    ordered = contacts.select_related("rfm__segment").order_by(SORTS.get(sort, SORTS["idle"]), "pk")
    page = Paginator(ordered, PAGE_SIZE).get_page(request.GET.get("page"))
    rows = [(contact, queries.last_contact_text(contact)) for contact in page]
    context = {"page": page, "rows": rows, "search": search, "sort": sort, "sorts": _sorts(), "company": Company.get()}
    return render(request, "crm/activities/customers.html", context)


@require_http_methods(["GET", "POST"])
@require(is_salesperson)
def my_customer_add(request: SignedInRequest) -> HttpResponse:
    form = QuickAddForm(request.POST or None)
    if request.method == "POST" and form.is_valid():
        try:
            added = minilist_quick_add(owner=request.user, fields=form.fields_of_contact())
        except DomainError as error:
            add_domain_error(form, error)
        else:
            if added.outcome is Outcome.OFFERED:
                return render(request, "crm/activities/customer_offer.html", {"found": added})
            told = {
                Outcome.ADDED: _("%(name)s is now on your mini-list."),
                Outcome.MINE: _("%(name)s is already on your mini-list."),
            }
            messages.success(request, told[added.outcome] % {"name": added.contact})
            return redirect("my_customers")
    return render(request, "crm/activities/customer_add.html", {"form": form})


@require_POST
@require(is_salesperson)
def my_customer_take(request: SignedInRequest) -> HttpResponse:
    contact = minilist_offer_take(owner=request.user, offer=request.POST.get("offer", ""))
    messages.success(request, _("%(name)s is now on your mini-list.") % {"name": contact})
    return redirect("my_customers")


@require_http_methods(["GET", "POST"])
@require(is_salesperson)
def my_customer_edit(request: SignedInRequest, public_id: str) -> HttpResponse:
    """What the salesperson knows of a customer; opens in place of the card, or as a page without script."""
    contact = get_object_or_404(Contact.objects.visible_to(request.user).active(), public_id=public_id)
    known: dict[str, Any] = {name: getattr(contact, name) for name in CustomerDetailsForm.base_fields}
    form = CustomerDetailsForm(request.POST or None, initial={**known, "tastes": ", ".join(contact.tastes)})
    if request.method == "POST" and form.is_valid():
        try:
            contact_update(contact=contact, actor=request.user, **form.cleaned_data)
        except DomainError as error:
            add_domain_error(form, error)
        else:
            messages.success(request, _("Changes to %(name)s saved.") % {"name": contact})
            return redirect("my_customers")
    return render(request, "crm/activities/customer_edit.html", {"form": form, "contact": contact})


def _sorts() -> list[tuple[str, str]]:
    return [
        ("idle", _("Longest without contact")),
        ("purchase", _("Latest purchase")),
        ("value", _("Highest purchases")),
        ("name", _("Name")),
    ]
