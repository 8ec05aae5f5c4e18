"""The content step: writing each arm, seeing it as any contact will, sending a test to oneself."""

from typing import Any

from django.http import Http404, HttpResponse, HttpResponseBase, JsonResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from accounts.access import SignedInRequest, require
from campaigns.access import may_shape
from campaigns.campaigns.models import Campaign
from campaigns.campaigns.views.campaigns import campaign_of, campaign_page_context
from campaigns.content.checks import merge_fields, weight_of
from campaigns.content.forms import ContentForm
from campaigns.content.models import EmailTemplate
from campaigns.content.services import (
    Content,
    variant_add,
    variant_copy,
    variant_remove,
    variant_start_from,
    variant_write,
)
from campaigns.content.starters import starter_of, starters
from campaigns.content.views.previews import preview_response, recent_test_messages_context
from core.errors import Conflict, DomainError, Forbidden
from core.ui.messages import toast
from crm.contacts.models import Contact
from delivery.access import may_read
from delivery.engine.content_faults import faults_of
from delivery.sends.forms import TestSendForm
from delivery.sends.models import Send, Variant
from delivery.sends.test_messages import test_send


def variant_of(campaign: Campaign, label: str) -> Variant:
    """An arm of this campaign by its letter, else 404."""
    found = campaign.send.variants.filter(label=label).first()
    if found is None:
        raise Http404
    return found


@require(may_read)
@require_http_methods(["GET", "POST"])
def campaign_content(request: SignedInRequest, public_id: str) -> HttpResponse:
    """Write one arm (`?v=B`). Saves while one types; a script's saving is answered with JSON."""
    campaign = campaign_of(request, public_id)
    arms = list(campaign.send.variants.all())
    label = request.GET.get("v", "") or arms[0].label
    variant = variant_of(campaign, label)
    if request.method == "POST":
        if not may_shape(request.user):
            raise Forbidden(_("Your role does not include this. Ask your director."), code="forbidden")
        return _write(request, campaign, variant)
    return render(
        request, "campaigns/campaigns/step_content.html", _context(request, campaign, variant, ContentForm.of(variant))
    )


def _write(request: SignedInRequest, campaign: Campaign, variant: Variant) -> HttpResponse:
    form = ContentForm(request.POST)
    quiet = request.headers.get("X-Autosave") == "1"
    if not form.is_valid():
        if quiet:
            return JsonResponse(
                {"error": " ".join(str(e) for group in form.errors.values() for e in group)}, status=422
            )
        return render(
            request, "campaigns/campaigns/step_content.html", _context(request, campaign, variant, form), status=422
        )
    try:
        variant = variant_write(
            variant=variant, content=form.content(), started_from=form.cleaned_data["started_from"], actor=request.user
        )
    except Conflict as conflict:
        theirs = Content.of(Variant.objects.get(pk=variant.pk))
        if quiet:
            return JsonResponse({"error": conflict.message, "code": conflict.code, "mark": theirs.mark}, status=409)
        # What was typed stays in the form; saving again is a decision, since the mark is now the other's.
        data = request.POST.copy()
        data["started_from"] = theirs.mark
        context = _context(request, campaign, variant, ContentForm(data))
        return render(request, "campaigns/campaigns/step_content.html", {**context, "theirs": theirs}, status=409)
    if quiet:
        return JsonResponse({"mark": Content.of(variant).mark, **_state(variant)})
    toast(request, _("Saved."))
    return redirect(f"{reverse('campaign_content', kwargs={'public_id': campaign.public_id})}?v={variant.label}")


def _state(variant: Variant) -> dict[str, Any]:
    """What the editor shows under the words: faults with their lines, and how heavy the message is."""
    faults = [{"message": f.message, "line": f.line, "blocks": f.blocks} for f in faults_of(variant)]
    return {"faults": faults, "kilobytes": weight_of(variant)}


def _context(request: SignedInRequest, campaign: Campaign, variant: Variant, form: ContentForm) -> dict[str, Any]:
    drafting = campaign.send.state == Send.State.DRAFT
    arms = list(campaign.send.variants.all())
    own = EmailTemplate.objects.filter(use=EmailTemplate.Use.CAMPAIGN, archived_at=None).order_by("name")
    return {
        **campaign_page_context(request, campaign, "content"),
        "may_shape": drafting and may_shape(request.user),
        "form": form,
        "variant": variant,
        "arms": arms,
        "others": [arm for arm in arms if arm.pk != variant.pk],
        "fields": merge_fields(),
        "state": _state(variant),
        "starters": starters(EmailTemplate.Use.CAMPAIGN, request.LANGUAGE_CODE),
        "templates": own,
        "is_blank": not any(arm.body.strip() for arm in arms),
        "reader": _reader(request, campaign),
        "test_form": TestSendForm(initial={"addresses": request.user.email}),
        **recent_test_messages_context(
            campaign.send, reverse("campaign_trials", kwargs={"public_id": campaign.public_id})
        ),
    }


