"""The customer base, person by person."""

from datetime import datetime
from typing import Any

from django.contrib import messages
from django.http import HttpResponse, HttpResponseBase
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils.dateparse import parse_datetime
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from accounts.access import SignedInRequest, anyone, is_marketer, is_office, require
from accounts.models import User
from core.errors import DomainError
from core.forms import add_domain_error
from core.ui.messages import toast
from crm.access import can_keep_contacts
from crm.forms import ContactForm, NoteForm
from crm.models import Consent, ConsentTopic, Contact, Suppression
from crm.origins import suppression_story
from crm.registries import contact_actions, contact_panels
from crm.services import contacts as service
from crm.services.consent import consent_record, suppression_add, suppression_lift, suppression_of
from crm.services.notes import note_add
from crm.tables import ContactTable, contact_rows
from crm.timeline import timeline_page


@require_GET
@require(is_office)
def contact_list(request: SignedInRequest) -> HttpResponseBase:
    table = ContactTable(request, contact_rows(request.user))
    return table.respond("crm/contact_list.html", {"may_write": is_marketer(request.user)})


def _contact(request: SignedInRequest, public_id: str) -> Contact:
    return get_object_or_404(Contact.objects.visible_to(request.user).select_related("channel"), public_id=public_id)


@require_GET
@require(anyone)
def contact_detail(request: SignedInRequest, public_id: str) -> HttpResponse:
    return _page(request, _contact(request, public_id), NoteForm())


def _page(request: SignedInRequest, contact: Contact, note_form: NoteForm, status: int = 200) -> HttpResponse:
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
        "never_because": suppression_story(suppression, user) if suppression is not None else None,
        "consents": _consents(contact),
        "note_form": note_form,
        "may_write": can_keep_contacts(user),
        "may_archive": is_marketer(user),
        "tab": tab,
        "tabs": [
            {"label": _("What happened"), "url": url, "active": tab == "timeline"},
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
    return render(request, "crm/contact_detail.html", context, status=status)


def _consents(contact: Contact) -> list[dict[str, Any]]:
    """Each topic with the newest e-mail record of this contact, or none."""
    newest = {row.topic_id: row for row in Consent.objects.filter(contact=contact, channel="email").current()}
    topics = ConsentTopic.objects.filter(archived_at=None)
    return [{"topic": topic, "name": _(topic.name), "record": newest.get(topic.pk)} for topic in topics]


def _panels(contact: Contact, user: User) -> list[dict[str, Any]]:
    drawn = []
    for panel in sorted(contact_panels, key=lambda panel: panel.order):
        if panel.visible_to(user):
            context = panel.context(contact, user)
            if context is not None:
                drawn.append({"template": panel.template, "context": context})
    return drawn


@require_GET
@require(anyone)
def contact_timeline(request: SignedInRequest, public_id: str) -> HttpResponse:
    """Older events, for the button at the end of the timeline."""
    contact = _contact(request, public_id)
    before: datetime | None = None
    try:
        before = parse_datetime(request.GET.get("before", ""))
    except ValueError:
        before = None
    page = timeline_page(contact=contact, user=request.user, before=before if before and before.tzinfo else None)
    return render(request, "crm/_timeline.html", {"contact": contact, "page": page})


@require_http_methods(["GET", "POST"])
@require(is_marketer)
def contact_create(request: SignedInRequest) -> HttpResponse:
    form = ContactForm(request.POST or None, save_label=_("Add the contact"))
    if request.method == "POST" and form.is_valid():
        try:
            contact = service.contact_create(actor=request.user, **form.cleaned_data)
        except DomainError as error:
            add_domain_error(form, error)
        else:
            toast(request, _("%(name)s was added.") % {"name": contact.name})
            return redirect("contact_detail", contact.public_id)
    context = {"form": form, "contact": None}
    return render(request, "crm/contact_form.html", context, status=422 if form.errors else 200)


@require_http_methods(["GET", "POST"])
@require(can_keep_contacts)
def contact_change(request: SignedInRequest, public_id: str) -> HttpResponse:
    contact = _contact(request, public_id)
    form = ContactForm(request.POST or None, instance=contact, save_label=_("Save the changes"))
    if request.method == "POST" and form.is_valid():
        try:
            service.contact_update(contact=contact, actor=request.user, **form.cleaned_data)
        except DomainError as error:
            add_domain_error(form, error)
        else:
            toast(request, _("The changes are saved."))
            return redirect("contact_detail", public_id)
    context = {"form": form, "contact": contact}
    return render(request, "crm/contact_form.html", context, status=422 if form.errors else 200)


@require_POST
@require(is_marketer)
def contact_archive(request: SignedInRequest, public_id: str) -> HttpResponse:
    contact = _contact(request, public_id)
    if service.contact_archive(contact=contact, actor=request.user):
        undo = reverse("contact_restore", args=[public_id])
        toast(request, _("%(name)s is archived.") % {"name": contact.name}, undo=undo)
    return redirect("contact_list")


@require_POST
@require(is_marketer)
def contact_restore(request: SignedInRequest, public_id: str) -> HttpResponse:
    contact = _contact(request, public_id)
    if service.contact_restore(contact=contact, actor=request.user):
        toast(request, _("%(name)s is back.") % {"name": contact.name})
    return redirect("contact_detail", public_id)


@require_POST
@require(can_keep_contacts)
def note_create(request: SignedInRequest, public_id: str) -> HttpResponse:
    contact = _contact(request, public_id)
    form = NoteForm(request.POST)
    if not form.is_valid():
        return _page(request, contact, form, status=422)
    try:
        note_add(contact=contact, actor=request.user, **form.cleaned_data)
    except DomainError as error:
        add_domain_error(form, error)
        return _page(request, contact, form, status=422)
    toast(request, _("Noted."))
    return redirect("contact_detail", public_id)


@require_POST
@require(can_keep_contacts)
def consent_change(request: SignedInRequest, public_id: str) -> HttpResponse:
    """Write down what the contact said about one topic; the record before it stays."""
    contact = _contact(request, public_id)
    topic = get_object_or_404(ConsentTopic.objects.filter(archived_at=None), code=request.POST.get("topic", ""))
    given = request.POST.get("given") == "1"
    said = request.POST.get("wording", "").strip()[:500]
    if given and not said:
        raise DomainError(_("Say how they agreed: where, and to which words."), code="consent_without_wording")
    consent_record(contact=contact, topic=topic, given=given, source="by hand", wording=said, actor=request.user)
    toast(request, _("Written down."))
    return redirect("contact_detail", public_id)


@require_POST
@require(can_keep_contacts)
def suppression_change(request: SignedInRequest, public_id: str) -> HttpResponse:
    """Stop all e-mail to this contact, or allow it again."""
    contact = _contact(request, public_id)
    if request.POST.get("lift") == "1":
        if not is_marketer(request.user):
            messages.error(request, _("Only a marketer can allow e-mail again."))
        elif suppression_lift(contact=contact, actor=request.user):
            toast(request, _("E-mail to %(name)s is possible again.") % {"name": contact.name})
    elif contact.address_hash:
        suppression_add(
            hashed=contact.address_hash, reason=Suppression.Reason.MANUAL, source="by hand", actor=request.user
        )
        toast(request, _("Nothing is sent to %(name)s from now on.") % {"name": contact.name})
    else:
        messages.error(request, _("This contact has no e-mail address."))
    return redirect("contact_detail", public_id)
