"""Accepting an invitation: the one page where somebody who has no account yet makes one."""

from allauth.account.internal.flows.login import record_authentication
from django.contrib import messages
from django.contrib.auth import login
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.debug import sensitive_post_parameters
from django.views.decorators.http import require_http_methods

from accounts.forms import JoinForm
from accounts.models import Company, Invitation
from accounts.services.invitations import invitation_accept, invitation_digest
from core.errors import DomainError
from core.forms import add_domain_error


@sensitive_post_parameters("password", "password_again")
@never_cache
@require_http_methods(["GET", "POST"])
def invitation_accept_page(request: HttpRequest, secret: str) -> HttpResponse:
    invitation = Invitation.objects.open().filter(token_hash=invitation_digest(secret)).first()
    if invitation is None:
        return render(request, "accounts/invitation_closed.html", status=410)
    initial = {"full_name": invitation.full_name, "language": invitation.language}
    form = JoinForm(request.POST or None, invitation=invitation, initial=initial)
    if request.method == "POST" and form.is_valid():
        try:
            user = invitation_accept(
                secret=secret,
                full_name=form.cleaned_data["full_name"],
                password=form.cleaned_data["password"],
                language=form.cleaned_data["language"],
            )
        except DomainError as error:
            add_domain_error(form, error)
        else:
            login(request, user, backend="allauth.account.auth_backends.AuthenticationBackend")
            record_authentication(request, user, method="password", email=user.email)
            messages.success(request, _("Welcome, %(name)s.") % {"name": user})
            return redirect("home")
    context = {"form": form, "invitation": invitation, "company": Company.get()}
    return render(request, "accounts/invitation_accept.html", context)
