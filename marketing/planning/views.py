"""The director's targets."""

from django.http import HttpResponse, HttpResponseBase
from django.shortcuts import get_object_or_404, redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST

from accounts.access import SignedInRequest, is_director, is_office, require
from core.errors import DomainError
from core.forms import add_domain_error
from core.kpis import kpis
from core.ui.messages import toast
from marketing.planning.forms import TargetForm
from marketing.planning.models import KpiTarget
from marketing.planning.services import target_remove, target_set
from marketing.planning.value_text import value_text


@require(is_office)
@require_http_methods(["GET", "HEAD", "POST"])
def target_list(request: SignedInRequest) -> HttpResponseBase:
    """Every target; the director sets them here."""
    if request.method == "POST":
        return _set_target(request)
    return _targets_page(request, TargetForm() if is_director(request.user) else None)


@require(is_director)
def _set_target(request: SignedInRequest) -> HttpResponse:
    form = TargetForm(request.POST)
    if form.is_valid():
        data = form.cleaned_data
        try:
            target_set(
                kpi=data["kpi"],
                starts_on=data["starts_on"],
                ends_on=data["ends_on"],
                value=data["value"],
                actor=request.user,
            )
        except DomainError as error:
            add_domain_error(form, error)
        else:
            toast(request, _("Target set."))
            return redirect("target_list")
    return _targets_page(request, form, status=422)


def _targets_page(request: SignedInRequest, form: TargetForm | None, status: int = 200) -> HttpResponse:
    rows = [
        {"target": target, "kpi": kpis[target.kpi], "text": value_text(target.kpi, target.value)}
        for target in KpiTarget.objects.select_related("set_by")
        if target.kpi in kpis
    ]
    return render(request, "marketing/planning/target_list.html", {"form": form, "rows": rows}, status=status)


@require(is_director)
@require_POST
def target_delete(request: SignedInRequest, pk: int) -> HttpResponse:
    target_remove(target=get_object_or_404(KpiTarget, pk=pk), actor=request.user)
    toast(request, _("Target deleted."))
    return redirect("target_list")
