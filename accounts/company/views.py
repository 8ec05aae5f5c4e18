"""The page of the company's settings."""

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods

from accounts.access import SignedInRequest, is_director, require
from accounts.company.forms import CompanyForm
from accounts.company.models import Company
from accounts.company.services import COMPANY_FIELDS, company_change
from core.errors import DomainError
from core.forms import add_domain_error


@require_http_methods(["GET", "POST"])
@require(is_director)
def company_settings(request: SignedInRequest) -> HttpResponse:
    form = CompanyForm(request.POST or None, instance=Company.get())
    if request.method == "POST" and form.is_valid():
        try:
            company_change(values={name: form.cleaned_data[name] for name in COMPANY_FIELDS}, actor=request.user)
        except DomainError as error:
            add_domain_error(form, error)
        else:
            messages.success(request, _("Company settings saved."))
            return redirect("company_settings")
    return render(request, "accounts/company/settings.html", {"form": form})
