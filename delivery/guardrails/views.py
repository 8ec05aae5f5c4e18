"""The settings of e-mail: senders, limits, and how long reactions are kept."""

from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST

from accounts.access import SignedInRequest, require
from core.errors import Forbidden
from core.ui.messages import toast
from delivery.access import may_read, may_set_limits
from delivery.guardrails.forms import PolicyForm, RetentionForm
from delivery.guardrails.models import SendingPolicy
from delivery.guardrails.services import policy_save
from delivery.senders.models import SendingIdentity
from delivery.sends.retention import outdated, retention_save


@require(may_read)
@require_http_methods(["GET", "POST"])
def email_settings(request: SignedInRequest) -> HttpResponse:
    """Senders and limits: the office reads them, the director sets them."""
    may_set = may_set_limits(request.user)
    if request.method == "POST" and not may_set:
        raise Forbidden(_("Your role does not include this. Ask your director."), code="forbidden")
    form = PolicyForm(request.POST if request.method == "POST" else None, instance=SendingPolicy.get())
    if request.method == "POST" and form.is_valid():
        policy_save(policy=form.instance, actor=request.user)
        toast(request, _("Sending limits saved."))
        return redirect("email_settings")
    return _settings(request, form, RetentionForm(instance=SendingPolicy.get()))


@require(may_set_limits)
@require_POST
def email_retention(request: SignedInRequest) -> HttpResponse:
    """How long single reactions and ledgers are kept."""
    form = RetentionForm(request.POST, instance=SendingPolicy.get())
    if not form.is_valid():
        return _settings(request, PolicyForm(instance=SendingPolicy.get()), form, status=422)
    retention_save(policy=form.instance, actor=request.user)
    toast(request, _("Saved. Older data is purged within a day. Totals are kept."))
    return redirect("email_settings")


def _settings(request: SignedInRequest, form: PolicyForm, kept: RetentionForm, status: int = 200) -> HttpResponse:
    identities = SendingIdentity.objects.select_related("brand").prefetch_related("uses__provider")
    context = {
        "form": form,
        "kept": kept,
        "outdated": outdated(),
        "policy": SendingPolicy.get(),
        "identities": identities.filter(archived_at=None),
        "archived": identities.exclude(archived_at=None),
        "may_set": may_set_limits(request.user),
    }
    return render(request, "delivery/guardrails/settings.html", context, status=status)
