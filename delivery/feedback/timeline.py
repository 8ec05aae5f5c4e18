"""What the timeline of a contact says about what came back from their address."""

from datetime import datetime

from django.urls import reverse
from django.utils.translation import gettext as _

from accounts.people.models import User
from crm.contacts.models import Contact
from crm.contacts.registries import TimelineEvent
from delivery.feedback.models import Bounce
from delivery.feedback.smtp_reply_text import reply_explained
from delivery.sends.authors import authors_related, send_name
from delivery.sends.models import Send


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
        for bounce in rows.select_related("send", *authors_related("send__")).order_by("-at", "-pk")[:limit]
    ]


def _heard(bounce: Bounce) -> tuple[str, str]:
    """What the report says in words, where its kind leaves that open, and the server's own."""
    raw = bounce.diagnostic[:120] if bounce.code in bounce.diagnostic else f"{bounce.code} {bounce.diagnostic[:120]}"
    kinds = {Bounce.Kind.SOFT, Bounce.Kind.BLOCK}
    return (reply_explained(None, f"{bounce.code} {bounce.diagnostic}") if bounce.kind in kinds else "", raw.strip())


def _came_back(bounce: Bounce) -> str:
    return {
        Bounce.Kind.HARD: _("%(name)s bounced: the address does not exist"),
        Bounce.Kind.SOFT: _("%(name)s bounced: the mailbox is temporarily unavailable"),
        Bounce.Kind.BLOCK: _("%(name)s was rejected as spam"),
    }.get(Bounce.Kind(bounce.kind), _("Marked %(name)s as spam"))


def _mailing(send: Send | None) -> str:
    name = send_name(send) if send is not None else ""
    return _("“%(name)s”") % {"name": name} if name else _("A message")
