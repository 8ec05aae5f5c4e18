"""One tap on My day: done, later, called."""

from datetime import timedelta

from django.db import transaction
from django.db.models.functions import Greatest
from django.utils import timezone
from django.utils.translation import gettext as _

from accounts.people.models import User
from core.errors import DomainError
from crm.activities.models import FollowUp, Note
from crm.contacts.models import Contact

LATER_DAYS = (1, 7, 30)


@transaction.atomic
def followup_done(*, contact: Contact, owner: User, reason: str) -> FollowUp:
    """The salesperson has dealt with this customer; they count as contacted now."""
    followup = _closed(contact, owner, reason)
    contact_mark_contacted(contact=contact)
    return followup


@transaction.atomic
def followup_later(*, contact: Contact, owner: User, reason: str, days: int) -> FollowUp:
    """Put a customer off for some days; putting off again moves the day. Raises `days_unknown`."""
    if days not in LATER_DAYS:
        raise DomainError(_("Choose tomorrow, in a week, or in a month."), code="days_unknown")
    due_on = timezone.localdate() + timedelta(days=days)
    followup, _made = FollowUp.objects.update_or_create(
        contact=contact, owner=owner, done_at=None, defaults={"due_on": due_on, "reason": _known_reason(reason)}
    )
    return followup


@transaction.atomic
def call_log(*, contact: Contact, author: User, text: str, reason: str) -> Note:
    """Note a call with a customer; it closes what was open about them and counts as a contact."""
    note = Note.objects.create(contact=contact, kind=Note.Kind.CALL, text=text.strip(), author=author)
    _closed(contact, author, reason)
    contact_mark_contacted(contact=contact)
    return note


def contact_mark_contacted(*, contact: Contact) -> None:
    """Somebody of the company has been in touch with this customer now."""
    now = timezone.now()
    Contact.objects.filter(pk=contact.pk).update(last_contacted_at=Greatest("last_contacted_at", now))


def _closed(contact: Contact, owner: User, reason: str) -> FollowUp:
    now = timezone.now()
    open_rows = FollowUp.objects.open().filter(contact=contact, owner=owner)
    if open_rows.update(done_at=now):
        return FollowUp.objects.filter(contact=contact, owner=owner, done_at=now).latest("pk")
    return FollowUp.objects.create(
        contact=contact, owner=owner, due_on=timezone.localdate(), reason=_known_reason(reason), done_at=now
    )


def _known_reason(reason: str) -> str:
    return reason if reason in FollowUp.Reason.values else FollowUp.Reason.PLANNED
