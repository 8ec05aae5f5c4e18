"""What the timeline of a contact says about mail: what they received in which arm, and what they did with it."""

from datetime import datetime

from django.urls import reverse
from django.utils.translation import gettext as _

from accounts.people.models import User
from campaigns.ledger import why_not
from campaigns.models.authoring import Campaign, Letter
from campaigns.models.bounces import Bounce
from campaigns.models.sends import Delivery, Send
from campaigns.queries import Received, delivery_for_contact
from campaigns.replies import reply_as_said, reply_in_words
from crm.contacts.models import Contact
from crm.contacts.registries import TimelineEvent

State = Delivery.State
MOST_LINKS = 3


def mail_events(contact: Contact, user: User, before: datetime | None, limit: int) -> list[TimelineEvent]:
    """Newest first; a salesperson sees that a campaign arrived, but may open only letters of their own."""
    return [_event(received, user) for received in delivery_for_contact(contact.pk, before=before, limit=limit)]


def bounce_events(contact: Contact, user: User, before: datetime | None, limit: int) -> list[TimelineEvent]:
    """What came back from this contact's address, the newest first; what the mail server refused at once stands with
    the mail itself."""
    rows = Bounce.objects.filter(contact=contact).exclude(source=Bounce.Source.SMTP)
    if before is not None:
        rows = rows.filter(at__lt=before)
    return [
        TimelineEvent(
            at=bounce.at,
            key=f"bounce{bounce.pk:012d}",
            title=_came_back(bounce) % {"name": _mailing(bounce.send)},
            text=" · ".join(part for part in _heard(bounce) if part),
            icon="mail-off",
            url="" if user.is_salesperson else reverse("bounce_detail", kwargs={"pk": bounce.pk}),
            tone="bad" if bounce.kind in {Bounce.Kind.HARD, Bounce.Kind.COMPLAINT} else "warn",
        )
        for bounce in rows.select_related("send__campaign").order_by("-at", "-pk")[:limit]
    ]


def _heard(bounce: Bounce) -> tuple[str, str]:
    """What the report says in words, where its kind leaves that open, and the server's own."""
    raw = bounce.diagnostic[:120] if bounce.code in bounce.diagnostic else f"{bounce.code} {bounce.diagnostic[:120]}"
    kinds = {Bounce.Kind.SOFT, Bounce.Kind.BLOCK}
    return (reply_in_words(None, f"{bounce.code} {bounce.diagnostic}") if bounce.kind in kinds else "", raw.strip())


def _came_back(bounce: Bounce) -> str:
    return {
        Bounce.Kind.HARD: _("%(name)s came back: the address does not exist"),
        Bounce.Kind.SOFT: _("%(name)s came back: the mailbox does not take mail now"),
        Bounce.Kind.BLOCK: _("%(name)s was refused as unwanted"),
    }.get(Bounce.Kind(bounce.kind), _("Complained about %(name)s"))


def _mailing(send: Send | None) -> str:
    campaign: Campaign | None = getattr(send, "campaign", None)
    return _("“%(name)s”") % {"name": campaign.name} if campaign is not None else _("A message")


def _event(received: Received, user: User) -> TimelineEvent:
    state = received.delivery.state
    return TimelineEvent(
        at=received.at,
        key=f"mail{received.send.pk:012d}",
        title=_said(state, received.delivery.reason) % {"name": _name(received)},
        text=" · ".join(_done(received)),
        icon="mail" if state == State.SENT else "mail-off",
        url=_url(received.send, user),
        tone={State.FAILED: "bad", State.UNKNOWN: "warn"}.get(State(state), ""),
    )


def _said(state: str, reason: str) -> str:
    if state == State.SKIPPED:
        return {
            Delivery.Skip.NO_CONSENT: _("Did not get “%(name)s”: no consent"),
            Delivery.Skip.SUPPRESSED: _("Did not get “%(name)s”: nothing is sent to this address"),
            Delivery.Skip.CAPPED: _("Did not get “%(name)s”: had heard from us often enough"),
            Delivery.Skip.DUPLICATE: _("Did not get “%(name)s”: somebody else with this address did"),
            Delivery.Skip.NO_ADDRESS: _("Did not get “%(name)s”: no address"),
        }.get(Delivery.Skip(reason), _("Did not get “%(name)s”: it was cancelled"))
    return {
        State.SENT: _("Received “%(name)s”"),
        State.FAILED: _("“%(name)s” could not be delivered"),
        State.DEFERRED: _("“%(name)s” will be tried again"),
    }.get(State(state), _("It is not known whether “%(name)s” arrived"))


def _name(received: Received) -> str:
    campaign: Campaign | None = getattr(received.send, "campaign", None)
    if campaign is not None:
        return campaign.name
    variant = received.variant or received.send.variants.first()
    return variant.subject if variant else str(received.send)


def _done(received: Received) -> list[str]:
    words = []
    if received.variant and received.delivery.state == State.SENT:
        words.append(_("variant %(label)s") % {"label": received.variant.label})
    engagement = received.engagement
    if engagement and engagement.human_clicks:
        shown = [_where(url) for url in received.links[:MOST_LINKS]]
        words.append(_("clicked %(links)s") % {"links": ", ".join(shown)} if shown else _("clicked"))
        if len(received.links) > MOST_LINKS:
            words.append(_("and %(count)s more") % {"count": len(received.links) - MOST_LINKS})
    elif engagement and engagement.human_opens:
        words.append(_("opened"))
    if engagement and engagement.unsubscribed_at:
        words.append(_("unsubscribed"))
    if received.delivery.state == State.SENT and not received.send.is_tracked:
        words.append(_("sent without recording who opens or clicks"))
    if received.delivery.state in {State.FAILED, State.DEFERRED, State.UNKNOWN}:
        delivery = received.delivery
        words += [why_not(delivery), reply_as_said(delivery.smtp_code, delivery.smtp_reply)]
    return [word for word in words if word]


def _where(url: str) -> str:
    """An address as people say it: site and path, no tags."""
    return url.split("://", 1)[-1].split("?", 1)[0].split("#", 1)[0].rstrip("/")


def _url(send: Send, user: User) -> str:
    campaign: Campaign | None = getattr(send, "campaign", None)
    if campaign is not None:
        return "" if user.is_salesperson else reverse("campaign_detail", kwargs={"public_id": campaign.public_id})
    letter: Letter | None = getattr(send, "letter", None)
    if letter is None or (user.is_salesperson and letter.author_id != user.pk):
        return ""
    return reverse("letter_detail", kwargs={"public_id": letter.public_id})
