"""Notes and calls in the timeline of a contact."""

from datetime import datetime

from accounts.people.models import User
from crm.activities.models import Note
from crm.contacts.models import Contact
from crm.contacts.registries import TimelineEvent
from crm.contacts.timeline import rows_before


def note_events(contact: Contact, user: User, before: datetime | None, limit: int) -> list[TimelineEvent]:
    icons = {Note.Kind.CALL: "phone", Note.Kind.MEETING: "calendar", Note.Kind.NOTE: "note"}
    return [
        TimelineEvent(
            at=note.at,
            key=f"note{note.pk}",
            title=note.get_kind_display(),
            text=note.text,
            icon=icons[Note.Kind(note.kind)],
            actor=str(note.author or ""),
        )
        for note in rows_before(Note.objects.filter(contact=contact).select_related("author"), "at", before, limit)
    ]
