"""The optimise step: concluding the test."""

from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods

from accounts.access import SignedInRequest, require
from campaigns.campaigns.views.campaigns import campaign_of, campaign_page_context
from campaigns.experiments.experiment_queries import experiment_reading
from campaigns.experiments.forms import ConcludeForm
from campaigns.experiments.models import Experiment
from campaigns.experiments.services import experiment_conclude, learning_rewrite
from core.errors import Forbidden
from core.ui.messages import toast
from delivery.access import may_launch, may_read
from delivery.sends.models import Send


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
    context = {**campaign_page_context(request, campaign, "optimise"), "experiment": experiment, "reading": reading}
    if experiment is None or reading is None:
        return render(request, "campaigns/campaigns/step_optimise.html", context)
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
        toast(request, _("Saved under Learnings."))
        return redirect("campaign_optimise", public_id=public_id)
    return render(request, "campaigns/campaigns/step_optimise.html", {**context, "form": form})
