"""Launching a letter, and what of its recipients keeps it from leaving."""

from collections.abc import Iterator

from django.utils.translation import gettext as _

from accounts.people.models import User
from campaigns.letters.models import Letter
from core.errors import DomainError
from crm.contacts.models import Contact
from delivery.sends.authors import Problem
from delivery.sends.launch import send_launch


def recipient_problems(letter: Letter) -> Iterator[Problem]:
    """Somebody to write to, and nobody who is not the author's customer."""
    wanted = set(letter.recipients)
    if not wanted:
        yield Problem("recipients_missing", _("Choose the recipients of the letter."), "recipients")
        return
    mine = Contact.objects.visible_to(letter.author).filter(pk__in=wanted).count()
    if mine != len(wanted):
        yield Problem(
            "contact_not_yours",
            _("You are no longer the owner of some of these contacts. Check the recipients."),
            "recipients",
        )


def letter_launch(*, letter: Letter, actor: User, expected: int | None = None) -> Letter:
    """Send a letter now; only its author may. See `send_launch`."""
    if letter.author_id != actor.pk:
        raise DomainError(_("Only its author can send a letter."), code="letter_not_yours")
    letter.send = send_launch(send=letter.send, actor=actor, expected=expected)
    return letter
