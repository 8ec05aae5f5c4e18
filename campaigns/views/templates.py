"""Templates: what campaigns and letters start from."""

from csp.decorators import csp
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.clickjacking import xframe_options_sameorigin
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from accounts.access import require
from campaigns.access import may_read, may_shape
from campaigns.content_check import faults_of, merge_fields
from campaigns.forms.settings import TemplateForm
from campaigns.models import EmailTemplate, Send, SendingIdentity, Variant
from campaigns.services.identities import template_archive, template_save
from campaigns.starters import starter_of, starters
from campaigns.views.campaigns import who
from campaigns.views.content import PREVIEW_POLICY, preview_response
from core.errors import Conflict, Forbidden
from core.ui.messages import toast
from crm.models import Brand, Contact

USES = {use.value for use in EmailTemplate.Use}


@require(may_read)
@require_GET
def template_list(request: HttpRequest) -> HttpResponse:
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
        "may_shape": may_shape(who(request)),
    }
    return render(request, "campaigns/template_list.html", context)


@require(may_shape)
@require_http_methods(["GET", "POST"])
def template_create(request: HttpRequest) -> HttpResponse:
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
def template_update(request: HttpRequest, public_id: str) -> HttpResponse:
    """Edit a template beside its preview; readers look only."""
    if request.method == "POST" and not may_shape(who(request)):
        raise Forbidden(_("Your role does not include this. Ask your director."), code="forbidden")
    return _edit(request, get_object_or_404(EmailTemplate, public_id=public_id))


def _edit(request: HttpRequest, template: EmailTemplate) -> HttpResponse:
    is_new = template.pk is None
    revision = template.revision
    form = TemplateForm(request.POST if request.method == "POST" else None, instance=template)
    context = {
        "form": form,
        "template": template,
        "is_new": is_new,
        "revision": revision,
        "fields": merge_fields(),
        "may_shape": may_shape(who(request)),
    }
    if request.method == "POST" and form.is_valid():
        sent = request.POST.get("revision", "")
        try:
            template_save(
                template=form.instance,
                actor=who(request),
                revision=int(sent) if sent.isdigit() and not is_new else None,
            )
        except Conflict as conflict:
            return render(request, "campaigns/template_form.html", {**context, "conflict": conflict}, status=409)
        toast(request, _("The template “%(name)s” is saved.") % {"name": template.name})
        return redirect("template_update", public_id=template.public_id)
    if not is_new:
        context["faults"] = faults_of(_as_variant(template))
    return render(request, "campaigns/template_form.html", context)


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
@xframe_options_sameorigin
@csp(PREVIEW_POLICY)
def template_preview(request: HttpRequest, public_id: str) -> HttpResponse:
    template = get_object_or_404(EmailTemplate, public_id=public_id)
    return preview_response(request, _as_variant(template), _someone(request))


@require(may_read)
@require_GET
@xframe_options_sameorigin
@csp(PREVIEW_POLICY)
def starter_preview(request: HttpRequest, use: str, code: str) -> HttpResponse:
    """A shipped template as it would arrive."""
    starter = starter_of(use, request.LANGUAGE_CODE, code) if use in USES else None
    if starter is None:
        raise Http404
    brand = Brand.objects.first()
    template = EmailTemplate(use=use, brand=brand, name=starter.name, subject=starter.subject, body=starter.body)
    return preview_response(request, _as_variant(template), _someone(request))


def _someone(request: HttpRequest) -> Contact | None:
    return Contact.objects.visible_to(who(request)).active().exclude(email_normalized=None).order_by("-pk").first()


@require(may_shape)
@require_POST
def template_archive_view(request: HttpRequest, public_id: str) -> HttpResponse:
    template = template_archive(template=get_object_or_404(EmailTemplate, public_id=public_id), actor=who(request))
    undo = reverse("template_restore", kwargs={"public_id": public_id})
    toast(request, _("The template “%(name)s” was put away.") % {"name": template.name}, undo=undo)
    return redirect(f"{reverse('template_list')}?use={template.use}")


@require(may_shape)
@require_POST
def template_restore(request: HttpRequest, public_id: str) -> HttpResponse:
    template = template_archive(
        template=get_object_or_404(EmailTemplate, public_id=public_id), actor=who(request), archived=False
    )
    toast(request, _("The template “%(name)s” is back.") % {"name": template.name})
    return redirect("template_update", public_id=public_id)
