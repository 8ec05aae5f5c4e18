"""Steps in the life cycle of a contact, each with its cause."""

from datetime import datetime

from crm.channels.models import Channel
from crm.contacts.models import Contact, StageChange


def become_lead(contact: Contact, channel: Channel, *, at: datetime) -> None:
    moved = Contact.objects.filter(pk=contact.pk, stage=Contact.Stage.SUBSCRIBER).update(
        stage=Contact.Stage.LEAD, stage_since=at
    )
    if moved:
        StageChange.objects.create(
            contact=contact,
            before=Contact.Stage.SUBSCRIBER,
            after=Contact.Stage.LEAD,
            reason=f"lead:{channel.code}",
            at=at,
        )
