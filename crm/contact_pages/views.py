"""The list of contacts, and the page of each."""

from datetime import datetime
from typing import Any

from django.http import HttpResponse, HttpResponseBase
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.dateparse import parse_datetime
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from accounts.access import SignedInRequest, is_marketer, is_office, is_signed_in, require
from accounts.people.models import User
from core.errors import DomainError
from core.forms import add_domain_error
from core.safe_urls import is_own_page
from core.ui.messages import toast
from crm.access import can_edit_contacts
from crm.activities.forms import NoteForm
from crm.activities.services.notes import note_add
from crm.consent.queries import consents_by_topic
from crm.consent.services import suppression_of
from crm.consent.suppression_sources import suppression_reason
from crm.contact_pages.tables import ContactTable, contact_rows
from crm.contacts import lifecycle
from crm.contacts import services as service
from crm.contacts.forms import ContactForm, StageForm
from crm.contacts.lookup import contact_or_404
from crm.contacts.models import Contact
from crm.contacts.registries import contact_actions, contact_panels
from crm.contacts.timeline import timeline_page


@require_GET
@require(is_office)
def contact_list(request: SignedInRequest) -> HttpResponseBase:
    table = ContactTable(request, contact_rows(request.user))
    return table.respond("crm/contacts/list.html", {"may_write": is_marketer(request.user)})


@require_GET
@require(is_signed_in)
def contact_detail(request: SignedInRequest, public_id: str) -> HttpResponse:
    return contact_page(request, contact_or_404(request, public_id), NoteForm())


def contact_page(
    request: SignedInRequest,
    contact: Contact,
    note_form: NoteForm,
    *,
    stage_form: StageForm | None = None,
    status: int = 200,
) -> HttpResponse:
    user = request.user
    tab = "orders" if request.GET.get("tab") == "orders" else "timeline"
    url = reverse("contact_detail", args=[contact.public_id])
    actions = [action for action in contact_actions if action.visible_to(user, contact)]
    order_count = contact.orders.count()
    suppression = suppression_of(contact=contact)
    context: dict[str, Any] = {
        "contact": contact,
        "owner": User.objects.filter(minilist_memberships__contact=contact, minilist_memberships__until=None).first(),
        "identities": contact.identities.order_by("source", "external_id"),
        "suppression": suppression,
        "never_because": suppression_reason(suppression, user) if suppression is not None else None,
        "consents": consents_by_topic(contact),
        "note_form": note_form,
        "stage_form": stage_form or StageForm(contact=contact),
        "next_stages": lifecycle.next_stages(contact),
        "may_write": can_edit_contacts(user),
        "may_archive": is_marketer(user),
        "tab": tab,
        "tabs": [
            {"label": _("Timeline"), "url": url, "active": tab == "timeline"},
            {"label": _("Orders"), "url": f"{url}?tab=orders", "active": tab == "orders", "count": order_count},
        ],
        "panels": _panels(contact, user),
        "actions": [
            {"title": action.title, "url": action.url(contact), "icon": action.icon, "primary": action.primary}
            for action in sorted(actions, key=lambda action: (action.primary, -action.order))
        ],
    }
    if tab == "orders":
        context["orders"] = contact.orders.select_related("original").order_by("-placed_at", "-pk")[:200]
    else:
        context["page"] = timeline_page(contact=contact, user=user)
    return render(request, "crm/contacts/detail.html", context, status=status)


def _panels(contact: Contact, user: User) -> list[dict[str, Any]]:
    drawn = []
    for panel in sorted(contact_panels, key=lambda panel: panel.order):
        if panel.visible_to(user):
            context = panel.context(contact, user)
            if context is not None:
                drawn.append({"template": panel.template, "context": context})
    return drawn


