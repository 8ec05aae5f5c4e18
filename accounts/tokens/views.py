"""A person's API tokens: the list, making one, revoking."""

from django.contrib import messages
from django.http import HttpResponse, HttpResponseBase
from django.shortcuts import render
from django.utils.translation import ngettext
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from accounts.access import SignedInRequest, is_signed_in, require
from accounts.tokens.forms import TokenForm
from accounts.tokens.models import ApiToken
from accounts.tokens.services import token_create, tokens_revoke
from accounts.tokens.tables import TokenTable
from core.errors import DomainError
from core.forms import add_domain_error
from core.ui.numbers import number


@require_GET
@require(is_signed_in)
def token_list(request: SignedInRequest) -> HttpResponseBase:
    return _table(request).respond("accounts/tokens/list.html")


def _table(request: SignedInRequest) -> TokenTable:
    return TokenTable(request, ApiToken.objects.visible_to(request.user))


@never_cache
@require_http_methods(["GET", "POST"])
@require(is_signed_in)
def token_create_view(request: SignedInRequest) -> HttpResponse:
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
            add_domain_error(form, error)
        else:
            return render(request, "accounts/tokens/secret.html", {"token": token, "secret": secret})
    return render(request, "accounts/tokens/create.html", {"form": form})


@require_POST
@require(is_signed_in)
def tokens_revoke_view(request: SignedInRequest) -> HttpResponse:
    """Revoke the chosen tokens, for good."""
    table = _table(request)
    count = tokens_revoke(tokens=table.selection().queryset, actor=request.user)
    text = ngettext("%(count)s token no longer works.", "%(count)s tokens no longer work.", count)
    messages.success(request, text % {"count": number(count)})
    return table.redirect("token_list")
