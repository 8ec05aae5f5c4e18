"""Seeing a message before it leaves: as any contact will get it, on screen or in one's own inbox."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import timedelta

from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext as _
from minijinja import TemplateError

from accounts.audit.services import audit_record
from accounts.people.models import User
from campaigns.content_check import faults_of
from campaigns.engine.compile import preview
from campaigns.engine.dkim import signer_of
from campaigns.engine.merge import merge_failure
from campaigns.engine.trial import trial_compile, trial_merge
from campaigns.models.sends import Variant
from campaigns.models.trials import Trial
from core.errors import DomainError, TransportError
from core.tasks import enqueue
from crm.contacts.models import Contact

KEPT = timedelta(days=90)
SHOWN = timedelta(days=1)
MOST_SHOWN = 10


@dataclass(frozen=True)
class Preview:
    subject: str
    html: str
    text: str


def preview_of(*, variant: Variant, contact: Contact | None) -> Preview:
    """One arm as `contact` would get it, or as somebody of whom nothing is known.

    Raises DomainError with the first fault that keeps it from being shown.
    """
    fault = next(
        (f for f in faults_of(variant) if f.blocks and f.code not in {"subject_missing", "placeholder_left"}), None
    )
    if fault is not None:
        raise DomainError(fault.message, code=fault.code)
    try:
        return Preview(*preview(variant, contact or Contact(email="reader@example.com")))
    except TemplateError as error:
        raise DomainError(merge_failure(error), code="merge_failed") from error


def test_send(
    *, variants: Sequence[Variant], addresses: Sequence[str], contact: Contact | None, actor: User
) -> list[Trial]:
    """Have the worker send arms to a few addresses as `contact` would get them: the same bytes, the subject marked.

    They stand in no ledger and count for no test, figure or cap. Raises DomainError when an arm cannot be sent as it is
    (the code of its fault, `merge_failed`), or cannot be signed (`signing_failed`); nothing is sent then.
    """
    trials = []
    with transaction.atomic():
        for variant in variants:
            compiled = _compiled(variant, contact)
            trials += [
                Trial.objects.create(
                    send=variant.send, label=variant.label, contact=contact, address=address, compiled=compiled,
                    created_by=actor,
                )
                for address in addresses
            ]  # fmt: skip
            audit_record(actor=actor, action="test_send", subject=variant, changes={"to": (None, ", ".join(addresses))})
        for trial in trials:
            enqueue("campaigns.send_test", trial_id=trial.pk)
    return trials


test_send.__test__ = False  # type: ignore[attr-defined]


def _compiled(variant: Variant, contact: Contact | None) -> bytes:
    """The merge program, tried on `contact`; whatever is known to be wrong is said before anything leaves."""
    fault = next((f for f in faults_of(variant) if f.blocks and f.code != "placeholder_left"), None)
    if fault is not None:
        raise DomainError(_("Nothing was sent. %(fault)s") % {"fault": fault.message}, code=fault.code)
    send = variant.send
    compiled = trial_compile(variant, send)
    try:
        trial_merge(compiled, Trial(send=send, contact=contact, address="reader@example.com"))
    except TransportError as error:
        raise DomainError(_("Nothing was sent. %(fault)s") % {"fault": error}, code="merge_failed") from error
    try:
        signer_of(send.identity.from_address, at=timezone.now())
    except TransportError as error:
        words = _("Nothing was sent: it cannot be signed. %(fault)s") % {"fault": error}
        raise DomainError(words, code="signing_failed") from error
    return compiled.dump()


def tests_lately(*, send_id: int) -> list[Trial]:
    """The test messages of a send of the last day, the newest first, for the page they were asked for on."""
    lately = Trial.objects.filter(send_id=send_id, created_at__gt=timezone.now() - SHOWN)
    return list(lately.defer("compiled").select_related("contact")[:MOST_SHOWN])


tests_lately.__test__ = False  # type: ignore[attr-defined]


def trials_let_go() -> int:
    """Old test messages go, and with them where their links led; how many."""
    return Trial.objects.filter(created_at__lt=timezone.now() - KEPT).delete()[0]
