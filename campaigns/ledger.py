"""The ledger in words: one line per recipient with the person behind it."""

from dataclasses import dataclass

from django.utils.translation import gettext as _

from campaigns.models import Delivery, Engagement, Send
from crm.models import Contact


@dataclass(frozen=True)
class LedgerLine:
    """One recipient of one send: `why` is the reason in words; `contact` is None once erased."""

    delivery: Delivery
    contact: Contact | None
    variant: str
    engagement: Engagement | None
    why: str

    @property
    def tone(self) -> str:
        return {
            Delivery.State.SENT: "good",
            Delivery.State.FAILED: "bad",
            Delivery.State.UNKNOWN: "warn",
            Delivery.State.DEFERRED: "warn",
        }.get(Delivery.State(self.delivery.state), "")


def ledger_lines(send: Send, rows: list[Delivery]) -> list[LedgerLine]:
    """Four queries for a page of the ledger, whatever its size."""
    ids = [row.contact_id for row in rows]
    people = Contact.objects.in_bulk(ids)
    labels = dict(send.variants.values_list("pk", "label"))
    engaged = {row.contact_id: row for row in Engagement.objects.filter(send_id=send.pk, contact_id__in=ids)}
    return [
        LedgerLine(
            row,
            people.get(row.contact_id),
            labels.get(row.variant_id or 0, ""),
            engaged.get(row.contact_id),
            reason_label(row.reason) if row.reason else _reply(row),
        )
        for row in rows
    ]


def reason_label(reason: str) -> str:
    """Why somebody was left out, in words."""
    known = dict(Delivery.Skip.choices)
    return str(known.get(reason, reason))


def _reply(row: Delivery) -> str:
    if row.smtp_code is None or row.state == Delivery.State.SENT:
        return ""
    return _("The mail server said: %(code)s %(reply)s") % {"code": row.smtp_code, "reply": row.smtp_reply}
