"""Making the forms that visitors fill in."""

from django.conf import settings
from django.db.models import Count, F, Q
from django.http import HttpResponse, HttpResponseBase
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from accounts.access import SignedInRequest, is_marketer, is_office, require
from core.errors import DomainError
from core.forms import add_domain_error
from core.ui.messages import toast
from crm.forms.forms import LeadFormForm
from crm.forms.models import LeadForm
from crm.forms.services import EDITABLE, lead_form_archive, lead_form_restore, lead_form_save
from crm.forms.tables import LeadFormTable


@require(is_office)
@require_safe
def lead_form_list(request: SignedInRequest) -> HttpResponseBase:
    forms = (
        LeadForm.objects.visible_to(request.user)
        .select_related("channel")
        .annotate(
            lead_count=Count("submissions"),
            won_count=Count(
                "submissions",
                filter=Q(submissions__lead__contact__first_order_at__gte=F("submissions__lead__occurred_at")),
            ),
        )
    )
    context = {"may_write": is_marketer(request.user)}
    return LeadFormTable(request, forms).respond("crm/forms/list.html", context)


@require(is_marketer)
@require_http_methods(["GET", "HEAD", "POST"])
def lead_form_create(request: SignedInRequest) -> HttpResponse:
    return _edit(request, LeadForm())


@require(is_marketer)
@require_http_methods(["GET", "HEAD", "POST"])
def lead_form_edit(request: SignedInRequest, public_id: str) -> HttpResponse:
    return _edit(request, _visible(request, public_id))


def _edit(request: SignedInRequest, instance: LeadForm) -> HttpResponse:
    form = LeadFormForm(request.POST or None, instance=instance)
    if request.method == "POST" and form.is_valid():
        values = {name: form.cleaned_data[name] for name in EDITABLE if name in form.cleaned_data}
        try:
            saved = lead_form_save(
                form=instance,
                actor=request.user,
                **values | {"fields": form.cleaned_data["fields_asked"]},
            )
        except DomainError as error:
            add_domain_error(form, error)
        else:
            toast(request, _("Form saved."))
            return redirect("lead_form_detail", public_id=saved.public_id)
    context = {"form": form, "lead_form": instance if instance.pk else None}
    return render(request, "crm/forms/edit.html", context, status=422 if form.errors else 200)


@require(is_office)
@require_safe
def lead_form_detail(request: SignedInRequest, public_id: str) -> HttpResponse:
    form = _visible(request, public_id)
    address = settings.BASE_URL + reverse("lead_form", args=[form.public_id])
    leads = form.submissions.select_related("lead__contact").order_by("-pk")
    asked = [label for value, label in LeadForm.Field.choices if value in form.fields]
    context = {
        "lead_form": form,
        "address": address,
        "asked": asked,
        "submissions": leads[:20],
        "count": leads.count(),
        "confirmed": leads.exclude(confirmed_at=None).count(),
        "may_write": is_marketer(request.user),
    }
    return render(request, "crm/forms/detail.html", context)


@require(is_marketer)
@require_POST
def lead_form_close(request: SignedInRequest, public_id: str) -> HttpResponse:
    form = _visible(request, public_id)
    lead_form_archive(form=form, actor=request.user)
    toast(request, _("Form closed."), undo=reverse("lead_form_open", args=[form.public_id]))
    return redirect("lead_form_list")


@require(is_marketer)
@require_POST
def lead_form_open(request: SignedInRequest, public_id: str) -> HttpResponse:
    form = _visible(request, public_id)
    lead_form_restore(form=form, actor=request.user)
    toast(request, _("Form reopened."))
    return redirect("lead_form_detail", public_id=form.public_id)


def _visible(request: SignedInRequest, public_id: str) -> LeadForm:
    forms = LeadForm.objects.visible_to(request.user).select_related("channel", "topic")
    return get_object_or_404(forms, public_id=public_id)
