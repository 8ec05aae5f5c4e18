"""Writing down what was said."""

from datetime import datetime

from django.db import transaction
from django.db.models import Q
from django.utils import timezone
from django.utils.translation import gettext as _

from accounts.audit.services import audit_record
from accounts.people.models import User
from core.errors import DomainError
from crm.activities.models import Note
from crm.contacts.models import Contact


@transaction.atomic
def note_add(*, contact: Contact, kind: str, text: str, actor: User, at: datetime | None = None) -> Note:
    """A remark about a contact, or a call or meeting with them; the latter two count as having contacted them.

    Raises DomainError `note_empty`.
    """
    if not text.strip():
        raise DomainError(_("Enter a text."), code="note_empty", fields={"text": _("Enter a text.")})
    moment = at or timezone.now()
    note = Note.objects.create(contact=contact, kind=kind, text=text.strip(), author=actor, at=moment)
    if kind != Note.Kind.NOTE:
        never_or_before = Q(last_contacted_at=None) | Q(last_contacted_at__lt=moment)
        Contact.objects.filter(never_or_before, pk=contact.pk).update(last_contacted_at=moment)
    audit_record(actor=actor, action="note_add", subject=contact)
    return note
