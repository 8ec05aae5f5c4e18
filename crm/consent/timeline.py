"""Consent in the timeline of a contact."""

from datetime import datetime

from django.utils.translation import gettext as _

from accounts.people.models import User
from crm.consent.models import Consent
from crm.consent.suppression_sources import source_text
from crm.contacts.models import Contact
from crm.contacts.registries import TimelineEvent
from crm.contacts.timeline import rows_before


def consent_events(contact: Contact, user: User, before: datetime | None, limit: int) -> list[TimelineEvent]:
    rows = Consent.objects.filter(contact=contact).select_related("topic", "actor")
    return [
        TimelineEvent(
            at=record.at,
            key=f"consent{record.pk}",
            title=(_("Consent given: %(topic)s") if record.given else _("Consent withdrawn: %(topic)s"))
            % {"topic": _(record.topic.name)},
            text=" · ".join(word for word in (str(record.get_channel_display()), source_text(record.source)) if word),
            icon="circle-check" if record.given else "circle-x",
            actor=str(record.actor or ""),
        )
        for record in rows_before(rows, "at", before, limit)
    ]
