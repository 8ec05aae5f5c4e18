"""What is done to many contacts at once, from their list."""

from django.http import HttpResponse
from django.shortcuts import get_object_or_404, render
from django.utils.translation import ngettext
from django.views.decorators.http import require_POST

from accounts.access import SignedInRequest, is_marketer, require
from accounts.people.models import User
from core.ui.messages import toast
from core.ui.numbers import number
from crm.activities.services.mini_lists import minilist_assign
from crm.consent.models import Suppression
from crm.consent.services import suppressions_add
from crm.contact_pages.tables import ContactTable, contact_rows
from crm.contacts.lookup import selected_contacts
from crm.contacts.services import contacts_archive, contacts_restore


def contact_table(request: SignedInRequest) -> ContactTable:
    return ContactTable(request, contact_rows(request.user))


@require_POST
@require(is_marketer)
def contact_bulk_archive(request: SignedInRequest) -> HttpResponse:
    table = contact_table(request)
    done = contacts_archive(contacts=table.bulk_selection().queryset, actor=request.user)
    text = ngettext("%(count)s contact archived.", "%(count)s contacts archived.", len(done))
    table.report(text, done, undo="contact_bulk_restore")
    return table.redirect("contact_list")


@require_POST
@require(is_marketer)
def contact_bulk_restore(request: SignedInRequest) -> HttpResponse:
    table = contact_table(request)
    done = contacts_restore(contacts=table.bulk_selection().queryset, actor=request.user)
    text = ngettext("%(count)s contact restored.", "%(count)s contacts restored.", len(done))
    table.report(text, done, undo="contact_bulk_archive")
    return table.redirect("contact_list")


@require_POST
@require(is_marketer)
def contact_bulk_assign(request: SignedInRequest) -> HttpResponse:
    """Ask for the salesperson, then assign."""
    table = contact_table(request)
    selection = table.selection()
    if "owner" not in request.POST:
        context = {
            "selection": selection,
            "salespeople": User.objects.salespeople(),
            "ids": request.POST.getlist("ids"),
            "state": request.POST.get("state", ""),
            "all": request.POST.get("all", ""),
        }
        return render(request, "crm/activities/contacts_assign.html", context)
    owner = get_object_or_404(User.objects.salespeople(), public_id=request.POST["owner"])
    done = minilist_assign(contacts=selected_contacts(selection), owner=owner, actor=request.user)
    text = ngettext(
        "%(count)s contact assigned to %(name)s.", "%(count)s contacts assigned to %(name)s.", done.assigned
    )
    toast(request, text % {"name": owner, "count": number(done.assigned)})
    return table.redirect("contact_list")


@require_POST
@require(is_marketer)
def contact_bulk_suppress(request: SignedInRequest) -> HttpResponse:
    table = contact_table(request)
    count = suppressions_add(
        contacts=selected_contacts(table.selection()),
        reason=Suppression.Reason.MANUAL,
        source="by hand",
        actor=request.user,
    )
    text = ngettext(
        "%(count)s address added to the suppression list.", "%(count)s addresses added to the suppression list.", count
    )
    toast(request, text % {"count": number(count)})
    return table.redirect("contact_list")
