"""What is done to many contacts at once. Each of these says how many, and can be undone where that is possible."""

from django.db.models import QuerySet
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, render
from django.utils.translation import ngettext
from django.views.decorators.http import require_POST

from accounts.access import SignedInRequest, is_marketer, require
from accounts.models import User
from core.ui.messages import toast
from core.ui.numbers import number
from core.ui.tables import Selection
from crm.models import Contact, Suppression
from crm.services.consent import suppressions_add
from crm.services.contacts import contacts_archive, contacts_restore
from crm.services.minilists import minilist_assign
from crm.tables import ContactTable, contact_rows


def _table(request: SignedInRequest) -> ContactTable:
    return ContactTable(request, contact_rows(request.user))


@require_POST
@require(is_marketer)
def contact_bulk_archive(request: SignedInRequest) -> HttpResponse:
    table = _table(request)
    done = contacts_archive(contacts=_bare(table.bulk_selection()), actor=request.user)
    text = ngettext("%(count)s contact is archived.", "%(count)s contacts are archived.", len(done))
    table.report(text, done, undo="contact_bulk_restore")
    return table.redirect("contact_list")


@require_POST
@require(is_marketer)
def contact_bulk_restore(request: SignedInRequest) -> HttpResponse:
    table = _table(request)
    done = contacts_restore(contacts=_bare(table.bulk_selection()), actor=request.user)
    text = ngettext("%(count)s contact is back.", "%(count)s contacts are back.", len(done))
    table.report(text, done, undo="contact_bulk_archive")
    return table.redirect("contact_list")


@require_POST
@require(is_marketer)
def contact_bulk_suppress(request: SignedInRequest) -> HttpResponse:
    table = _table(request)
    count = suppressions_add(
        contacts=_bare(table.selection()), reason=Suppression.Reason.MANUAL, source="by hand", actor=request.user
    )
    text = ngettext("Nothing is sent to %(count)s more address.", "Nothing is sent to %(count)s more addresses.", count)
    toast(request, text % {"count": number(count)})
    return table.redirect("contact_list")


@require_POST
@require(is_marketer)
def contact_bulk_assign(request: SignedInRequest) -> HttpResponse:
    """Ask for the salesperson, then assign."""
    table = _table(request)
    selection = table.selection()
    if "owner" not in request.POST:
        context = {
            "selection": selection,
            "salespeople": User.objects.salespeople(),
            "ids": request.POST.getlist("ids"),
            "state": request.POST.get("state", ""),
            "all": request.POST.get("all", ""),
        }
        return render(request, "crm/contact_assign.html", context)
    owner = get_object_or_404(User.objects.salespeople(), public_id=request.POST["owner"])
    done = minilist_assign(contacts=_bare(selection), owner=owner, actor=request.user)
    text = ngettext(
        "%(name)s looks after %(count)s more contact.", "%(name)s looks after %(count)s more contacts.", done.assigned
    )
    toast(request, text % {"name": owner, "count": number(done.assigned)})
    return table.redirect("contact_list")


def _bare(selection: Selection[Contact]) -> QuerySet[Contact]:
    """The chosen contacts without what the list joins to draw them."""
    return Contact.objects.filter(pk__in=selection.queryset.order_by().values("pk"))
