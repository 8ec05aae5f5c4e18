"""Leads: the list, recording one, correcting it, handing many to a salesperson."""

from django.contrib import messages
from django.http import HttpResponse, HttpResponseBase
from django.shortcuts import get_object_or_404, redirect, render
from django.utils.translation import gettext as _
from django.utils.translation import ngettext
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from accounts.access import SignedInRequest, is_marketer, is_signed_in, require
from accounts.people.models import User
from core.errors import DomainError
from core.forms import add_domain_error
from core.ui.messages import toast
from core.ui.numbers import number
from crm.access import can_edit_contacts
from crm.contacts.contact_urls import contact_url
from crm.contacts.lifecycle import next_stages
from crm.contacts.models import Contact
from crm.leads.forms import LeadCreateForm, LeadFields
from crm.leads.models import Lead
from crm.leads.services import LeadPerson, lead_delete, lead_record, lead_update, leads_assign
from crm.leads.tables import LeadTable

PERSON = ("first_name", "last_name", "city")
EVENT = ("channel", "occurred_at", "interest", "attended_by", "owner", "content_format")


def _table(request: SignedInRequest) -> LeadTable:
    leads = Lead.objects.visible_to(request.user).select_related("contact", "channel", "owner")
    return LeadTable(request, leads.distinct() if request.user.is_salesperson else leads)


@require(is_signed_in)
@require_safe
def lead_list(request: SignedInRequest) -> HttpResponseBase:
    return _table(request).respond("crm/leads/list.html", {"may_write": is_marketer(request.user)})


@require(is_marketer)
@require_http_methods(["GET", "HEAD", "POST"])
def lead_create(request: SignedInRequest) -> HttpResponse:
    form = LeadCreateForm(request.POST or None)
    if request.method == "POST" and form.is_valid():
        data = form.cleaned_data
        try:
            lead, _created = lead_record(
                person=LeadPerson(
                    email=data["email"], phone=data["phone"], details={name: data[name] for name in PERSON}
                ),
                actor=request.user,
                **{name: data[name] for name in EVENT},
            )
        except DomainError as error:
            add_domain_error(form, error)
        else:
            toast(request, _("Lead of %(name)s recorded.") % {"name": lead.contact})
            return redirect("lead_list")
    status = 422 if form.errors else 200
    return render(request, "crm/leads/create.html", {"form": form}, status=status)


@require(is_signed_in)
@require_http_methods(["GET", "HEAD", "POST"])
def lead_detail(request: SignedInRequest, public_id: str) -> HttpResponseBase:
    """One lead; marketers correct it here."""
    lead = _visible(request, public_id)
    may_write = is_marketer(request.user)
    if request.method == "POST":
        return _correct(request, lead)
    form = LeadFields(initial={name: getattr(lead, name) for name in EVENT}) if may_write else None
    return render(request, "crm/leads/detail.html", _page_context(request, lead, form))


@require(is_marketer)
def _correct(request: SignedInRequest, lead: Lead) -> HttpResponse:
    form = LeadFields(request.POST)
    if form.is_valid():
        try:
            lead_update(lead=lead, actor=request.user, **{name: form.cleaned_data[name] for name in EVENT})
        except DomainError as error:
            add_domain_error(form, error)
        else:
            toast(request, _("Lead saved."))
            return redirect("lead_detail", public_id=lead.public_id)
    return render(request, "crm/leads/detail.html", _page_context(request, lead, form), status=422)


def _page_context(request: SignedInRequest, lead: Lead, form: LeadFields | None) -> dict[str, object]:
    user, contact = request.user, lead.contact
    ahead = next_stages(contact)
    may_move = (
        can_edit_contacts(user) and bool(ahead) and Contact.objects.visible_to(user).filter(pk=contact.pk).exists()
    )
    return {
        "lead": lead,
        "form": form,
        "may_write": is_marketer(user),
        "person_url": contact_url(contact),
        "next_stages": ahead if may_move else [],
    }


@require(is_marketer)
@require_POST
def lead_delete_view(request: SignedInRequest, public_id: str) -> HttpResponse:
    lead_delete(lead=_visible(request, public_id), actor=request.user)
    toast(request, _("Lead deleted. The contact was kept."))
    return redirect("lead_list")


@require(is_marketer)
@require_http_methods(["POST"])
def leads_assign_view(request: SignedInRequest) -> HttpResponse:
    """First asks to whom (the selection travels along), then hands the leads on."""
    table = _table(request)
    chosen = table.selection()
    people = User.objects.salespeople()
    owner = people.filter(public_id=request.POST.get("owner", "")).first()
    if owner is None:
        context = {
            "count": chosen.count,
            "people": people,
            "hidden": [("state", table.state.text), ("all", request.POST.get("all", "")), ("count", chosen.count)],
            "ids": request.POST.getlist("ids"),
        }
        return render(request, "crm/leads/assign.html", context)
    done = leads_assign(leads=list(chosen.queryset.select_related("contact")), owner=owner, actor=request.user)
    text = ngettext("%(count)s lead assigned to %(name)s.", "%(count)s leads assigned to %(name)s.", done.changed)
    messages.success(request, text % {"count": number(done.changed), "name": owner})
    if done.held:
        text = ngettext(
            "%(count)s lead was not assigned: the contact has another owner. Hand over the customer first.",
            "%(count)s leads were not assigned: the contacts have another owner. Hand over the customers first.",
            done.held,
        )
        messages.warning(request, text % {"count": number(done.held)})
    return redirect("lead_list")


def _visible(request: SignedInRequest, public_id: str) -> Lead:
    leads = Lead.objects.visible_to(request.user).select_related("contact", "channel", "owner")
    return get_object_or_404(leads.distinct(), public_id=public_id)
