"""Templates: what campaigns and letters start from."""

from django.http import Http404, HttpResponse, HttpResponseBase
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from accounts.access import SignedInRequest, require
from campaigns.access import may_shape
from campaigns.content.checks import merge_fields
from campaigns.content.forms import TemplateForm
from campaigns.content.models import EmailTemplate
from campaigns.content.services import template_archive, template_save
from campaigns.content.starters import starter_of, starters
from campaigns.content.views.previews import preview_response
from core.errors import Conflict, Forbidden
from core.parsing import whole_number
from core.ui.messages import toast
from crm.brands.models import Brand
from crm.contacts.models import Contact
from delivery.access import may_read
from delivery.engine.content_faults import faults_of
from delivery.senders.models import SendingIdentity
from delivery.sends.models import Send, Variant

USES = {use.value for use in EmailTemplate.Use}


@require(may_read)
@require_GET
def template_list(request: SignedInRequest) -> HttpResponse:
    """The company's own templates, and those that come with the product; `?use=letter` for letters."""
    use = request.GET.get("use", "")
    use = use if use in USES else EmailTemplate.Use.CAMPAIGN.value
    archived = request.GET.get("archived") == "1"
    rows = EmailTemplate.objects.filter(use=use, archived_at__isnull=not archived).select_related("brand")
    context = {
        "use": use,
        "archived": archived,
        "templates": rows,
        "starters": starters(use, request.LANGUAGE_CODE),
        "may_shape": may_shape(request.user),
    }
    return render(request, "campaigns/content/template_list.html", context)


@require(may_shape)
@require_http_methods(["GET", "POST"])
def template_create(request: SignedInRequest) -> HttpResponse:
    """A new template; `?starter=` begins with a shipped one."""
    use = request.GET.get("use", "")
    use = use if use in USES else EmailTemplate.Use.CAMPAIGN.value
    template = EmailTemplate(use=use)
    starter = starter_of(use, request.LANGUAGE_CODE, request.GET.get("starter", ""))
    if starter:
        template.name, template.subject, template.body = starter.name, starter.subject, starter.body
    return _edit(request, template)


@require(may_read)
@require_http_methods(["GET", "POST"])
def template_update(request: SignedInRequest, public_id: str) -> HttpResponse:
    """Edit a template beside its preview; readers look only."""
    if request.method == "POST" and not may_shape(request.user):
        raise Forbidden(_("Your role does not include this. Ask your director."), code="forbidden")
    return _edit(request, get_object_or_404(EmailTemplate, public_id=public_id))


def _edit(request: SignedInRequest, template: EmailTemplate) -> HttpResponse:
    is_new = template.pk is None
    revision = template.revision
    form = TemplateForm(request.POST if request.method == "POST" else None, instance=template)
    context = {
        "form": form,
        "template": template,
        "is_new": is_new,
        "revision": revision,
        "fields": merge_fields(),
        "may_shape": may_shape(request.user),
    }
    if request.method == "POST" and form.is_valid():
        sent = whole_number(request.POST.get("revision", ""))
        try:
            template_save(
                template=form.instance,
                actor=request.user,
                revision=None if is_new else sent,
            )
        except Conflict as conflict:
            return render(
                request, "campaigns/content/template_form.html", {**context, "conflict": conflict}, status=409
            )
        toast(request, _("Template “%(name)s” saved.") % {"name": template.name})
        return redirect("template_update", public_id=template.public_id)
    if not is_new:
        context["faults"] = faults_of(_as_variant(template))
    return render(request, "campaigns/content/template_form.html", context)


def _as_variant(template: EmailTemplate) -> Variant:
    """The template as one arm of a send that exists nowhere, to check and to show it."""
    identity = SendingIdentity.objects.active().first() or SendingIdentity(
        brand=template.brand if template.brand_id else Brand(name=""), from_name="", from_address="sender@example.com"
    )
    kind = Send.Kind.LETTER if template.use == EmailTemplate.Use.LETTER else Send.Kind.CAMPAIGN
    send = Send(kind=kind, identity=identity)
    return Variant(send=send, label="A", subject=template.subject, body=template.body)


@require(may_read)
@require_GET
def template_preview(request: SignedInRequest, public_id: str) -> HttpResponseBase:
    template = get_object_or_404(EmailTemplate, public_id=public_id)
    return preview_response(request, _as_variant(template), _someone(request))


@require(may_read)
@require_GET
def starter_preview(request: SignedInRequest, use: str, code: str) -> HttpResponseBase:
    """A shipped template as it would arrive."""
    starter = starter_of(use, request.LANGUAGE_CODE, code) if use in USES else None
    if starter is None:
        raise Http404
    brand = Brand.objects.first()
    template = EmailTemplate(use=use, brand=brand, name=starter.name, subject=starter.subject, body=starter.body)
    return preview_response(request, _as_variant(template), _someone(request))


def _someone(request: SignedInRequest) -> Contact | None:
    return Contact.objects.visible_to(request.user).active().exclude(email_normalized=None).order_by("-pk").first()


@require(may_shape)
@require_POST
def template_archive_view(request: SignedInRequest, public_id: str) -> HttpResponse:
    template = template_archive(template=get_object_or_404(EmailTemplate, public_id=public_id), actor=request.user)
    undo = reverse("template_restore", kwargs={"public_id": public_id})
    toast(request, _("Template “%(name)s” archived.") % {"name": template.name}, undo=undo)
    return redirect(f"{reverse('template_list')}?use={template.use}")


@require(may_shape)
@require_POST
def template_restore(request: SignedInRequest, public_id: str) -> HttpResponse:
    template = template_archive(
        template=get_object_or_404(EmailTemplate, public_id=public_id), actor=request.user, archived=False
    )
    toast(request, _("Template “%(name)s” restored.") % {"name": template.name})
    return redirect("template_update", public_id=public_id)
