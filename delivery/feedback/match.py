"""Whose message came back: from the proofs every mail of ours carries, or from the address it was sent to.

A proof is something nobody else can make up: the unsubscribe link's token, the token in the envelope sender, or our
Message-ID together with the address. An address alone is a good guess where something was sent to it not long ago, and
is taken for one from a provider who has shown who it is. Anybody can write to a mailbox: there it proves nothing.
"""

import re
from dataclasses import dataclass
from datetime import datetime, timedelta

from django.core.exceptions import ValidationError
from django.utils import timezone

from crm.contacts.email_addresses import address_hash, normalize_address
from crm.contacts.models import Contact
from delivery.engine.tokens import Recipient, bounce_token_read, message_id, token_read
from delivery.feedback.models import Bounce
from delivery.feedback.report import Report
from delivery.sends.models import Delivery, Send

TOKEN = re.compile(r"/u/([A-Za-z0-9_-]{28})(?![A-Za-z0-9_-])")
ENVELOPE = re.compile(r"\+([a-z2-7]{31})@", re.IGNORECASE)
MESSAGE_ID = re.compile(r"(?<![0-9a-f])([0-9a-f]{1,8})\.([0-9a-f]{18})@([A-Za-z0-9.\-]{1,255})")
MAX_CANDIDATES = 20
RECENT = timedelta(days=14)
HANDED_OVER = (Delivery.State.SENT, Delivery.State.UNKNOWN, Delivery.State.FAILED)


@dataclass(frozen=True)
class Match:
    """The recipient a report is about; `by` is "token", "envelope", "message_id", "address" or "" for none.

    `address` is where the message went, which is what gets suppressed: a report may name another (a forwarding).
    """

    send_id: int | None = None
    contact_id: int | None = None
    variant_id: int | None = None
    address: str = ""
    hash: str = ""
    by: str = ""


def match(report: Report) -> Match:
    """The recipient, as sure as can be."""
    address = _normalized(report.address)
    for by, recipient in _proofs(report.text, address):
        row = _ledger_row(recipient.send_id, recipient.contact_id)
        if row is not None:
            return _matched(row, by)
    if not address:
        return Match()
    if report.source != Bounce.Source.MAILBOX:
        row = _recently_sent(address, report.at or timezone.now())
        if row is not None:
            return _matched(row, "address")
    contact = Contact.objects.filter(email_normalized=address).values_list("pk", flat=True).first()
    return Match(contact_id=contact, address=address, hash=address_hash(address))


def _proofs(text: str, address: str) -> list[tuple[str, Recipient]]:
    """Candidates whose signature holds, the surest first."""
    found: list[tuple[str, Recipient]] = []
    for token in dict.fromkeys(TOKEN.findall(text)[:MAX_CANDIDATES]):
        recipient = token_read("unsub", token)
        if recipient is not None:
            found.append(("token", recipient))
    for token in dict.fromkeys(ENVELOPE.findall(text)[:MAX_CANDIDATES]):
        recipient = bounce_token_read(token)
        if recipient is not None:
            found.append(("envelope", recipient))
    if address:
        found += [("message_id", recipient) for recipient in _by_message_id(text, address)]
    return found


def _by_message_id(text: str, address: str) -> list[Recipient]:
    """Our Message-ID names the send; that it is this address's is proven by making it again."""
    candidates = list(dict.fromkeys(MESSAGE_ID.findall(text)))[:MAX_CANDIDATES]
    sends = {int(number, 16) for number, _signature, _domain in candidates}
    known = set(Send.objects.filter(pk__in=[number for number in sends if number < 2**31]).values_list("pk", flat=True))
    found = []
    for number, signature, domain in candidates:
        send_id = int(number, 16)
        found += [
            Recipient(send_id, contact_id)
            for contact_id in (_contacts(send_id, address) if send_id in known else ())
            if message_id(send_id, contact_id, domain) == f"<{number}.{signature}@{domain}>"
        ]
    return found


def _contacts(send_id: int, address: str) -> list[int]:
    """Who has the address now, or had it when the send was frozen."""
    now = list(Contact.objects.filter(email_normalized=address).values_list("pk", flat=True))
    return now or list(
        Delivery.objects.filter(send_id=send_id, address=address).values_list("contact_id", flat=True)[:2]
    )


def _ledger_row(send_id: int, contact_id: int) -> Delivery | None:
    return Delivery.objects.filter(send_id=send_id, contact_id=contact_id).first()


def _recently_sent(address: str, at: datetime) -> Delivery | None:
    """The newest message sent to this address before the report."""
    contact = Contact.objects.filter(email_normalized=address).values_list("pk", flat=True).first()
    if contact is None:
        return None
    window = (at - RECENT, at + timedelta(minutes=5))
    rows = Delivery.objects.filter(contact_id=contact, address=address, state__in=HANDED_OVER, changed_at__range=window)
    return rows.order_by("-changed_at").first()


def _matched(row: Delivery, by: str) -> Match:
    contact = Contact.objects.filter(pk=row.contact_id).values_list("pk", flat=True).first()
    hashed = address_hash(row.address) if row.address else ""
    return Match(row.send_id, contact, row.variant_id, row.address, hashed, by)


def _normalized(address: str) -> str:
    try:
        return normalize_address(address) if address else ""
    except ValidationError:
        return ""
