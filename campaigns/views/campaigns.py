"""Campaigns: the list, a new one, and what is done with a whole campaign."""

from typing import Any

from django.core.paginator import Paginator
from django.db.models import Q
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import pgettext
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from accounts.access import SignedInRequest, require
from campaigns.access import may_launch, may_read
from campaigns.calendar import calendar_strip
from campaigns.cycle import TITLES, cycle_of
from campaigns.forms.campaigns import PlanForm
from campaigns.models import Campaign, Send
from campaigns.services.campaigns import campaign_archive, campaign_create, campaign_duplicate
from core.ui.messages import toast
from marketing.models import Segment

PAGE = 40
VIEWS: dict[str, tuple[str, ...]] = {
    "draft": (Send.State.DRAFT,),
    "scheduled": (Send.State.SCHEDULED, Send.State.LATE),
    "running": (Send.State.FREEZING, Send.State.SENDING, Send.State.PAUSED, Send.State.STOPPED),
    "finished": (Send.State.FINISHED, Send.State.CANCELLED),
}
SORTS = {
    "name": "name",
    "-name": "-name",
    "audience": "send__audience",
    "-audience": "-send__audience",
    "launched": "send__launched_at",
    "-launched": "-send__launched_at",
    "-changed": "-updated_at",
}


def campaign_of(request: SignedInRequest, public_id: str) -> Campaign:
    """A campaign this person may see, else 404."""
    campaigns = Campaign.objects.visible_to(request.user).select_related(
        "send__identity__brand", "send__topic", "send__launched_by", "segment", "proposition_version__proposition"
    )
    return get_object_or_404(campaigns, public_id=public_id)


def frame(request: SignedInRequest, campaign: Campaign, active: str) -> dict[str, Any]:
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


@require(may_read)
@require_GET
def campaign_list(request: SignedInRequest) -> HttpResponse:
    """What went out, what is on its way, and what is being prepared."""
    base = Campaign.objects.visible_to(request.user)
    archived = request.GET.get("archived") == "1"
    base = base.exclude(archived_at=None) if archived else base.active()
    text, segment = request.GET.get("q", "").strip(), request.GET.get("segment", "")
    if text:
        base = base.filter(Q(name__icontains=text) | Q(objective__icontains=text))
    if segment:
        base = base.filter(segment__public_id=segment)
    chosen = request.GET.get("state", "")
    rows = base.filter(send__state__in=VIEWS[chosen]) if chosen in VIEWS else base
    sort = request.GET.get("sort", "")
    rows = rows.order_by(SORTS.get(sort, "-pk"), "-pk").select_related("send__experiment", "segment")
    page = Paginator(rows, PAGE).get_page(request.GET.get("page"))
    counts = {name: base.filter(send__state__in=states).count() for name, states in VIEWS.items()}
    labels = {"draft": _("Drafts"), "scheduled": _("Scheduled"), "running": _("Running"), "finished": _("Finished")}
    tabs = [{"code": "", "label": pgettext("campaigns", "All"), "count": sum(counts.values())}]
    tabs += [{"code": name, "label": labels[name], "count": counts[name]} for name in VIEWS]
    context = {
        "page": page,
        "tabs": tabs,
        "chosen": chosen,
        "text": text,
        "segment": segment,
        "segments": Segment.objects.visible_to(request.user).active(),
        "sort": sort,
        "archived": archived,
        "is_filtered": bool(text or segment or chosen or archived),
        "calendar": calendar_strip(request.user),
        "may_launch": may_launch(request.user),
    }
    return render(request, "campaigns/campaign_list.html", context)


@require(may_launch)
@require_http_methods(["GET", "POST"])
def campaign_create_view(request: SignedInRequest) -> HttpResponse:
    """Begin a campaign: its plan. `?segment=` chooses the segment beforehand."""
    start = Campaign(segment=Segment.objects.active().filter(public_id=request.GET.get("segment", "")).first())
    form = PlanForm(request.POST or None, instance=start)
    if request.method == "POST" and form.is_valid():
        campaign = campaign_create(**form.cleaned_data, actor=request.user)
        toast(request, _("The campaign is begun. Go on with the next step whenever you like."))
        return redirect("campaign_create", public_id=campaign.public_id)
    return render(request, "campaigns/campaign_new.html", {"form": form})


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
    toast(request, _("“%(name)s” was archived.") % {"name": campaign.name}, undo=undo)
    return redirect("campaign_list")


@require(may_launch)
@require_POST
def campaign_restore(request: SignedInRequest, public_id: str) -> HttpResponse:
    campaign = campaign_archive(campaign=campaign_of(request, public_id), actor=request.user, archived=False)
    toast(request, _("“%(name)s” is back.") % {"name": campaign.name})
    return redirect("campaign_detail", public_id=public_id)


@require(may_launch)
@require_POST
def campaign_duplicate_view(request: SignedInRequest, public_id: str) -> HttpResponse:
    copy = campaign_duplicate(campaign=campaign_of(request, public_id), actor=request.user)
    toast(request, _("This is the next campaign. What won is variant A; change B to try something new."))
    return redirect("campaign_plan", public_id=copy.public_id)
