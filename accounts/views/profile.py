"""A person's own pages: who they are, how they sign in, their API tokens."""

from django.contrib import messages
from django.contrib.auth import update_session_auth_hash
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from accounts.access import SignedInRequest, anyone, require
from accounts.forms import ProfileForm, TokenForm
from accounts.models import ApiToken
from accounts.services.settings import PROFILE_FIELDS, profile_change, sessions_end
from accounts.services.tokens import token_create, token_revoke
from core.errors import DomainError


@require_http_methods(["GET", "POST"])
@require(anyone)
def profile(request: SignedInRequest) -> HttpResponse:
    form = ProfileForm(request.POST or None, instance=request.user)
    if request.method == "POST" and form.is_valid():
        profile_change(user=request.user, values={name: form.cleaned_data[name] for name in PROFILE_FIELDS})
        messages.success(request, _("Your profile is saved."))
        return redirect("profile")
    return render(request, "accounts/profile.html", {"form": form})


@require_POST
@require(anyone)
def sessions_end_others(request: SignedInRequest) -> HttpResponse:
    """Sign out everywhere but here."""
    user = sessions_end(user=request.user)
    update_session_auth_hash(request, user)
    messages.success(request, _("You are signed out on every other device."))
    return redirect("profile")


@require_GET
@require(anyone)
def token_list(request: SignedInRequest) -> HttpResponse:
    tokens = ApiToken.objects.visible_to(request.user)
    return render(request, "accounts/token_list.html", {"tokens": tokens})


@never_cache
@require_http_methods(["GET", "POST"])
@require(anyone)
def token_new(request: SignedInRequest) -> HttpResponse:
    """Make a token; its secret is in this one answer and nowhere else."""
    form = TokenForm(request.POST or None)
    if request.method == "POST" and form.is_valid():
        try:
            token, secret = token_create(
                user=request.user,
                name=form.cleaned_data["name"],
                scope_codes=form.cleaned_data["scopes"],
                expires_at=form.expires_at(),
                actor=request.user,
            )
        except DomainError as error:
            for field, text in (error.fields or {"__all__": error.message}).items():
                form.add_error(field if field in form.fields else None, text)
        else:
            return render(request, "accounts/token_shown.html", {"token": token, "secret": secret})
    return render(request, "accounts/token_new.html", {"form": form})


@require_POST
@require(anyone)
def token_end(request: SignedInRequest, public_id: str) -> HttpResponse:
    token = get_object_or_404(ApiToken.objects.visible_to(request.user), public_id=public_id)
    token_revoke(token=token, actor=request.user)
    messages.success(request, _("The token “%(name)s” no longer works.") % {"name": token.name})
    return redirect("token_list")
