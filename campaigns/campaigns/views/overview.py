"""The overview of e-mail: what went out, what we learnt, what is next."""

from django.http import HttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_GET

from accounts.access import SignedInRequest, require
from campaigns.calendar.strip import calendar_strip
from campaigns.campaigns.models import Campaign
from campaigns.experiments.experiment_queries import experiment_reading, learnings, running_tests
from delivery.access import may_launch, may_read
from delivery.sends.models import Send
from delivery.sends.queries import send_progress
from delivery.sends.states import UNDER_WAY, WAITING_FOR_START


@require(may_read)
@require_GET
def email_overview(request: SignedInRequest) -> HttpResponse:
    """What went out, what we learnt, what is next."""
    user = request.user
    campaigns = Campaign.objects.visible_to(user).active().select_related("send", "segment")
    moving = campaigns.filter(send__state__in=UNDER_WAY)
    context = {
        "calendar": calendar_strip(user),
        "moving": [(campaign, send_progress(campaign.send)) for campaign in moving[:10]],
        "coming": campaigns.filter(send__state__in=WAITING_FOR_START).order_by("send__scheduled_at")[:5],
        "drafts": campaigns.filter(send__state=Send.State.DRAFT).order_by("-updated_at")[:5],
        "tests": [
            (experiment, experiment_reading(experiment.send, experiment)) for experiment in running_tests(user)[:6]
        ],
        "learnt": learnings(user)[:5],
        "is_empty": not campaigns.exists(),
        "may_launch": may_launch(user),
    }
    return render(request, "campaigns/campaigns/overview.html", context)
