"""Sends that need a decision: stopped by the system, stalled, or with recipients of whom nothing is known."""

from collections.abc import Iterator
from datetime import datetime, timedelta
from zoneinfo import ZoneInfo

from django.db.models import Exists, OuterRef
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _

from accounts.access import is_marketer
from accounts.people.models import User
from campaigns.bounces.guard import warning_of
from campaigns.deliverability.words import worst_sentence
from campaigns.models.authoring import Campaign, Letter
from campaigns.models.bounces import BounceMailbox, FeedbackAlarm
from campaigns.models.domains import SendingDomain
from campaigns.models.sends import Batch, Send
from campaigns.templatetags.campaign_tags import spoken
from core.ui.alerts import Alert, Urgency
from core.ui.dates import short_date

STALLED_AFTER = timedelta(minutes=5)
ALARMING_FOR = timedelta(days=7)
UNREAD_AFTER = timedelta(minutes=30)


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
    running = active.filter(send__state=Send.State.SENDING, send__launched_at__lt=_limit())
    for campaign in running.filter(_is_still())[:5]:
        title = _("“%(name)s” is not getting on") % {"name": campaign.name}
        yield _alert(campaign, title, campaign.send.state_reason or _nobody_works())


def letter_alerts(user: User) -> Iterator[Alert]:
    """Stopped and stalled letters: everybody's for who runs campaigns, their own for a salesperson, to whom also comes
    back what was refused as it was to start."""
    if not (is_marketer(user) or user.is_salesperson):
        return
    own, letters = user.is_salesperson, Letter.objects.visible_to(user).select_related("send", "author")
    for letter in letters.filter(send__state=Send.State.STOPPED).order_by("pk")[:3]:
        title = _("Your letter “%(subject)s” was stopped") if own else _("A letter by %(author)s was stopped")
        yield _letter(letter, title, letter.send.state_reason)
    refused = letters.filter(send__state=Send.State.DRAFT).exclude(send__state_reason="")
    for letter in refused.order_by("pk")[:3] if own else ():
        yield _letter(letter, _("Your letter “%(subject)s” did not leave"), letter.send.state_reason)
    running = letters.filter(send__state=Send.State.SENDING, send__launched_at__lt=_limit())
    for letter in running.filter(_is_still()).order_by("pk")[:3]:
        title = _("Your letter “%(subject)s” waits") if own else _("A letter by %(author)s is not getting on")
        yield _letter(letter, title, letter.send.state_reason or _nobody_works())


def feedback_alerts(user: User) -> Iterator[Alert]:
    """Campaigns of the last days that many complained about, or whose list holds many dead addresses; and bounce
    mailboxes that cannot be read."""
    if not is_marketer(user):
        return
    recent = FeedbackAlarm.objects.filter(level=FeedbackAlarm.Level.WARN, at__gt=timezone.now() - ALARMING_FOR)
    running = recent.exclude(send__state=Send.State.STOPPED).filter(
        send__kind=Send.Kind.CAMPAIGN, send__campaign__archived_at=None
    )
    for alarm in running.select_related("send__campaign")[:3]:
        title = _("“%(name)s” comes back more than it should") % {"name": alarm.send.campaign.name}
        yield _alert(alarm.send.campaign, title, warning_of(alarm))
    long_ago = timezone.now() - UNREAD_AFTER
    for mailbox in BounceMailbox.objects.active().filter(failing_since__lt=long_ago)[:3]:
        title = _("The bounce mailbox “%(name)s” cannot be read") % {"name": mailbox.name}
        url = reverse("bounce_setup")
        yield Alert(title, mailbox.error, _("Look at the mailbox"), url, Urgency.OVERDUE, "mailbox-off")


def domain_alerts(user: User) -> Iterator[Alert]:
    """Sending domains that were well and are not any more, for those who may do something about them."""
    if not is_marketer(user):
        return
    for domain in SendingDomain.objects.broken()[:3]:
        yield Alert(
            _("%(domain)s is not in order any more") % {"domain": domain.name},
            worst_sentence(domain.findings, domain.level),
            _("Look at the domain"),
            reverse("domain_detail", kwargs={"pk": domain.pk}),
            Urgency.BROKEN,
            "world-exclamation",
        )


def _is_still() -> Exists:
    """A batch has been due for a while."""
    return Exists(Batch.objects.filter(send=OuterRef("send"), state=Batch.State.READY, due_at__lt=_limit()).filter(
        ~Exists(Batch.objects.filter(send=OuterRef("send"), done_at__gt=_limit()))
    ))  # fmt: skip


def _limit() -> datetime:
    return timezone.now() - STALLED_AFTER


def _late(campaign: Campaign) -> Alert:
    """Its time has passed: start it now, give it another time, or cancel it."""
    url = reverse("campaign_send", kwargs={"public_id": campaign.public_id})
    send = campaign.send
    text = _(
        "It was to leave on %(time)s (%(zone)s), and the system was not running. Nothing is sent until you decide."
    )
    zone = send.scheduled_zone or "UTC"
    there = timezone.localtime(send.scheduled_at or timezone.now(), ZoneInfo(zone))
    return Alert(
        _("“%(name)s” is too late to start by itself") % {"name": campaign.name},
        text % {"time": f"{short_date(there)}, {there:%H:%M}", "zone": zone},
        _("Start it now…"),
        f"{url}#launch",
        Urgency.BROKEN,
        "clock-exclamation",
        others=((_("Another time…"), f"{url}?when=later#launch"), (_("Cancel it…"), f"{url}#cancel")),
    )


def _held(campaign: Campaign) -> Alert:
    """Judged again as it was to start, and refused: mend what is amiss, then start it, or cancel it."""
    url = reverse("campaign_send", kwargs={"public_id": campaign.public_id})
    return Alert(
        _("“%(name)s” did not start") % {"name": campaign.name},
        campaign.send.state_reason,
        _("See what to do"),
        f"{url}#held",
        Urgency.BROKEN,
        "mail-pause",
        others=((_("Cancel it…"), f"{url}#cancel"),),
    )


def _nobody_works() -> str:
    return _("Batches are due and no worker has taken one for five minutes.")


def _letter(letter: Letter, title: str, text: str) -> Alert:
    subject = letter.send.variants.get(label="A").subject
    title %= {"subject": spoken(subject), "author": letter.author}
    url = reverse("letter_detail", kwargs={"public_id": letter.public_id})
    return Alert(title, text, _("Look at the letter"), url, Urgency.BROKEN, "mail-exclamation")


def _alert(campaign: Campaign, title: str, text: str) -> Alert:
    url = reverse("campaign_monitor", kwargs={"public_id": campaign.public_id})
    return Alert(title, text, _("Look at the campaign"), url, Urgency.BROKEN, "mail-exclamation")
