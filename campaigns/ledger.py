"""The ledger in words: one line per recipient with the person behind it."""

from dataclasses import dataclass

from django.utils.translation import gettext as _

from campaigns.models import Bounce, Delivery, Engagement, Send
from crm.models import Contact


@dataclass(frozen=True)
class LedgerLine:
    """One recipient of one send: `why` is the reason in words; `contact` is None once erased; `came_back` is the
    gravest report heard afterwards."""

    delivery: Delivery
    contact: Contact | None
    variant: str
    engagement: Engagement | None
    why: str
    came_back: Bounce | None = None

    @property
    def tone(self) -> str:
        return {
            Delivery.State.SENT: "good",
            Delivery.State.FAILED: "bad",
            Delivery.State.UNKNOWN: "warn",
            Delivery.State.DEFERRED: "warn",
        }.get(Delivery.State(self.delivery.state), "")


def ledger_lines(send: Send, rows: list[Delivery]) -> list[LedgerLine]:
    """Five queries for a page of the ledger, whatever its size."""
    ids = [row.contact_id for row in rows]
    people = Contact.objects.in_bulk(ids)
    labels = dict(send.variants.values_list("pk", "label"))
    engaged = {row.contact_id: row for row in Engagement.objects.filter(send_id=send.pk, contact_id__in=ids)}
    returned = came_back(send.pk, ids)
    return [
        LedgerLine(
            row,
            people.get(row.contact_id),
            labels.get(row.variant_id or 0, ""),
            engaged.get(row.contact_id),
            reason_label(row.reason) if row.reason else _reply(row),
            returned.get(row.contact_id),
        )
        for row in rows
    ]


GRAVITY = (Bounce.Kind.BLOCK, Bounce.Kind.SOFT, Bounce.Kind.HARD, Bounce.Kind.COMPLAINT)


def came_back(send_id: int, contact_ids: list[int]) -> dict[int, Bounce]:
    """The gravest report on the message to each of these contacts; what the engine was told stands in the ledger."""
    rows = Bounce.objects.of_send(send_id).filter(contact_id__in=contact_ids).exclude(source=Bounce.Source.SMTP)
    graver = sorted(rows, key=lambda bounce: GRAVITY.index(Bounce.Kind(bounce.kind)))
    return {bounce.contact_id: bounce for bounce in graver if bounce.contact_id is not None}


def reason_label(reason: str) -> str:
    """Why somebody was left out, in words."""
    known = dict(Delivery.Skip.choices)
    return str(known.get(reason, reason))


def _reply(row: Delivery) -> str:
    if row.smtp_code is None or row.state == Delivery.State.SENT:
        return ""
    return _("The mail server said: %(code)s %(reply)s") % {"code": row.smtp_code, "reply": row.smtp_reply}
