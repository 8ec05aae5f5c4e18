"""Letters as an author of sends: their recipients, what keeps them from leaving, whose they are and their page."""

from collections.abc import Iterator

from django.db.models import QuerySet
from django.urls import reverse
from django.utils.translation import gettext as _

from accounts.people.models import User
from campaigns.experiments.sends import differences_record, experiment_problems, order_days
from campaigns.letters.launch import recipient_problems
from campaigns.letters.models import Letter
from campaigns.letters.services import TEST_FROM
from crm.contacts.models import Contact
from delivery.sends.authors import Problem, SendAuthor
from delivery.sends.models import Send, Variant


def letter_recipients(send: Send) -> "QuerySet[Contact]":
    """Those the author chose and still looks after."""
    return Contact.objects.active().visible_to(send.letter.author).filter(pk__in=send.letter.recipients)


def launch_checks(send: Send, variants: list[Variant]) -> Iterator[Problem]:
    """Its recipients; and its test, where it goes to so many that it carries one."""
    yield from recipient_problems(send.letter)
    if len(send.letter.recipients) >= TEST_FROM:
        yield from experiment_problems(send, variants)


def letter_title(send: Send) -> str:
    letter: Letter | None = getattr(send, "letter", None)
    return _("Letter by %(name)s") % {"name": letter.author} if letter is not None else ""


def letter_url(send: Send, user: User) -> str:
    """The letter for the office and its author; other salespeople may not open it."""
    letter: Letter | None = getattr(send, "letter", None)
    if letter is None or (user.is_salesperson and letter.author_id != user.pk):
        return ""
    return reverse("letter_detail", kwargs={"public_id": letter.public_id})


def letter_results_url(send: Send) -> str:
    letter: Letter | None = getattr(send, "letter", None)
    return reverse("letter_detail", kwargs={"public_id": letter.public_id}) if letter is not None else ""


letter_author = SendAuthor(
    kind=Send.Kind.LETTER.value,
    audience=letter_recipients,
    steps=("create", "recipients", "content", "test"),
    launch_checks=launch_checks,
    title=letter_title,
    url=letter_url,
    results_url=letter_results_url,
    related=("letter__author",),
    before_launch=differences_record,
    order_days=order_days,
    returns_refused=True,
)
