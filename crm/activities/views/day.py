"""My day: the contacts that a salesperson calls today. Never shows a customer of somebody else."""

from itertools import groupby

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils import timezone
from django.utils.formats import date_format
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.http import require_GET, require_POST

from accounts.access import SignedInRequest, is_salesperson, require
from core.parsing import whole_number
from core.ui.alerts import alerts_for
from crm.activities import queries
from crm.activities.models import FollowUp
from crm.activities.services.follow_ups import call_log, followup_done, followup_later
from crm.contacts.models import Contact
from crm.contacts.registries import contact_actions

HEADINGS = {
    FollowUp.Reason.PLANNED: gettext_lazy("Follow-ups"),
    FollowUp.Reason.LEAD: gettext_lazy("Unanswered leads"),
    FollowUp.Reason.BIRTHDAY: gettext_lazy("Birthdays this week"),
    FollowUp.Reason.AT_RISK: gettext_lazy("At risk of leaving"),
    FollowUp.Reason.IDLE: gettext_lazy("No recent contact"),
}


@require_GET
@require(is_salesperson)
def my_day(request: SignedInRequest) -> HttpResponse:
    day = queries.day_of(user=request.user, today=timezone.localdate())
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
        "idle_days": queries.IDLE_DAYS,
        "alerts": alerts_for(request.user),
    }
    return render(request, "crm/activities/day.html", context)


@require_POST
@require(is_salesperson)
def day_done(request: SignedInRequest, public_id: str) -> HttpResponse:
    contact = _own(request, public_id)
    followup_done(contact=contact, owner=request.user, reason=request.POST.get("reason", ""))
    messages.success(request, _("Completed: %(name)s.") % {"name": contact})
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
    messages.success(request, _("Follow-up with %(name)s postponed to %(day)s.") % shown)
    return redirect("my_day")


@require_POST
@require(is_salesperson)
def day_called(request: SignedInRequest, public_id: str) -> HttpResponse:
    contact = _own(request, public_id)
    reason, text = request.POST.get("reason", ""), request.POST.get("text", "").strip()[:5000]
    call_log(contact=contact, author=request.user, text=text or _("Call made."), reason=reason)
    messages.success(request, _("Call with %(name)s logged.") % {"name": contact})
    return redirect("my_day")


def _own(request: SignedInRequest, public_id: str) -> Contact:
    """A customer of theirs, or a free person whose lead is theirs; anybody else's does not exist."""
    contact: Contact = get_object_or_404(queries.contacts_of(request.user), public_id=public_id)
    return contact
