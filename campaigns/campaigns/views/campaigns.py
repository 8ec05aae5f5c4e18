"""Campaigns: the list, a new one, and what is done with a whole campaign."""

from typing import Any

from django.http import HttpResponse, HttpResponseBase
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import ngettext
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from accounts.access import SignedInRequest, require
from campaigns.calendar.strip import calendar_strip
from campaigns.campaigns.campaign_steps import TITLES, cycle_of
from campaigns.campaigns.forms import PlanForm
from campaigns.campaigns.models import Campaign
from campaigns.campaigns.services import (
    campaign_archive,
    campaign_create,
    campaign_duplicate,
    campaigns_archive,
    campaigns_restore,
)
from campaigns.campaigns.tables import CampaignTable
from core.ui.messages import toast
from delivery.access import may_launch, may_read
from delivery.sends.models import Send
from marketing.segments.models import Segment


def campaign_of(request: SignedInRequest, public_id: str) -> Campaign:
    """A campaign this person may see, else 404."""
    campaigns = Campaign.objects.visible_to(request.user).select_related(
        "send__identity__brand", "send__topic", "send__launched_by", "segment", "proposition_version__proposition"
    )
    return get_object_or_404(campaigns, public_id=public_id)


def campaign_page_context(request: SignedInRequest, campaign: Campaign, active: str) -> dict[str, Any]:
    """What every page of one campaign shows around its step."""
    cycle = cycle_of(campaign, active)
    return {
        "campaign": campaign,
        "send": campaign.send,
        "cycle": cycle,
        "steps": cycle.steps,
        "step": active,
        "step_title": TITLES[active],
        "missing": cycle.problems_of(active),
        "may_change": may_launch(request.user) and campaign.send.state == Send.State.DRAFT,
        "may_launch": may_launch(request.user),
    }


def _table(request: SignedInRequest) -> CampaignTable:
    return CampaignTable(request, Campaign.objects.visible_to(request.user).with_figures())


@require(may_read)
@require_GET
def campaign_list(request: SignedInRequest) -> HttpResponseBase:
    """What went out, what is on its way, and what is being prepared."""
    context = {"calendar": calendar_strip(request.user), "may_launch": may_launch(request.user)}
    return _table(request).respond("campaigns/campaigns/list.html", context)


@require(may_launch)
@require_POST
def campaign_bulk_archive(request: SignedInRequest) -> HttpResponse:
    """Put the chosen campaigns away; those on their way stay and say so."""
    table = _table(request)
    many = campaigns_archive(campaigns=table.bulk_selection().queryset, actor=request.user)
    text = ngettext("%(count)s campaign archived.", "%(count)s campaigns archived.", len(many.done))
    table.report(text, many.done, undo="campaign_bulk_restore", refused=many.refused)
    return table.redirect("campaign_list")


@require(may_launch)
@require_POST
def campaign_bulk_restore(request: SignedInRequest) -> HttpResponse:
    table = _table(request)
    done = campaigns_restore(campaigns=table.bulk_selection().queryset, actor=request.user)
    text = ngettext("%(count)s campaign restored.", "%(count)s campaigns restored.", len(done))
    table.report(text, done, undo="campaign_bulk_archive")
    return table.redirect("campaign_list")


@require(may_launch)
@require_http_methods(["GET", "POST"])
def campaign_create_view(request: SignedInRequest) -> HttpResponse:
    """Create a campaign: its plan. `?segment=` chooses the segment beforehand."""
    start = Campaign(segment=Segment.objects.active().filter(public_id=request.GET.get("segment", "")).first())
    form = PlanForm(request.POST or None, instance=start)
    if request.method == "POST" and form.is_valid():
        campaign = campaign_create(**form.cleaned_data, actor=request.user)
        toast(request, _("Campaign created. Continue with the next step at any time."))
        return redirect("campaign_create", public_id=campaign.public_id)
    return render(request, "campaigns/campaigns/create.html", {"form": form})


@require(may_read)
@require_GET
def campaign_detail(request: SignedInRequest, public_id: str) -> HttpResponse:
    """To the step this campaign is at."""
    campaign = campaign_of(request, public_id)
    return redirect(f"campaign_{cycle_of(campaign).next_step}", public_id=public_id)


@require(may_launch)
@require_POST
def campaign_archive_view(request: SignedInRequest, public_id: str) -> HttpResponse:
    campaign = campaign_archive(campaign=campaign_of(request, public_id), actor=request.user)
    undo = reverse("campaign_restore", kwargs={"public_id": public_id})
    toast(request, _("“%(name)s” archived.") % {"name": campaign.name}, undo=undo)
    return redirect("campaign_list")


@require(may_launch)
@require_POST
def campaign_restore(request: SignedInRequest, public_id: str) -> HttpResponse:
    campaign = campaign_archive(campaign=campaign_of(request, public_id), actor=request.user, archived=False)
    toast(request, _("“%(name)s” restored.") % {"name": campaign.name})
    return redirect("campaign_detail", public_id=public_id)


@require(may_launch)
@require_POST
def campaign_duplicate_view(request: SignedInRequest, public_id: str) -> HttpResponse:
    copy = campaign_duplicate(campaign=campaign_of(request, public_id), actor=request.user)
    toast(
        request,
        _("Next campaign created. Variant A is the winner of the last test. Change variant B to test a new idea."),
    )
    return redirect("campaign_plan", public_id=copy.public_id)
