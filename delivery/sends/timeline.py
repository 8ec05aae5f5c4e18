"""What the timeline of a contact says about mail: what they received in which arm, and what they did with it."""

from datetime import datetime

from django.utils.translation import gettext as _

from accounts.people.models import User
from crm.contacts.models import Contact
from crm.contacts.registries import TimelineEvent
from delivery.feedback.smtp_reply_text import reply_quoted
from delivery.sends.authors import author_of, send_name
from delivery.sends.models import Delivery
from delivery.sends.queries import Received, delivery_for_contact
from delivery.sends.recipients_table import not_delivered_reason

State = Delivery.State
MAX_LINKS = 3


def mail_events(contact: Contact, user: User, before: datetime | None, limit: int) -> list[TimelineEvent]:
    """Newest first; a salesperson sees that a campaign arrived, but may open only letters of their own."""
    return [_event(received, user) for received in delivery_for_contact(contact.pk, before=before, limit=limit)]


def _event(received: Received, user: User) -> TimelineEvent:
    state = received.delivery.state
    return TimelineEvent(
        at=received.at,
        key=f"mail{received.send.pk:012d}",
        title=_said(state, received.delivery.reason) % {"name": _name(received)},
        text=" · ".join(_done(received)),
        icon="mail" if state == State.SENT else "mail-off",
        url=author_of(received.send).url(received.send, user),
        tone={State.FAILED: "bad", State.UNKNOWN: "warn"}.get(State(state), ""),
    )


def _said(state: str, reason: str) -> str:
    if state == State.SKIPPED:
        return {
            Delivery.Skip.NO_CONSENT: _("“%(name)s” was not sent: no consent"),
            Delivery.Skip.SUPPRESSED: _("“%(name)s” was not sent: address suppressed"),
            Delivery.Skip.CAPPED: _("“%(name)s” was not sent: frequency cap reached"),
            Delivery.Skip.DUPLICATE: _(
                "“%(name)s” was not sent: another contact with this address received the message"
            ),
            Delivery.Skip.NO_ADDRESS: _("“%(name)s” was not sent: no e-mail address"),
        }.get(Delivery.Skip(reason), _("“%(name)s” was not sent: campaign cancelled"))
    return {
        State.SENT: _("Received “%(name)s”"),
        State.FAILED: _("“%(name)s” could not be delivered"),
        State.DEFERRED: _("“%(name)s”: retry scheduled"),
    }.get(State(state), _("Delivery of “%(name)s” unknown"))


def _name(received: Received) -> str:
    if name := send_name(received.send):
        return name
    variant = received.variant or received.send.variants.first()
    return variant.subject if variant else str(received.send)


def _done(received: Received) -> list[str]:
    words = []
    if received.variant and received.delivery.state == State.SENT:
        words.append(_("variant %(label)s") % {"label": received.variant.label})
    engagement = received.engagement
    if engagement and engagement.human_clicks:
        shown = [_where(url) for url in received.links[:MAX_LINKS]]
        words.append(_("clicked %(links)s") % {"links": ", ".join(shown)} if shown else _("clicked"))
        if len(received.links) > MAX_LINKS:
            words.append(_("and %(count)s more") % {"count": len(received.links) - MAX_LINKS})
    elif engagement and engagement.human_opens:
        words.append(_("opened"))
    if engagement and engagement.unsubscribed_at:
        words.append(_("unsubscribed"))
    if received.delivery.state == State.SENT and not received.send.is_tracked:
        words.append(_("sent without tracking of opens and clicks"))
    if received.delivery.state in {State.FAILED, State.DEFERRED, State.UNKNOWN}:
        delivery = received.delivery
        words += [not_delivered_reason(delivery), reply_quoted(delivery.smtp_code, delivery.smtp_reply)]
    return [word for word in words if word]


def _where(url: str) -> str:
    """An address as people say it: site and path, no tags."""
    return url.split("://", 1)[-1].split("?", 1)[0].split("#", 1)[0].rstrip("/")
