"""The optimise step, and everything the tests have taught."""

from django.core.paginator import Paginator
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET, require_http_methods

from accounts.access import SignedInRequest, require
from campaigns.access import may_launch, may_read
from campaigns.calendar import calendar_strip
from campaigns.forms.campaigns import ConcludeForm
from campaigns.models.authoring import Campaign
from campaigns.models.sends import Experiment, Send
from campaigns.queries import send_progress
from campaigns.readings import experiment_reading, learnings, running_tests
from campaigns.services.experiments import experiment_conclude, learning_rewrite
from campaigns.services.launch import WAITING_FOR_START
from campaigns.views.campaigns import campaign_of, frame
from core.errors import Forbidden
from core.ui.messages import toast

PAGE = 25


@require(may_read)
@require_http_methods(["GET", "POST"])
def campaign_optimise(request: SignedInRequest, public_id: str) -> HttpResponse:
    """Conclude the test with what was learnt, then begin the next campaign from it."""
    campaign = campaign_of(request, public_id)
    if request.method == "POST" and not may_launch(request.user):
        raise Forbidden(_("Your role does not include this. Ask your director."), code="forbidden")
    send = campaign.send
    experiment = Experiment.objects.filter(send=send).select_related("winner").first()
    left = send.launched_at is not None and send.state not in {Send.State.DRAFT, Send.State.SCHEDULED}
    reading = experiment_reading(send, experiment) if experiment and left else None
    context = {**frame(request, campaign, "optimise"), "experiment": experiment, "reading": reading}
    if experiment is None or reading is None:
        return render(request, "campaigns/step_optimise.html", context)
    form = ConcludeForm(
        request.POST if request.method == "POST" else None,
        leaders=reading.leaders,
        initial={"learning": experiment.learning},
    )
    if request.method == "POST" and form.is_valid():
        learning = form.cleaned_data["learning"]
        if experiment.concluded_at:
            learning_rewrite(experiment=experiment, learning=learning, actor=request.user)
        else:
            chosen = send.variants.filter(label=form.cleaned_data.get("chosen") or "-").first()
            experiment_conclude(
                experiment=experiment, reading=reading, learning=learning, chosen=chosen, actor=request.user
            )
        toast(request, _("Kept under “What we learnt”."))
        return redirect("campaign_optimise", public_id=public_id)
    return render(request, "campaigns/step_optimise.html", {**context, "form": form})


@require(may_read)
@require_GET
def learning_list(request: SignedInRequest) -> HttpResponse:
    """What every concluded test taught, to search before the next one is planned."""
    text, verdict, metric = (request.GET.get(name, "").strip() for name in ("q", "verdict", "metric"))
    rows = learnings(request.user, text=text, verdict=verdict, metric=metric)
    context = {
        "page": Paginator(rows, PAGE).get_page(request.GET.get("page")),
        "text": text,
        "verdict": verdict,
        "metric": metric,
        "verdicts": [choice for choice in Experiment.Verdict.choices if choice[0] != Experiment.Verdict.OPEN],
        "metrics": Experiment.Metric.choices,
        "running": [
            (experiment, experiment_reading(experiment.send, experiment))
            for experiment in running_tests(request.user)[:10]
        ],
        "is_filtered": bool(text or verdict or metric),
    }
    return render(request, "campaigns/learning_list.html", context)


@require(may_read)
@require_GET
def email_overview(request: SignedInRequest) -> HttpResponse:
    """What went out, what we learnt, what is next."""
    user = request.user
    campaigns = Campaign.objects.visible_to(user).active().select_related("send", "segment")
    moving = campaigns.filter(
        send__state__in=[Send.State.FREEZING, Send.State.SENDING, Send.State.PAUSED, Send.State.STOPPED]
    )
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
    return render(request, "campaigns/email_overview.html", context)
