"""Campaigns that need a decision: stopped by the system, stalled, kept from starting, or coming back too much."""

from collections.abc import Iterator
from datetime import timedelta
from zoneinfo import ZoneInfo

from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _

from accounts.access import is_marketer
from accounts.people.models import User
from campaigns.campaigns.models import Campaign
from core.ui.alerts import Alert, Urgency
from core.ui.dates import short_date
from delivery.feedback.models import FeedbackAlarm
from delivery.feedback.thresholds import warning_of
from delivery.sends.models import Send
from delivery.sends.stalled import is_stalled, stalled_reason, stalled_since

ALARMING_FOR = timedelta(days=7)


def send_alerts(user: User) -> Iterator[Alert]:
    """Stopped and stalled campaigns, for those who may do something about them."""
    if not is_marketer(user):
        return
    active = Campaign.objects.active().select_related("send")
    for campaign in active.filter(send__state=Send.State.STOPPED)[:5]:
        title = _("“%(name)s” was stopped") % {"name": campaign.name}
        yield _alert(campaign, title, campaign.send.state_reason)
    for campaign in active.filter(send__state=Send.State.HELD)[:5]:
        yield _held(campaign)
    for campaign in active.filter(send__state=Send.State.LATE).order_by("send__scheduled_at")[:5]:
        yield _late(campaign)
    running = active.filter(send__state=Send.State.SENDING, send__launched_at__lt=stalled_since())
    for campaign in running.filter(is_stalled())[:5]:
        title = _("“%(name)s” is delayed") % {"name": campaign.name}
        yield _alert(campaign, title, campaign.send.state_reason or stalled_reason())


def feedback_alerts(user: User) -> Iterator[Alert]:
    """Campaigns of the last days that many complained about, or whose list holds many dead addresses."""
    if not is_marketer(user):
        return
    recent = FeedbackAlarm.objects.filter(level=FeedbackAlarm.Level.WARN, at__gt=timezone.now() - ALARMING_FOR)
    running = recent.exclude(send__state=Send.State.STOPPED).filter(
        send__kind=Send.Kind.CAMPAIGN, send__campaign__archived_at=None
    )
    for alarm in running.select_related("send__campaign")[:3]:
        title = _("“%(name)s” has a high bounce or complaint rate") % {"name": alarm.send.campaign.name}
        yield _alert(alarm.send.campaign, title, warning_of(alarm))


def _late(campaign: Campaign) -> Alert:
    """Its time has passed: start it now, give it another time, or cancel it."""
    url = reverse("campaign_send", kwargs={"public_id": campaign.public_id})
    send = campaign.send
    text = _("Scheduled for %(time)s (%(zone)s), but the system was not running. Nothing is sent until you decide.")
    zone = send.scheduled_zone or "UTC"
    there = timezone.localtime(send.scheduled_at or timezone.now(), ZoneInfo(zone))
    return Alert(
        _("“%(name)s” missed its scheduled start") % {"name": campaign.name},
        text % {"time": f"{short_date(there)}, {there:%H:%M}", "zone": zone},
        _("Start now…"),
        f"{url}#launch",
        Urgency.BROKEN,
        "clock-exclamation",
        others=((_("Reschedule…"), f"{url}?when=later#launch"), (_("Cancel campaign…"), f"{url}#cancel")),
    )


def _held(campaign: Campaign) -> Alert:
    """Checked again at its start and refused: the problem is corrected, then it is started, or it is cancelled."""
    url = reverse("campaign_send", kwargs={"public_id": campaign.public_id})
    return Alert(
        _("“%(name)s” did not start") % {"name": campaign.name},
        campaign.send.state_reason,
        _("See what to do"),
        f"{url}#held",
        Urgency.BROKEN,
        "mail-pause",
        others=((_("Cancel campaign…"), f"{url}#cancel"),),
    )


def _alert(campaign: Campaign, title: str, text: str) -> Alert:
    url = reverse("campaign_monitor", kwargs={"public_id": campaign.public_id})
    return Alert(title, text, _("View campaign"), url, Urgency.BROKEN, "mail-exclamation")
