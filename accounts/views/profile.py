"""A person's own pages: who they are, how they sign in, their API tokens."""

from django.contrib import messages
from django.contrib.auth import update_session_auth_hash
from django.http import HttpResponse, HttpResponseBase
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.utils.translation import ngettext
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from accounts.access import SignedInRequest, anyone, require
from accounts.forms import ProfileForm, TokenForm
from accounts.models import ApiToken
from accounts.services.settings import PROFILE_FIELDS, profile_change, sessions_end
from accounts.services.tokens import token_create, tokens_revoke
from accounts.tables import TokenTable
from core.errors import DomainError
from core.ui.numbers import number


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
def token_list(request: SignedInRequest) -> HttpResponseBase:
    return _tokens(request).respond("accounts/token_list.html")


def _tokens(request: SignedInRequest) -> TokenTable:
    return TokenTable(request, ApiToken.objects.visible_to(request.user))


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
def tokens_end(request: SignedInRequest) -> HttpResponse:
    """Revoke the chosen tokens, for good."""
    table = _tokens(request)
    count = tokens_revoke(tokens=table.selection().queryset, actor=request.user)
    text = ngettext("%(count)s token no longer works.", "%(count)s tokens no longer work.", count)
    messages.success(request, text % {"count": number(count)})
    return table.redirect("token_list")
