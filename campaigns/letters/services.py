"""Letters: a salesperson writes in the first person to customers of their own mini-list, and to nobody else."""

from collections.abc import Sequence

from django.db import transaction
from django.utils.translation import gettext as _

from accounts.audit.services import audit_record
from accounts.people.models import User
from campaigns.content.services import Content
from campaigns.experiments.models import Experiment
from campaigns.letters.models import Letter
from core.errors import Conflict, DomainError
from crm.contacts.models import Contact
from delivery.senders.services import identity_default
from delivery.sends.models import Send, Variant
from delivery.sends.services import require_editable

TEST_FROM = 20
"""Letters to so many people or more carry a test of their own; smaller ones join a pooled test when one is open."""


@transaction.atomic
def letter_create(*, author: User, subject: str = "", body: str = "", contacts: Sequence[Contact] = ()) -> Letter:
    """A draft in the author's own name, answered to the author. Raises DomainError `identity_missing`,
    `contact_not_yours`."""
    send = Send.objects.create(
        kind=Send.Kind.LETTER,
        identity=identity_default(),
        reply_address=author.reply_address or author.email,
        created_by=author,
    )
    Variant.objects.create(send=send, label="A", subject=subject, body=body, from_name=author.full_name[:80], weight=50)
    letter = Letter.objects.create(author=author, send=send, recipients=_own(author, [c.pk for c in contacts]))
    audit_record(actor=author, action="letter_create", subject=letter)
    return letter


@transaction.atomic
def letter_write(*, letter: Letter, subject: str, body: str, started_from: str, actor: User) -> Letter:
    """Save the words. Raises Conflict `content_changed_meanwhile` when another tab saved others since."""
    send = require_editable(letter.send)
    first = send.variants.select_for_update().get(label="A")
    kept = Content.of(first)
    wanted = Content(subject, first.preheader, body, first.text)
    if kept == wanted:
        return letter
    if kept.mark != started_from:
        raise Conflict(
            _("This letter was changed in another window. Your words are still in the editor."),
            code="content_changed_meanwhile",
        )
    first.subject, first.body = subject, body
    first.save(update_fields=["subject", "body"])
    send.variants.exclude(pk=first.pk).update(body=body)
    letter.save(update_fields=["updated_at"])
    return letter


@transaction.atomic
def letter_address(*, letter: Letter, contacts: Sequence[Contact], actor: User) -> Letter:
    """Choose whom it goes to. Raises DomainError `contact_not_yours` when one is not on the author's mini-list."""
    require_editable(letter.send)
    letter.recipients = _own(letter.author, [contact.pk for contact in contacts])
    letter.save(update_fields=["recipients", "updated_at"])
    return letter


@transaction.atomic
def letter_test(*, letter: Letter, second_subject: str, hypothesis: str, actor: User) -> Letter:
    """Try a second subject on half of the recipients: the test a letter to many carries. Empty takes it out."""
    send = require_editable(letter.send)
    first = send.variants.get(label="A")
    if not second_subject.strip():
        send.variants.exclude(pk=first.pk).delete()
        Experiment.objects.filter(send=send).delete()
        return letter
    Variant.objects.update_or_create(
        send=send,
        label="B",
        defaults={"subject": second_subject.strip(), "body": first.body, "from_name": first.from_name, "weight": 50},
    )
    Experiment.objects.update_or_create(
        send=send,
        defaults={
            "hypothesis": hypothesis.strip(),
            "metric": Experiment.Metric.CLICK if "](" in first.body or "://" in first.body else Experiment.Metric.OPEN,
            "horizon": max(2, len(letter.recipients)),
            "differs_in": ["subject"],
        },
    )
    return letter


@transaction.atomic
def letter_discard(*, letter: Letter, actor: User) -> None:
    """Throw an unsent draft away. Raises Conflict `send_is_fixed` once it was launched."""
    send = require_editable(letter.send)
    audit_record(actor=actor, action="letter_discard", subject=letter)
    letter.delete()
    send.delete()


def _own(author: User, ids: Sequence[int]) -> list[int]:
    """Ids in order, once each. Raises DomainError when one is not on the author's mini-list today."""
    wanted = list(dict.fromkeys(ids))
    mine = set(Contact.objects.visible_to(author).filter(pk__in=wanted).values_list("pk", flat=True))
    if not author.is_salesperson or mine != set(wanted):
        raise DomainError(
            _("You are not the owner of one of these contacts. Choose from your own customers. Nothing was changed."),
            code="contact_not_yours",
        )
    return wanted
