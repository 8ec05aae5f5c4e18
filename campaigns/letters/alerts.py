"""Letters that need a decision: stopped by the system, stalled, or kept from starting."""

from collections.abc import Iterator

from django.urls import reverse
from django.utils.translation import gettext as _

from accounts.access import is_marketer
from accounts.people.models import User
from campaigns.content.subject_preview import subject_preview
from campaigns.letters.models import Letter
from core.ui.alerts import Alert, Urgency
from delivery.sends.models import Send
from delivery.sends.stalled import is_stalled, stalled_reason, stalled_since


def letter_alerts(user: User) -> Iterator[Alert]:
    """Stopped and stalled letters: everybody's for who runs campaigns, their own for a salesperson, to whom also comes
    back what was refused as it was to start."""
    if not (is_marketer(user) or user.is_salesperson):
        return
    own, letters = user.is_salesperson, Letter.objects.visible_to(user).select_related("send", "author")
    for letter in letters.filter(send__state=Send.State.STOPPED).order_by("pk")[:3]:
        title = _("Your letter “%(subject)s” was stopped") if own else _("A letter by %(author)s was stopped")
        yield _letter(letter, title, letter.send.state_reason)
    refused = letters.filter(send__state=Send.State.DRAFT).exclude(send__state_reason="")
    for letter in refused.order_by("pk")[:3] if own else ():
        yield _letter(letter, _("Your letter “%(subject)s” was not sent"), letter.send.state_reason)
    running = letters.filter(send__state=Send.State.SENDING, send__launched_at__lt=stalled_since())
    for letter in running.filter(is_stalled()).order_by("pk")[:3]:
        title = _("Your letter “%(subject)s” is delayed") if own else _("A letter by %(author)s is delayed")
        yield _letter(letter, title, letter.send.state_reason or stalled_reason())


def _letter(letter: Letter, title: str, text: str) -> Alert:
    subject = letter.send.variants.get(label="A").subject
    title %= {"subject": subject_preview(subject), "author": letter.author}
    url = reverse("letter_detail", kwargs={"public_id": letter.public_id})
    return Alert(title, text, _("View letter"), url, Urgency.BROKEN, "mail-exclamation")
