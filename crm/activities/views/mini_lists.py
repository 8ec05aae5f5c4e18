"""Mini-lists for the office: customers per salesperson, and assigning customers."""

from datetime import timedelta

from django.contrib import messages
from django.db.models import Count, Q
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import ngettext
from django.views.decorators.http import require_GET, require_http_methods

from accounts.access import SignedInRequest, is_marketer, is_office, require
from accounts.people.models import User
from core.safe_urls import is_own_page
from crm.activities.forms import MiniListAssignForm
from crm.activities.queries import IDLE_DAYS
from crm.activities.services.mini_lists import minilist_assign, minilist_release
from crm.contacts.models import Contact, MiniListMembership


@require_GET
@require(is_office)
def minilist_list(request: SignedInRequest) -> HttpResponse:
    held = Q(minilist_memberships__until=None, minilist_memberships__contact__archived_at=None)
    before = timezone.now() - timedelta(days=IDLE_DAYS)
    people = User.objects.salespeople().annotate(
        customers=Count("minilist_memberships", filter=held & ~Q(minilist_memberships=None)),
        idle=Count(
            "minilist_memberships", filter=held & Q(minilist_memberships__contact__last_contacted_at__lt=before)
        ),
        never=Count(
            "minilist_memberships",
            filter=held & ~Q(minilist_memberships=None) & Q(minilist_memberships__contact__last_contacted_at=None),
        ),
    )
    taken = MiniListMembership.objects.open().values("contact")
    free = Contact.objects.active().customers().exclude(pk__in=taken).count()
    return render(request, "crm/activities/mini_lists.html", {"people": people, "free": free, "idle_days": IDLE_DAYS})


@require_http_methods(["GET", "POST"])
@require(is_marketer)
def minilist_assign_view(request: SignedInRequest) -> HttpResponse:
    """Give the chosen contacts (`id` parameters) to a salesperson, or free them."""
    chosen = request.POST.getlist("id") or request.GET.getlist("id")
    contacts = Contact.objects.visible_to(request.user).filter(public_id__in=chosen)
    form = MiniListAssignForm(request.POST if "owner" in request.POST else None)
    if form.is_valid():
        if form.cleaned_data["owner"] == "nobody":
            count = minilist_release(contacts=contacts, actor=request.user)
            text = ngettext("%(count)s customer unassigned.", "%(count)s customers unassigned.", count)
            messages.success(request, text % {"count": count})
        else:
            owner = User.objects.salespeople().get(public_id=form.cleaned_data["owner"])
            done = minilist_assign(contacts=contacts, owner=owner, actor=request.user)
            shown = {"name": owner, "new": done.assigned, "taken": done.taken_over, "same": done.unchanged}
            messages.success(
                request,
                _("%(name)s: %(new)s newly assigned, %(taken)s from another salesperson, %(same)s already assigned.")
                % shown,
            )
        return redirect(_next(request))
    context = {"form": form, "count": contacts.count(), "first": contacts[:5], "ids": chosen, "next": _next(request)}
    return render(request, "crm/activities/mini_list_assign.html", context)


def _next(request: SignedInRequest) -> str:
    url = request.POST.get("next") or request.GET.get("next") or ""
    return url if is_own_page(request, url) else reverse("minilist_list")
