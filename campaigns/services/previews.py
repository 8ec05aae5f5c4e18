"""Seeing a message before it leaves: as any contact will get it, on screen or in one's own inbox."""

from dataclasses import dataclass
from email.utils import formataddr
from typing import Any

import environ
from django.core.mail import EmailMultiAlternatives, get_connection
from django.utils.translation import gettext as _
from minijinja import TemplateError

from accounts.models import User
from accounts.services.audit import audit_record
from campaigns.content_check import faults_of
from campaigns.engine.api import ApiServer
from campaigns.engine.compile import preview
from campaigns.engine.merge import merge_failure
from campaigns.models import SendingIdentity, Variant
from core.errors import DomainError
from core.tasks import enqueue
from crm.models import Contact

TEST_MARK = "[Test]"


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


def test_send(*, variant: Variant, addresses: list[str], contact: Contact | None, actor: User) -> None:
    """Have the worker really send one arm to a few addresses, its subject marked as a test.

    It stands in no ledger and counts for no test or cap. Raises DomainError when the arm cannot be sent as it is.
    """
    fault = next((f for f in faults_of(variant) if f.blocks and f.code != "placeholder_left"), None)
    if fault is not None:
        raise DomainError(_("Nothing was sent. %(fault)s") % {"fault": fault.message}, code=fault.code)
    audit_record(actor=actor, action="test_send", subject=variant, changes={"to": (None, ", ".join(addresses))})
    for address in addresses:
        enqueue(
            "campaigns.send_test", variant_id=variant.pk, address=address, contact_id=contact.pk if contact else None
        )


test_send.__test__ = False  # type: ignore[attr-defined]


def test_deliver(*, variant_id: int, address: str, contact_id: int | None) -> None:
    """Hand one test message to the identity's mail server. Raises OSError when it does not take it."""
    variant = Variant.objects.select_related("send__identity__brand").get(pk=variant_id)
    identity = variant.send.identity
    shown = preview_of(variant=variant, contact=Contact.objects.filter(pk=contact_id).first() if contact_id else None)
    message = EmailMultiAlternatives(
        subject=f"{TEST_MARK} {shown.subject}",
        body=shown.text,
        from_email=formataddr((variant.from_name or identity.from_name, identity.from_address)),
        to=[address],
        reply_to=[reply] if (reply := variant.send.reply_address or identity.reply_address) else None,
        connection=_server(identity),
    )
    message.attach_alternative(shown.html, "text/html")
    message.send()


test_deliver.__test__ = False  # type: ignore[attr-defined]


def _server(identity: SendingIdentity) -> Any:
    """A connection to the identity's first provider, or the installation's server."""
    use = identity.uses.usable().first()
    if use is None:
        return get_connection()
    if ApiServer.speaks(use.provider.url):
        return ApiServer.of(use.provider.url).backend()
    config = environ.Env.email_url_config(use.provider.url)
    return get_connection(
        host=config["EMAIL_HOST"],
        port=config["EMAIL_PORT"],
        username=config["EMAIL_HOST_USER"],
        password=config["EMAIL_HOST_PASSWORD"],
        use_tls=config.get("EMAIL_USE_TLS", False),
        use_ssl=config.get("EMAIL_USE_SSL", False),
    )