def _reader(request: SignedInRequest, campaign: Campaign) -> Contact | None:
    """The contact one previews as: the one asked for, else the newest with an address."""
    people = Contact.objects.visible_to(request.user).active()
    wanted = request.GET.get("contact", "")
    found = people.filter(public_id=wanted).first() if wanted else None
    return found or people.exclude(email_normalized=None).order_by("-pk").first()


@require(may_read)
@require_GET
def campaign_preview(request: SignedInRequest, public_id: str, label: str) -> HttpResponseBase:
    """The message as a contact will see it, for the frame beside the editor; `?part=text`, `?dark=1`."""
    campaign = campaign_of(request, public_id)
    variant = variant_of(campaign, label)
    return preview_response(request, variant, _reader(request, campaign))


@require(may_read)
@require_GET
def campaign_readers(request: SignedInRequest, public_id: str) -> HttpResponse:
    """Contacts to preview as, by name or address: the picker's list."""
    campaign = campaign_of(request, public_id)
    text = request.GET.get("q", "").strip()
    people = Contact.objects.visible_to(request.user).active().found_by(text)
    context = {
        "people": people.order_by("-pk")[:8],
        "campaign": campaign,
        "label": request.GET.get("v", "A"),
        "text": text,
    }
    return render(request, "campaigns/content/_readers.html", context)


@require(may_shape)
@require_POST
def campaign_variant_add(request: SignedInRequest, public_id: str) -> HttpResponse:
    campaign = campaign_of(request, public_id)
    added = variant_add(send=campaign.send, actor=request.user)
    toast(request, _("Variant %(label)s begins as a copy of A. Change what you want to test.") % {"label": added.label})
    return _to(campaign, added.label)


@require(may_shape)
@require_POST
def campaign_variant_remove(request: SignedInRequest, public_id: str, label: str) -> HttpResponse:
    campaign = campaign_of(request, public_id)
    variant_remove(variant=variant_of(campaign, label), actor=request.user)
    toast(request, _("Variant %(label)s removed.") % {"label": label})
    return _to(campaign, "A")


@require(may_shape)
@require_POST
def campaign_variant_copy(request: SignedInRequest, public_id: str, label: str) -> HttpResponse:
    """Give this arm the words of another (`source`)."""
    campaign = campaign_of(request, public_id)
    source = variant_of(campaign, request.POST.get("source", ""))
    variant_copy(source=source, target=variant_of(campaign, label), actor=request.user)
    toast(request, _("%(source)s copied into %(label)s.") % {"label": label, "source": source.label})
    return _to(campaign, label)


@require(may_shape)
@require_POST
def campaign_template_apply(request: SignedInRequest, public_id: str) -> HttpResponse:
    """Start every arm from a template: a shipped one (`starter`) or the company's own (`template`)."""
    campaign = campaign_of(request, public_id)
    starter = starter_of(EmailTemplate.Use.CAMPAIGN, request.LANGUAGE_CODE, request.POST.get("starter", ""))
    own = EmailTemplate.objects.filter(
        use=EmailTemplate.Use.CAMPAIGN, archived_at=None, public_id=request.POST.get("template", "")
    ).first()
    chosen = starter or own
    if chosen is None:
        raise DomainError(_("Choose a template."), code="template_missing")
    variant_start_from(send=campaign.send, subject=chosen.subject, body=chosen.body, actor=request.user)
    toast(request, _("Every variant starts from “%(name)s”.") % {"name": chosen.name})
    return _to(campaign, "A")


@require(may_shape)
@require_POST
def campaign_test_send(request: SignedInRequest, public_id: str, label: str) -> HttpResponse:
    """Really send one arm to a few addresses, as the chosen contact would get it and marked as a test."""
    campaign = campaign_of(request, public_id)
    variant = variant_of(campaign, label)
    form = TestSendForm(request.POST)
    if not form.is_valid():
        raise DomainError(" ".join(str(fault) for fault in form.errors["addresses"]), code="address_invalid")
    people = Contact.objects.visible_to(request.user)
    reader = people.filter(public_id=form.cleaned_data["contact"]).first() or _reader(request, campaign)
    addresses = form.cleaned_data["addresses"]
    test_send(variants=[variant], addresses=addresses, contact=reader, actor=request.user)
    toast(request, _("A test is on its way to %(addresses)s.") % {"addresses": ", ".join(addresses)})
    return _to(campaign, label, reader)


@require(may_read)
@require_GET
def campaign_trials(request: SignedInRequest, public_id: str) -> HttpResponse:
    """What became of the last test messages: the part of the page that asks again by itself."""
    send = campaign_of(request, public_id).send
    return render(request, "delivery/sends/_test_messages.html", recent_test_messages_context(send, request.path))


def _to(campaign: Campaign, label: str, reader: Contact | None = None) -> HttpResponse:
    shown_as = f"&contact={reader.public_id}" if reader is not None else ""
    return redirect(f"{reverse('campaign_content', kwargs={'public_id': campaign.public_id})}?v={label}{shown_as}")
