"""The salesperson's own pages: My day and My customers. Nothing here ever shows another's customer."""

from itertools import groupby
from typing import Any

from django.contrib import messages
from django.core.paginator import Paginator
from django.db.models import F, Q
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils import timezone
from django.utils.formats import date_format
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from accounts.access import SignedInRequest, is_salesperson, require
from accounts.models import Company
from core.errors import DomainError
from core.forms import add_domain_error
from core.typed import whole_number
from core.ui.alerts import alerts_for
from crm import my_queries
from crm.models import Contact, FollowUp
from crm.my_forms import KnowledgeForm, QuickAddForm
from crm.registries import contact_actions
from crm.services.contacts import contact_update
from crm.services.followups import call_log, followup_done, followup_later
from crm.services.quick_add import Outcome, minilist_offer_take, minilist_quick_add

HEADINGS = {
    FollowUp.Reason.PLANNED: gettext_lazy("You promised yourself"),
    FollowUp.Reason.LEAD: gettext_lazy("They asked about something"),
    FollowUp.Reason.BIRTHDAY: gettext_lazy("Birthdays this week"),
    FollowUp.Reason.AT_RISK: gettext_lazy("May be leaving"),
    FollowUp.Reason.IDLE: gettext_lazy("Not contacted for long"),
}
PAGE = 24
SORTS = {
    "idle": F("last_contacted_at").asc(nulls_first=True),
    "purchase": F("last_order_at").desc(nulls_last=True),
    "value": F("gross_total").desc(),
    "name": F("first_name").asc(),
}


@require_GET
@require(is_salesperson)
def my_day(request: SignedInRequest) -> HttpResponse:
    day = my_queries.day_of(user=request.user, today=timezone.localdate())
    write = contact_actions.get("write")
    groups = [
        {
            "reason": reason,
            "heading": HEADINGS[reason],
            "entries": [
                (entry, write.url(entry.contact) if write and write.visible_to(request.user, entry.contact) else "")
                for entry in entries
            ],
        }
        for reason, entries in groupby(day.entries, key=lambda entry: entry.reason)
    ]
    context = {
        "day": day,
        "groups": groups,
        "idle_days": my_queries.IDLE_DAYS,
        "alerts": alerts_for(request.user),
    }
    return render(request, "crm/my_day.html", context)


@require_POST
@require(is_salesperson)
def day_done(request: SignedInRequest, public_id: str) -> HttpResponse:
    contact = _own(request, public_id)
    followup_done(contact=contact, owner=request.user, reason=request.POST.get("reason", ""))
    messages.success(request, _("Done: %(name)s.") % {"name": contact})
    return redirect("my_day")


@require_POST
@require(is_salesperson)
def day_later(request: SignedInRequest, public_id: str) -> HttpResponse:
    contact = _own(request, public_id)
    days = whole_number(request.POST.get("days", ""))
    row = followup_later(
        contact=contact, owner=request.user, reason=request.POST.get("reason", ""), days=7 if days is None else days
    )
    shown = {"name": contact, "day": date_format(row.due_on)}
    messages.success(request, _("%(name)s comes back on %(day)s.") % shown)
    return redirect("my_day")


@require_POST
@require(is_salesperson)
def day_called(request: SignedInRequest, public_id: str) -> HttpResponse:
    contact = _own(request, public_id)
    reason, text = request.POST.get("reason", ""), request.POST.get("text", "").strip()[:5000]
    call_log(contact=contact, author=request.user, text=text or _("Called."), reason=reason)
    messages.success(request, _("The call with %(name)s is noted.") % {"name": contact})
    return redirect("my_day")


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
    page = Paginator(ordered, PAGE).get_page(request.GET.get("page"))
    rows = [(contact, my_queries.last_contact_text(contact)) for contact in page]
    context = {"page": page, "rows": rows, "search": search, "sort": sort, "sorts": _sorts(), "company": Company.get()}
    return render(request, "crm/my_customers.html", context)


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
                return render(request, "crm/my_customer_offer.html", {"found": added})
            told = {
                Outcome.ADDED: _("%(name)s is on your list."),
                Outcome.MINE: _("%(name)s already is on your list."),
            }
            messages.success(request, told[added.outcome] % {"name": added.contact})
            return redirect("my_customers")
    return render(request, "crm/my_customer_add.html", {"form": form})


@require_POST
@require(is_salesperson)
def my_customer_take(request: SignedInRequest) -> HttpResponse:
    contact = minilist_offer_take(owner=request.user, offer=request.POST.get("offer", ""))
    messages.success(request, _("%(name)s is on your list.") % {"name": contact})
    return redirect("my_customers")


@require_http_methods(["GET", "POST"])
@require(is_salesperson)
def my_customer_edit(request: SignedInRequest, public_id: str) -> HttpResponse:
    """What the salesperson knows of a customer; opens in place of the card, or as a page without script."""
    contact = get_object_or_404(Contact.objects.visible_to(request.user).active(), public_id=public_id)
    known: dict[str, Any] = {name: getattr(contact, name) for name in KnowledgeForm.base_fields}
    form = KnowledgeForm(request.POST or None, initial={**known, "tastes": ", ".join(contact.tastes)})
    if request.method == "POST" and form.is_valid():
        try:
            contact_update(contact=contact, actor=request.user, **form.cleaned_data)
        except DomainError as error:
            add_domain_error(form, error)
        else:
            messages.success(request, _("Saved what you know about %(name)s.") % {"name": contact})
            return redirect("my_customers")
    return render(request, "crm/my_customer_edit.html", {"form": form, "contact": contact})


def _own(request: SignedInRequest, public_id: str) -> Contact:
    """A customer of theirs, or a free person whose lead is theirs; anybody else's does not exist."""
    contact: Contact = get_object_or_404(my_queries.contacts_of(request.user), public_id=public_id)
    return contact


def _sorts() -> list[tuple[str, str]]:
    return [
        ("idle", _("Longest without contact")),
        ("purchase", _("Latest purchase")),
        ("value", _("Bought most")),
        ("name", _("Name")),
    ]
