"""Providers: who carries our messages, are they well, and who stands in."""

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from accounts.access import SignedInRequest, require
from core.errors import DomainError
from core.ui.messages import toast
from delivery.access import may_read, may_set_limits
from delivery.senders.models import SendingIdentity
from delivery.transports.forms import FIELDS, ProviderForm
from delivery.transports.models import Provider
from delivery.transports.services import (
    provider_archive,
    provider_pause,
    provider_save,
    provider_test,
    provider_test_send,
)


@require(may_read)
@require_GET
def provider_list(request: SignedInRequest) -> HttpResponse:
    """Every provider with who uses it, and the order of each sender with what its breakers say."""
    providers = Provider.objects.visible_to(request.user).prefetch_related("uses__identity")
    context = {
        "providers": providers.filter(archived_at=None),
        "archived": providers.exclude(archived_at=None),
        "identities": SendingIdentity.objects.active().prefetch_related("uses__provider"),
        "may_set": may_set_limits(request.user),
    }
    return render(request, "delivery/transports/list.html", context)


@require(may_set_limits)
@require_http_methods(["GET", "POST"])
def provider_create(request: SignedInRequest) -> HttpResponse:
    return _provider(request, Provider())


@require(may_set_limits)
@require_http_methods(["GET", "POST"])
def provider_update(request: SignedInRequest, pk: int) -> HttpResponse:
    return _provider(request, get_object_or_404(Provider, pk=pk))


def _provider(request: SignedInRequest, provider: Provider) -> HttpResponse:
    is_new = provider.pk is None
    form = ProviderForm(request.POST if request.method == "POST" else None, instance=provider)
    if request.method == "POST" and form.is_valid():
        saved = provider_save(provider=form.provider(), actor=request.user)
        toast(
            request,
            _("Provider “%(name)s” saved. Test the provider before a campaign depends on it.") % {"name": saved},
        )
        return redirect("provider_list")
    context = {
        "form": form,
        "provider": provider,
        "is_new": is_new,
        "fields": {kind: list(names) for kind, names in FIELDS.items()},
    }
    return render(request, "delivery/transports/form.html", context)


@require(may_set_limits)
@require_POST
def provider_test_view(request: SignedInRequest, pk: int) -> HttpResponse:
    """Connect and sign in now; the answer is a toast."""
    try:
        toast(request, provider_test(provider=get_object_or_404(Provider.objects.active(), pk=pk)))
    except DomainError as error:
        messages.error(request, error.message)
    return redirect("provider_list")


@require(may_set_limits)
@require_POST
def provider_test_send_view(request: SignedInRequest, pk: int) -> HttpResponse:
    """A short message through this provider to the person who asks; the answer is a toast."""
    try:
        toast(
            request,
            provider_test_send(provider=get_object_or_404(Provider.objects.active(), pk=pk), actor=request.user),
        )
    except DomainError as error:
        messages.error(request, error.message)
    return redirect("provider_list")


@require(may_set_limits)
@require_POST
def provider_pause_view(request: SignedInRequest, pk: int) -> HttpResponse:
    provider = provider_pause(provider=get_object_or_404(Provider.objects.active(), pk=pk), actor=request.user)
    undo = reverse("provider_resume", kwargs={"pk": pk})
    toast(
        request,
        _("Provider “%(name)s” paused. No messages are sent through this provider until you resume it.")
        % {"name": provider},
        undo=undo,
    )
    return redirect("provider_list")


@require(may_set_limits)
@require_POST
def provider_resume(request: SignedInRequest, pk: int) -> HttpResponse:
    provider = provider_pause(
        provider=get_object_or_404(Provider.objects.active(), pk=pk), actor=request.user, paused=False
    )
    toast(request, _("Provider “%(name)s” resumed.") % {"name": provider})
    return redirect("provider_list")


@require(may_set_limits)
@require_POST
def provider_archive_view(request: SignedInRequest, pk: int) -> HttpResponse:
    provider = provider_archive(provider=get_object_or_404(Provider, pk=pk), actor=request.user)
    undo = reverse("provider_restore", kwargs={"pk": pk})
    toast(request, _("Provider “%(name)s” archived.") % {"name": provider}, undo=undo)
    return redirect("provider_list")


@require(may_set_limits)
@require_POST
def provider_restore(request: SignedInRequest, pk: int) -> HttpResponse:
    provider = provider_archive(provider=get_object_or_404(Provider, pk=pk), actor=request.user, archived=False)
    toast(request, _("Provider “%(name)s” restored.") % {"name": provider})
    return redirect("provider_list")
