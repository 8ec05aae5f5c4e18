"""The steps of a campaign that are plain forms: plan, create, offer, test."""

from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods

from accounts.access import SignedInRequest, require
from campaigns.campaigns.forms import OfferForm, PlanForm, SetupForm
from campaigns.campaigns.horizon_suggestion import horizon_suggestion
from campaigns.campaigns.models import Campaign
from campaigns.campaigns.services import SendSetup, campaign_plan, campaign_setup_save
from campaigns.campaigns.utm_preview import links_as_they_leave
from campaigns.campaigns.views.campaigns import campaign_of, campaign_page_context
from campaigns.content.services import variant_offer
from campaigns.experiments.forms import TestForm
from campaigns.experiments.models import Experiment
from campaigns.experiments.services import differences, experiment_plan
from core.errors import Forbidden
from core.ui.messages import toast
from delivery.access import may_launch, may_read

NEXT = {"plan": "create", "create": "content", "offer": "test", "test": "send"}


@require(may_read)
@require_http_methods(["GET", "POST"])
def campaign_plan_view(request: SignedInRequest, public_id: str) -> HttpResponse:
    """What it is for and to whom it goes."""
    campaign = _writable(request, public_id)
    form = PlanForm(request.POST if request.method == "POST" else None, instance=campaign)
    if request.method == "POST" and form.is_valid():
        campaign_plan(campaign=campaign_of(request, public_id), actor=request.user, **form.cleaned_data)
        return _saved(request, public_id, "plan")
    if request.method == "POST":
        campaign = campaign_of(request, public_id)
    return render(
        request,
        "campaigns/campaigns/step_plan.html",
        {**campaign_page_context(request, campaign, "plan"), "form": form},
    )


@require(may_read)
@require_http_methods(["GET", "POST"])
def campaign_create_step(request: SignedInRequest, public_id: str) -> HttpResponse:
    """From whom it comes and how it travels."""
    campaign = _writable(request, public_id)
    form = SetupForm(request.POST if request.method == "POST" else None, instance=campaign.send)
    if request.method == "POST" and form.is_valid():
        data = form.cleaned_data
        delivering = SendSetup(
            data["identity"], data["reply_address"], data["topic"], data["is_tracked"], form.utm(), data["per_second"]
        )
        campaign_setup_save(campaign=campaign_of(request, public_id), delivering=delivering, actor=request.user)
        return _saved(request, public_id, "create")
    if request.method == "POST":
        campaign = campaign_of(request, public_id)
    context = {
        **campaign_page_context(request, campaign, "create"),
        "form": form,
        "links": links_as_they_leave(campaign.send),
    }
    return render(request, "campaigns/campaigns/step_create.html", context)


@require(may_read)
@require_http_methods(["GET", "POST"])
def campaign_offer(request: SignedInRequest, public_id: str) -> HttpResponse:
    """What each arm offers."""
    campaign = _writable(request, public_id)
    data = request.POST if request.method == "POST" else None
    forms = [OfferForm(data, instance=arm, prefix=arm.label) for arm in campaign.send.variants.all()]
    if request.method == "POST" and all([form.is_valid() for form in forms]):  # noqa: C419 (every form shows its errors)
        for form in forms:
            variant_offer(variant=form.instance, actor=request.user, **form.cleaned_data)
        return _saved(request, public_id, "offer")
    return render(
        request,
        "campaigns/campaigns/step_offer.html",
        {**campaign_page_context(request, campaign, "offer"), "forms": forms},
    )


@require(may_read)
@require_http_methods(["GET", "POST"])
def campaign_test(request: SignedInRequest, public_id: str) -> HttpResponse:
    """What it is to teach."""
    campaign = _writable(request, public_id)
    variants = list(campaign.send.variants.all())
    experiment = Experiment.objects.filter(send=campaign.send_id).first() or Experiment(send=campaign.send)
    suggestion = horizon_suggestion(campaign, experiment)
    initial = {
        "hypothesis": experiment.hypothesis,
        "metric": experiment.metric,
        "horizon": experiment.horizon or suggestion.recipients,
        "horizon_days": experiment.horizon_days,
    }
    form = TestForm(request.POST if request.method == "POST" else None, initial=initial, variants=variants)
    if request.method == "POST" and form.is_valid():
        values = {name: form.cleaned_data[name] for name in ("hypothesis", "metric", "horizon", "horizon_days")}
        experiment_plan(send=campaign.send, weights=form.weights(), actor=request.user, **values)
        return _saved(request, public_id, "test")
    context = {
        **campaign_page_context(request, campaign, "test"),
        "form": form,
        "variants": variants,
        "experiment": experiment,
        "differs_in": differences(variants),
        "suggestion": suggestion,
    }
    return render(request, "campaigns/campaigns/step_test.html", context)


def _writable(request: SignedInRequest, public_id: str) -> Campaign:
    """The campaign; a change by somebody who only reads is refused."""
    campaign = campaign_of(request, public_id)
    if request.method == "POST" and not may_launch(request.user):
        raise Forbidden(_("Your role does not include this. Ask your director."), code="forbidden")
    return campaign


def _saved(request: SignedInRequest, public_id: str, step: str) -> HttpResponse:
    """Stay after “Save”, go on after “Save and go on”."""
    toast(request, _("Saved."))
    target = NEXT[step] if "onward" in request.POST else step
    return redirect(f"campaign_{target}", public_id=public_id)
