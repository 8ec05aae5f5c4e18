"""Test messages: asked for on a page, sent by a worker, forgotten after a while."""

from collections.abc import Sequence
from datetime import timedelta

from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext as _

from accounts.audit.services import audit_record
from accounts.people.models import User
from core.errors import DomainError, TransportError
from core.tasks import enqueue
from crm.contacts.models import Contact
from delivery.domains.dkim import signer_of
from delivery.engine.content_faults import faults_of
from delivery.engine.test_messages import compile_test_message, merge_test_message
from delivery.sends.channels import identity_of
from delivery.sends.models import TestMessage, Variant

KEPT = timedelta(days=90)
SHOWN = timedelta(days=1)
MAX_SHOWN = 10


def test_send(
    *, variants: Sequence[Variant], addresses: Sequence[str], contact: Contact | None, actor: User
) -> list[TestMessage]:
    """Have the worker send arms to a few addresses as `contact` would get them: the same bytes, the subject marked.

    They stand in no ledger and count for no test, figure or cap. Raises DomainError when an arm cannot be sent as it is
    (the code of its fault, `merge_failed`), or cannot be signed (`signing_failed`); nothing is sent then.
    """
    test_messages = []
    with transaction.atomic():
        for variant in variants:
            compiled = _compiled(variant, contact)
            test_messages += [
                TestMessage.objects.create(
                    send=variant.send, label=variant.label, contact=contact, address=address, compiled=compiled,
                    created_by=actor,
                )
                for address in addresses
            ]  # fmt: skip
            audit_record(actor=actor, action="test_send", subject=variant, changes={"to": (None, addresses)})
        for test_message in test_messages:
            enqueue("delivery.send_test", test_message_id=test_message.pk)
    return test_messages


test_send.__test__ = False  # type: ignore[attr-defined]


def _compiled(variant: Variant, contact: Contact | None) -> bytes:
    """The merge program, tried on `contact`; whatever is known to be wrong is said before anything leaves."""
    fault = next((f for f in faults_of(variant) if f.blocks and f.code != "placeholder_left"), None)
    if fault is not None:
        raise DomainError(_("Nothing was sent. %(fault)s") % {"fault": fault.message}, code=fault.code)
    send = variant.send
    compiled = compile_test_message(variant, send)
    try:
        merge_test_message(compiled, TestMessage(send=send, contact=contact, address="reader@example.com"))
    except TransportError as error:
        raise DomainError(_("Nothing was sent. %(fault)s") % {"fault": error}, code="merge_failed") from error
    try:
        signer_of(identity_of(send).from_address, at=timezone.now())
    except TransportError as error:
        words = _("Nothing was sent: the message cannot be signed. %(fault)s") % {"fault": error}
        raise DomainError(words, code="signing_failed") from error
    return compiled.dump()


def recent_test_messages(*, send_id: int) -> list[TestMessage]:
    """The test messages of a send of the last day, the newest first, for the page they were asked for on."""
    lately = TestMessage.objects.filter(send_id=send_id, created_at__gt=timezone.now() - SHOWN)
    return list(lately.defer("compiled").select_related("contact")[:MAX_SHOWN])


recent_test_messages.__test__ = False  # type: ignore[attr-defined]


def purge_test_messages() -> int:
    """Old test messages go, and with them where their links led; how many."""
    return TestMessage.objects.filter(created_at__lt=timezone.now() - KEPT).delete()[0]
