"""The send and monitor steps: checklist and launch, live progress, holding and ending, the ledger."""

import csv
from typing import Any

from django.http import HttpResponse, HttpResponseBase
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET, require_POST

from accounts.access import SignedInRequest, require
from campaigns.campaigns.launch import campaign_launch
from campaigns.campaigns.models import Campaign
from campaigns.campaigns.utm_preview import utm_shown
from campaigns.campaigns.views.campaigns import campaign_of, campaign_page_context
from campaigns.experiments.experiment_queries import experiment_reading
from campaigns.experiments.models import Experiment
from core.errors import Conflict, DomainError
from core.ui.messages import toast
from delivery.access import may_launch, may_read
from delivery.domains.services.warm_up import warmup_outlook
from delivery.feedback.models import FeedbackAlarm
from delivery.feedback.thresholds import feedback_of, warning_of
from delivery.sends.forms import CountForm, LaunchForm
from delivery.sends.launch import launch_warnings, send_unschedule
from delivery.sends.models import Send
from delivery.sends.page_parts import (
    WATCHED,
    progress_context,
    resend_unknown_with_toast,
    resume_with_toast,
    retry_failed_with_toast,
)
from delivery.sends.queries import audience_preview
from delivery.sends.recipients_table import RecipientsTable, reason_label
from delivery.sends.restored import restored_of
from delivery.sends.results import arm_results, clicks_over_time, link_results, machine_rows
from delivery.sends.services import send_cancel, send_pause
from delivery.sends.states import LAUNCHABLE, SENDS_AGAIN, UNDER_WAY
from delivery.sends.variant_counts import FIGURES, variant_counts


@require(may_read)
@require_GET
def campaign_send(request: SignedInRequest, public_id: str) -> HttpResponse:
    """The checklist, the exact audience, and the button."""
    campaign = campaign_of(request, public_id)
    return render(
        request,
        "campaigns/campaigns/step_send.html",
        _send_context(request, campaign, LaunchForm(initial=_asked(request))),
    )


def _asked(request: SignedInRequest) -> dict[str, str]:
    """`?when=later` opens the form at another time."""
    return {"when": "later"} if request.GET.get("when") == "later" else {}


def _send_context(request: SignedInRequest, campaign: Campaign, form: LaunchForm) -> dict[str, Any]:
    context = campaign_page_context(request, campaign, "send")
    may_decide = context["may_launch"] and campaign.send.state in LAUNCHABLE
    is_coming = may_decide or campaign.send.state == Send.State.SCHEDULED
    audience = audience_preview(send=campaign.send) if campaign.segment and is_coming else None
    skips = [(reason_label(reason), count) for reason, count in sorted(audience.skips.items())] if audience else []
    return {
        **context,
        "form": form,
        "warnings": launch_warnings(campaign.send) if may_decide else [],
        "may_decide": may_decide,
        "audience": audience,
        "skips": skips,
        "outlook": warmup_outlook(campaign.send.identity, audience.recipients) if audience and may_decide else None,
        "experiment": Experiment.objects.filter(send=campaign.send_id).first(),
        "variants": campaign.send.variants.all(),
        "tags": utm_shown(campaign.send),
        "restored": restored_of(campaign.send),
    }


@require(may_launch)
@require_POST
def campaign_launch_view(request: SignedInRequest, public_id: str) -> HttpResponse:
    """Launch through the one launch service, for exactly the number of people that was shown."""
    campaign = campaign_of(request, public_id)
    form = LaunchForm(request.POST)
    if not form.is_valid():
        return render(request, "campaigns/campaigns/step_send.html", _send_context(request, campaign, form), status=422)
    try:
        campaign_launch(
            campaign=campaign,
            actor=request.user,
            at=form.moment(),
            zone=form.zone_name() if form.moment() else "",
            expected=form.cleaned_data["expected"],
        )
    except DomainError as error:
        if isinstance(error, Conflict) and error.code == "already_launched":
            toast(request, error.message)
            return redirect("campaign_monitor", public_id=public_id)
        campaign = campaign_of(request, public_id)
        context = _send_context(request, campaign, form)
        return render(request, "campaigns/campaigns/step_send.html", {**context, "refused": error}, status=error.status)
    if campaign.send.state == Send.State.SCHEDULED:
        toast(request, _("Campaign scheduled. You can return it to draft until the start."))
    else:
        toast(request, _("The campaign is on its way."))
    return redirect("campaign_monitor", public_id=public_id)


@require(may_launch)
@require_POST
def campaign_unschedule(request: SignedInRequest, public_id: str) -> HttpResponse:
    send_unschedule(send=campaign_of(request, public_id).send, actor=request.user)
    toast(request, _("Returned to draft. Nothing is sent until you launch the campaign again."))
    return redirect("campaign_send", public_id=public_id)


@require(may_launch)
@require_POST
def campaign_pause(request: SignedInRequest, public_id: str) -> HttpResponse:
    send_pause(send=campaign_of(request, public_id).send, actor=request.user)
    toast(request, _("Paused. Messages already handed to the mail server will arrive. No new messages are sent."))
    return redirect("campaign_monitor", public_id=public_id)


@require(may_launch)
@require_POST
def campaign_resume(request: SignedInRequest, public_id: str) -> HttpResponse:
    resume_with_toast(request, campaign_of(request, public_id).send)
    return redirect("campaign_monitor", public_id=public_id)


