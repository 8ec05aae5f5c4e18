"""E-mail settings: who the company sends as, and the limits every send keeps."""

from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST

from accounts.access import SignedInRequest, require
from campaigns.access import may_read, may_set_limits
from campaigns.forms.settings import IdentityForm, PolicyForm, RetentionForm
from campaigns.models.identities import SendingIdentity, SendingPolicy
from campaigns.services.identities import identity_archive, identity_save, policy_save
from campaigns.services.providers import identity_providers_set
from campaigns.services.retention import outdated, retention_save
from core.errors import Forbidden
from core.ui.messages import toast


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
        toast(request, _("The limits hold from now on."))
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
    toast(request, _("Saved. What is older is let go of within a day; every sum stays."))
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
    return render(request, "campaigns/settings.html", context, status=status)


@require(may_set_limits)
@require_http_methods(["GET", "POST"])
def identity_create(request: SignedInRequest) -> HttpResponse:
    return _identity(request, SendingIdentity())


@require(may_set_limits)
@require_http_methods(["GET", "POST"])
def identity_update(request: SignedInRequest, pk: int) -> HttpResponse:
    return _identity(request, get_object_or_404(SendingIdentity, pk=pk))


def _identity(request: SignedInRequest, identity: SendingIdentity) -> HttpResponse:
    is_new = identity.pk is None
    form = IdentityForm(request.POST if request.method == "POST" else None, instance=identity)
    if request.method == "POST" and form.is_valid():
        identity = identity_save(identity=form.instance, actor=request.user)
        identity_providers_set(identity=identity, providers=form.providers, actor=request.user)
        toast(request, _("The sender “%(name)s” is saved.") % {"name": form.instance.name})
        return redirect("email_settings")
    return render(request, "campaigns/identity_form.html", {"form": form, "identity": identity, "is_new": is_new})


@require(may_set_limits)
@require_POST
def identity_archive_view(request: SignedInRequest, pk: int) -> HttpResponse:
    identity = identity_archive(identity=get_object_or_404(SendingIdentity, pk=pk), actor=request.user)
    undo = reverse("identity_restore", kwargs={"pk": pk})
    toast(request, _("The sender “%(name)s” was put away.") % {"name": identity.name}, undo=undo)
    return redirect("email_settings")


@require(may_set_limits)
@require_POST
def identity_restore(request: SignedInRequest, pk: int) -> HttpResponse:
    identity = identity_archive(identity=get_object_or_404(SendingIdentity, pk=pk), actor=request.user, archived=False)
    toast(request, _("The sender “%(name)s” is back.") % {"name": identity.name})
    return redirect("email_settings")
