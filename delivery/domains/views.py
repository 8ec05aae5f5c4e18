"""Deliverability: will what we send arrive? The office reads it, the director mends it."""

from typing import Any

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from accounts.access import SignedInRequest, require
from core.errors import DomainError, Forbidden
from core.forms import add_domain_error
from core.models import Job
from core.ui.messages import toast
from delivery.access import may_read, may_set_limits
from delivery.domains.checks.finding_text import parts_of, worst_sentence
from delivery.domains.forms import DomainForm, KeyForm, WarmUpForm
from delivery.domains.models import DkimKey, SendingDomain, WarmUp
from delivery.domains.services.deliverability import (
    dkim_key_use,
    domain_check_start,
    identities_of,
    identity_verdict,
    is_exempt,
)
from delivery.domains.services.signing import dkim_key_make, dkim_key_retire, domain_update
from delivery.domains.services.warm_up import warmup_save, warmup_today
from delivery.senders.models import SendingIdentity


@require(may_read)
@require_GET
def deliverability(request: SignedInRequest) -> HttpResponse:
    """Every sending domain with the state of its last check, and what large receivers ask for."""
    identities = list(SendingIdentity.objects.active().select_related("brand"))
    rows = []
    for domain in SendingDomain.objects.visible_to(request.user):
        senders = identities_of(domain)
        if not senders and not domain.checked_at:
            continue
        reason = worst_sentence(domain.findings, domain.level) if domain.level in {"warn", "refuse"} else ""
        rows.append((domain, senders, reason, bool(senders) and all(is_exempt(one) for one in senders)))
    context = {
        "rows": rows,
        "identities": [(one, identity_verdict(one)) for one in identities],
        "may_set": may_set_limits(request.user),
    }
    return render(request, "delivery/domains/list.html", context)


@require(may_read)
@require_http_methods(["GET", "POST"])
def domain_detail(request: SignedInRequest, pk: int) -> HttpResponse:
    """One domain: what the last check found, each record to paste, its keys, who signs."""
    domain = get_object_or_404(SendingDomain.objects.visible_to(request.user), pk=pk)
    may_set = may_set_limits(request.user)
    if request.method == "POST" and not may_set:
        raise Forbidden(_("Your role does not include this. Ask your director."), code="forbidden")
    form = DomainForm(request.POST if request.method == "POST" else None, instance=domain)
    if request.method == "POST" and form.is_valid():
        try:
            domain_update(
                domain=SendingDomain.objects.get(pk=pk),
                is_signed=form.cleaned_data["is_signed"],
                provider_selectors=form.cleaned_data["provider_selectors"],
                actor=request.user,
            )
        except DomainError as error:
            add_domain_error(form, error)
        else:
            domain_check_start(domain=domain, actor=request.user)
            toast(request, _("Saved. The domain is being checked again."))
            return redirect("domain_detail", pk=pk)
    job = Job.objects.filter(kind="domain_check", parameters__domain_id=pk).first()
    senders = identities_of(domain)
    context = {
        **warmup_context(domain),
        "domain": domain,
        "form": form,
        "parts": parts_of(domain.findings),
        "keys": domain.keys.published(),
        "retired": domain.keys.filter(state=DkimKey.State.RETIRED),
        "senders": senders,
        "is_exempt": bool(senders) and all(is_exempt(one) for one in senders),
        "job": job if job and not job.is_finished and job.actor_id == request.user.pk else None,
        "may_set": may_set,
        "algorithms": DkimKey.Algorithm.choices,
    }
    return render(request, "delivery/domains/detail.html", context, status=422 if form.errors else 200)


def warmup_context(domain: SendingDomain) -> dict[str, Any]:
    """The warm-up as it is, or as it would begin: its form, its days, today's count."""
    warm_up = WarmUp.objects.filter(domain=domain).first() or WarmUp(domain=domain, is_on=False)
    curve = warm_up.curve()
    today = warmup_today(warm_up) if warm_up.pk else None
    return {
        "warm_up": warm_up,
        "warm_form": WarmUpForm(instance=warm_up),
        "curve": [
            (number, most, max(1, most * 100 // max(curve)), today is not None and today.number == number)
            for number, most in enumerate(curve, 1)
        ],
        "today": today,
    }


@require(may_set_limits)
@require_POST
def warmup_update(request: SignedInRequest, pk: int) -> HttpResponse:
    """Set the curve; what is wrong with it is said in a toast."""
    domain = get_object_or_404(SendingDomain.objects.visible_to(request.user), pk=pk)
    form = WarmUpForm(request.POST, instance=WarmUp.objects.filter(domain=domain).first() or WarmUp(domain=domain))
    if not form.is_valid():
        for errors in form.errors.values():
            messages.error(request, " ".join(str(error) for error in errors))
        return redirect("domain_detail", pk=pk)
    warmup_save(warm_up=form.instance, actor=request.user)
    toast(request, _("Warm-up of %(domain)s saved.") % {"domain": domain})
    return redirect("domain_detail", pk=pk)


@require(may_set_limits)
@require_POST
def domain_check(request: SignedInRequest, pk: int) -> HttpResponse:
    domain = get_object_or_404(SendingDomain.objects.visible_to(request.user), pk=pk)
    domain_check_start(domain=domain, actor=request.user)
    return redirect("domain_detail", pk=pk)


@require(may_set_limits)
@require_POST
def key_create(request: SignedInRequest, pk: int) -> HttpResponse:
    domain = get_object_or_404(SendingDomain.objects.visible_to(request.user), pk=pk)
    form = KeyForm(request.POST)
    algorithm = form.cleaned_data["algorithm"] if form.is_valid() else DkimKey.Algorithm.RSA
    dkim_key_make(domain=domain, algorithm=algorithm, actor=request.user)
    toast(request, _("Key created. Publish its record, then activate the key."))
    return redirect("domain_detail", pk=pk)


@require(may_set_limits)
@require_POST
def key_activate(request: SignedInRequest, pk: int) -> HttpResponse:
    key = get_object_or_404(DkimKey.objects.published(), pk=pk)
    try:
        dkim_key_use(key=key, actor=request.user)
    except DomainError as error:
        messages.error(request, error.message)
        return redirect("domain_detail", pk=key.domain_id)
    toast(request, _("Messages from %(domain)s are now signed with this key.") % {"domain": key.domain})
    return redirect("domain_detail", pk=key.domain_id)


@require(may_set_limits)
@require_POST
def key_retire(request: SignedInRequest, pk: int) -> HttpResponse:
    key = dkim_key_retire(key=get_object_or_404(DkimKey, pk=pk), actor=request.user)
    toast(request, _("Retired. You can remove its record from the DNS."))
    return redirect("domain_detail", pk=key.domain_id)
