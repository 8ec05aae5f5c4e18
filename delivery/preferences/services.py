"""What a contact decides about our mail, by the signed link in it: leave, choose, return. Consent is appended."""

from dataclasses import dataclass

from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext as _

from crm.consent.models import Consent, ConsentTopic, Suppression
from crm.consent.services import consent_record, suppression_add
from crm.contacts.models import Contact
from delivery.engine.tokens import Recipient, token_read
from delivery.preferences.models import MailPreference, UnsubscribeMail
from delivery.sends.channels import channel_of
from delivery.sends.models import Delivery, Send
from delivery.tracking.entries import entry_line, entry_new
from delivery.tracking.models import EventInbox


@dataclass(frozen=True)
class UnsubscribeRequest:
    """Somebody wrote to the address for leaving; `key` is the same each time the same mail comes in."""

    key: str
    send_id: int
    contact_id: int


SOURCE = "unsubscribe link"
MAIL_SOURCE = "unsubscribe mail"
CAPS = (1, 2, 4, 8)


@dataclass(frozen=True)
class Reader:
    """Who followed the link in which mail."""

    contact: Contact
    send: Send


@dataclass(frozen=True)
class Choice:
    """One subject and whether this contact hears about it now."""

    topic: ConsentTopic
    is_on: bool


def reader_of(token: str) -> Reader | None:
    """None when the token is not ours, or the contact or the send does not exist any more."""
    found = token_read("unsub", token)
    return _named(found) if found is not None else None


def _named(found: Recipient) -> Reader | None:
    contact = Contact.objects.filter(pk=found.contact_id).first()
    send = Send.objects.select_related("topic", "identity__brand").filter(pk=found.send_id).first()
    return Reader(contact, send) if contact is not None and send is not None else None


def is_test_message(token: str) -> bool:
    """Whether the link stands in a test message: it belongs to nobody who could leave."""
    found = token_read("unsub", token)
    return found is not None and found.is_test


def choices_of(reader: Reader) -> list[Choice]:
    """Every subject of the mail's brands, on or off as the engine would see it."""
    said = dict(
        Consent.objects.filter(contact=reader.contact, channel=Consent.Channel.EMAIL)
        .current()
        .values_list("topic_id", "given")
    )
    is_customer = reader.contact.first_order_at is not None
    topic = reader.send.topic
    brands = {channel_of(reader.send).brand(reader.send).pk, *([topic.brand_id] if topic else [])}
    topics = ConsentTopic.objects.filter(brand__in=brands, archived_at=None)
    return [Choice(topic, said.get(topic.pk, is_customer)) for topic in topics]


def is_off_entirely(reader: Reader) -> bool:
    return Suppression.objects.in_force().filter(address_hash=reader.contact.address_hash or "").exists()


@transaction.atomic
def mailto_unsubscribe(*, leaving: UnsubscribeRequest) -> bool:
    """Leave by a mail to the address for it, as by the link. False when that mail was read before, or names a test
    message or somebody who is not there any more."""
    reader = _named(Recipient(leaving.send_id, leaving.contact_id))
    if reader is None:
        return False
    kept = {"send": reader.send, "contact": reader.contact}
    if not UnsubscribeMail.objects.get_or_create(event_key=leaving.key, defaults=kept)[1]:
        return False
    reader_unsubscribe(reader=reader, source=MAIL_SOURCE)
    return True


@transaction.atomic
def reader_unsubscribe(*, reader: Reader, source: str = SOURCE) -> None:
    """Leave the subject this mail was about; all mail when it was about none. Any number of times is once."""
    topic = reader.send.topic
    if topic is None:
        reader_unsubscribe_all(reader=reader, source=source)
        return
    # Mail programs post again and at the same time: one after the other.
    Contact.objects.select_for_update().filter(pk=reader.contact.pk).first()
    if _newest(reader.contact, topic) is not False:
        consent_record(contact=reader.contact, topic=topic, given=False, source=source)
    _note(reader)


@transaction.atomic
def reader_unsubscribe_all(*, reader: Reader, source: str = SOURCE) -> None:
    """No mail of any kind any more."""
    if reader.contact.address_hash:
        suppression_add(reason=Suppression.Reason.UNSUBSCRIBED, source=source, hashed=reader.contact.address_hash)
    _note(reader)


@transaction.atomic
def reader_resubscribe(*, reader: Reader) -> None:
    """Take back leaving. An address that bounced, complained or was erased stays as it is."""
    Suppression.objects.in_force().filter(
        address_hash=reader.contact.address_hash, reason=Suppression.Reason.UNSUBSCRIBED
    ).update(lifted_at=timezone.now())
    topic = reader.send.topic
    if topic is not None and _newest(reader.contact, topic) is not True:
        consent_record(
            contact=reader.contact, topic=topic, given=True, source=SOURCE, wording=_("Keep sending me this")
        )


@transaction.atomic
def reader_choose(*, reader: Reader, topics: set[int], per_month: int | None) -> None:
    """Set which subjects to hear about, and how often at most; only what differs is written."""
    for choice in choices_of(reader):
        wanted = choice.topic.pk in topics
        if wanted != choice.is_on:
            consent_record(
                contact=reader.contact, topic=choice.topic, given=wanted, source="preference page",
                wording=choice.topic.name,
            )  # fmt: skip
    MailPreference.objects.update_or_create(contact=reader.contact, defaults={"per_month": per_month})
    if topics:
        Suppression.objects.in_force().filter(
            address_hash=reader.contact.address_hash, reason=Suppression.Reason.UNSUBSCRIBED
        ).update(lifted_at=timezone.now())


def _newest(contact: Contact, topic: ConsentTopic) -> bool | None:
    """The last word on a subject; None when nothing was ever said."""
    return (
        Consent.objects.filter(contact=contact, topic=topic, channel=Consent.Channel.EMAIL)
        .order_by("-at", "-pk")
        .values_list("given", flat=True)
        .first()
    )


def _note(reader: Reader) -> None:
    """An event for the send's figures; the first one per mail counts."""
    send_id, contact_id = reader.send.pk, reader.contact.pk
    if Delivery.objects.filter(send_id=send_id, contact_id=contact_id).exists():
        entry = entry_new("unsub", send_id, contact_id)
        EventInbox.objects.create(event_key=entry.key, entry=entry_line(entry))