@require(may_launch)
@require_POST
def campaign_cancel(request: SignedInRequest, public_id: str) -> HttpResponse:
    """The first press holds the send and asks, with the number of those who would get nothing; the second ends it."""
    send = campaign_of(request, public_id).send
    asks = send.state in UNDER_WAY
    if asks and "expected" not in request.POST:
        if send.state == Send.State.SENDING:
            send_pause(send=send, actor=request.user)
        return redirect(f"{reverse('campaign_monitor', kwargs={'public_id': public_id})}?confirm=cancel")
    send_cancel(send=send, actor=request.user, expected=CountForm.of(request.POST) if asks else None)
    toast(request, _("Cancelled. The waiting recipients will not get the message."))
    return redirect("campaign_monitor", public_id=public_id)


@require(may_launch)
@require_POST
def campaign_retry_failed(request: SignedInRequest, public_id: str) -> HttpResponse:
    retry_failed_with_toast(request, campaign_of(request, public_id).send)
    return redirect("campaign_monitor", public_id=public_id)


@require(may_launch)
@require_POST
def campaign_resend_unknown(request: SignedInRequest, public_id: str) -> HttpResponse:
    resend_unknown_with_toast(request, campaign_of(request, public_id).send)
    return redirect("campaign_monitor", public_id=public_id)


@require(may_read)
@require_GET
def campaign_monitor(request: SignedInRequest, public_id: str) -> HttpResponse:
    """How far it is, what it brings, and what the test says so far."""
    campaign = campaign_of(request, public_id)
    send = campaign.send
    context = {
        **campaign_page_context(request, campaign, "monitor"),
        **progress_context(send),
        "asks_cancel": _asks_cancel(request, send),
    }
    if send.launched_at and send.state != Send.State.SCHEDULED:
        experiment = Experiment.objects.filter(send=send).first()
        counts = variant_counts(send, horizon_days=experiment.horizon_days if experiment else 7)
        hours = clicks_over_time(send, counts)
        context |= {
            "experiment": experiment,
            "reading": experiment_reading(send, experiment, counts) if experiment else None,
            "results": arm_results(send, counts),
            "feedback": feedback_of(send.pk),
            "warnings": [warning_of(alarm) for alarm in send.alarms.filter(level=FeedbackAlarm.Level.WARN)],
            "links": link_results(send)[:20],
            "machines": machine_rows(send),
            "hours": hours,
            "chart": results_chart(hours, [arm.label for arm in counts]) if hours else None,
        }
    return render(request, "campaigns/campaigns/step_monitor.html", context)


@require(may_read)
@require_GET
def campaign_results_export(request: SignedInRequest, public_id: str) -> HttpResponse:
    """What each variant brought, raw, unique and human apart, as CSV: the figures of the screen and the API."""
    campaign = campaign_of(request, public_id)
    experiment = Experiment.objects.filter(send=campaign.send_id).first()
    counts = variant_counts(campaign.send, horizon_days=experiment.horizon_days if experiment else 7)
    response = HttpResponse(content_type="text/csv; charset=utf-8")
    response["Content-Disposition"] = f'attachment; filename="{campaign.public_id}-results.csv"'
    writer = csv.writer(response)
    writer.writerow(["variant", *FIGURES])
    for arm in counts:
        writer.writerow([arm.label, *(getattr(arm, name) for name in FIGURES)])
    return response


@require(may_read)
@require_GET
def campaign_progress(request: SignedInRequest, public_id: str) -> HttpResponse:
    """The live part alone. It stops asking when the send is over (status 286); the whole page is drawn anew when its
    state is not the one shown there (`was`)."""
    campaigns = Campaign.objects.visible_to(request.user).select_related("send")
    campaign = get_object_or_404(campaigns, public_id=public_id)
    live = campaign.send.state in WATCHED
    context = {
        "campaign": campaign,
        "send": campaign.send,
        "may_launch": may_launch(request.user),
        **progress_context(campaign.send),
        "asks_cancel": _asks_cancel(request, campaign.send),
    }
    response = render(request, "campaigns/campaigns/_progress.html", context, status=200 if live else 286)
    if not live or request.GET.get("was", campaign.send.state) != campaign.send.state:
        response["HX-Refresh"] = "true"
    return response


def _asks_cancel(request: SignedInRequest, send: Send) -> bool:
    """`?confirm=cancel`: whether to end it for good is being asked."""
    asks = request.GET.get("confirm") == "cancel" and send.state in UNDER_WAY
    return asks and may_launch(request.user)


def results_chart(hours: list[Any], labels: list[str]) -> dict[str, Any]:
    """People who clicked, running total, one line per arm: an ECharts option with its table's rows."""
    return {
        "type": "line",
        "title": _("Contacts who clicked"),
        "x": [hour.at.isoformat() for hour in hours],
        "series": [
            {"name": label, "values": [hour.totals[place] for hour in hours]} for place, label in enumerate(labels)
        ],
    }


@require(may_read)
@require_GET
def campaign_ledger(request: SignedInRequest, public_id: str) -> HttpResponseBase:
    """Did this person get it? One line per recipient; found by name or address, narrowed by what became of it."""
    campaign = campaign_of(request, public_id)
    send, table = campaign.send, RecipientsTable(request, campaign.send)
    context: dict[str, Any] = {"campaign": campaign, "send": send}
    if may_launch(request.user) and send.state in SENDS_AGAIN and send.ledger_purged_at is None:
        progress = table.progress
        context |= {
            "progress": progress,
            "expected_failed": [("expected", progress.failed)],
            "expected_unknown": [("expected", progress.unknown)],
        }
    return table.respond("campaigns/campaigns/recipients.html", context)
