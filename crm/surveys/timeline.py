"""NPS answers in the timeline of a contact."""

from datetime import datetime

from django.utils.translation import gettext as _

from accounts.people.models import User
from crm.contacts.models import Contact
from crm.contacts.registries import TimelineEvent
from crm.contacts.timeline import rows_before
from crm.surveys.models import NpsAnswer


def answer_events(contact: Contact, user: User, before: datetime | None, limit: int) -> list[TimelineEvent]:
    rows = NpsAnswer.objects.visible_to(user).filter(contact=contact)
    return [
        TimelineEvent(
            at=answer.answered_at,
            key=f"nps{answer.pk}",
            title=_("NPS answer: %(score)s of 10") % {"score": answer.score},
            text=answer.comment,
            icon="message-star",
            tone="good" if answer.score >= 9 else "bad" if answer.score <= 6 else "",
        )
        for answer in rows_before(rows, "answered_at", before, limit)
    ]
