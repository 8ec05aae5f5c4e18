"""Pages of senders."""

from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST

from accounts.access import SignedInRequest, require
from core.ui.messages import toast
from delivery.access import may_set_limits
from delivery.senders.forms import IdentityForm
from delivery.senders.models import SendingIdentity
from delivery.senders.services import identity_archive, identity_save
from delivery.transports.services import identity_providers_set


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
        toast(request, _("Sender “%(name)s” saved.") % {"name": form.instance.name})
        return redirect("email_settings")
    return render(request, "delivery/senders/form.html", {"form": form, "identity": identity, "is_new": is_new})


@require(may_set_limits)
@require_POST
def identity_archive_view(request: SignedInRequest, pk: int) -> HttpResponse:
    identity = identity_archive(identity=get_object_or_404(SendingIdentity, pk=pk), actor=request.user)
    undo = reverse("identity_restore", kwargs={"pk": pk})
    toast(request, _("Sender “%(name)s” archived.") % {"name": identity.name}, undo=undo)
    return redirect("email_settings")


@require(may_set_limits)
@require_POST
def identity_restore(request: SignedInRequest, pk: int) -> HttpResponse:
    identity = identity_archive(identity=get_object_or_404(SendingIdentity, pk=pk), actor=request.user, archived=False)
    toast(request, _("Sender “%(name)s” restored.") % {"name": identity.name})
    return redirect("email_settings")