@require_GET
@require(is_signed_in)
def contact_timeline(request: SignedInRequest, public_id: str) -> HttpResponse:
    """Older events, for the button at the end of the timeline."""
    contact = contact_or_404(request, public_id)
    before: datetime | None = None
    try:
        before = parse_datetime(request.GET.get("before", ""))
    except ValueError:
        before = None
    page = timeline_page(contact=contact, user=request.user, before=before if before and before.tzinfo else None)
    return render(request, "crm/contacts/_timeline.html", {"contact": contact, "page": page})


@require_http_methods(["GET", "POST"])
@require(is_marketer)
def contact_create(request: SignedInRequest) -> HttpResponse:
    form = ContactForm(request.POST or None, save_label=_("Add contact"))
    if request.method == "POST" and form.is_valid():
        try:
            contact = service.contact_create(actor=request.user, **form.cleaned_data)
        except DomainError as error:
            add_domain_error(form, error)
        else:
            toast(request, _("%(name)s added.") % {"name": contact.name})
            return redirect("contact_detail", contact.public_id)
    context = {"form": form, "contact": None}
    return render(request, "crm/contacts/form.html", context, status=422 if form.errors else 200)


@require_http_methods(["GET", "POST"])
@require(can_edit_contacts)
def contact_change(request: SignedInRequest, public_id: str) -> HttpResponse:
    contact = contact_or_404(request, public_id)
    form = ContactForm(request.POST or None, instance=contact, save_label=_("Save changes"))
    if request.method == "POST" and form.is_valid():
        try:
            service.contact_update(contact=contact, actor=request.user, **form.cleaned_data)
        except DomainError as error:
            add_domain_error(form, error)
        else:
            toast(request, _("Changes saved."))
            return redirect("contact_detail", public_id)
    context = {"form": form, "contact": contact}
    return render(request, "crm/contacts/form.html", context, status=422 if form.errors else 200)


@require(can_edit_contacts)
@require_POST
def contact_stage_set(request: SignedInRequest, public_id: str) -> HttpResponse:
    """A person says where the contact stands; from the contact's page, or from a lead's."""
    contact = contact_or_404(request, public_id)
    form = StageForm(request.POST, contact=contact)
    if form.is_valid():
        stage = Contact.Stage(form.cleaned_data["stage"])
        try:
            changed = lifecycle.contact_stage_set(contact=contact, stage=stage, actor=request.user)
        except DomainError as error:
            add_domain_error(form, error)
        else:
            if changed:
                toast(request, _("Stage of %(name)s: %(stage)s.") % {"name": contact.name, "stage": stage.label})
            back = request.POST.get("next", "")
            return redirect(back if is_own_page(request, back) else reverse("contact_detail", args=[public_id]))
    return contact_page(request, contact, NoteForm(), stage_form=form, status=422)


@require_POST
@require(can_edit_contacts)
def note_create(request: SignedInRequest, public_id: str) -> HttpResponse:
    contact = contact_or_404(request, public_id)
    form = NoteForm(request.POST)
    if not form.is_valid():
        return contact_page(request, contact, form, status=422)
    try:
        note_add(contact=contact, actor=request.user, **form.cleaned_data)
    except DomainError as error:
        add_domain_error(form, error)
        return contact_page(request, contact, form, status=422)
    toast(request, _("Activity logged."))
    return redirect("contact_detail", public_id)


@require_POST
@require(is_marketer)
def contact_archive(request: SignedInRequest, public_id: str) -> HttpResponse:
    contact = contact_or_404(request, public_id)
    if service.contact_archive(contact=contact, actor=request.user):
        undo = reverse("contact_restore", args=[public_id])
        toast(request, _("%(name)s archived.") % {"name": contact.name}, undo=undo)
    return redirect("contact_list")


@require_POST
@require(is_marketer)
def contact_restore(request: SignedInRequest, public_id: str) -> HttpResponse:
    contact = contact_or_404(request, public_id)
    if service.contact_restore(contact=contact, actor=request.user):
        toast(request, _("%(name)s restored.") % {"name": contact.name})
    return redirect("contact_detail", public_id)
