"""E-mail as a channel of sends: its sender is a `SendingIdentity`, with a domain, a signing key and providers."""

from collections.abc import Iterator, Sequence
from datetime import timedelta

from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from core.errors import TransportError
from crm.brands.models import Brand
from delivery.domains.dkim import signer_of
from delivery.domains.services.deliverability import identity_look, identity_verdict
from delivery.engine.content_faults import faults_of
from delivery.sends.authors import Problem
from delivery.sends.channels import SendChannel, identity_of
from delivery.sends.models import Send, Variant


def sender_name(send: Send) -> str:
    return identity_of(send).from_name


def brand(send: Send) -> Brand:
    return identity_of(send).brand


def look(send: Send, older_than: timedelta | None) -> None:
    """Ask the DNS about the sender's domain."""
    identity_look(identity=identity_of(send), older_than=older_than)


def launch_checks(send: Send, variants: Sequence[Variant]) -> Iterator[Problem]:
    """The sender, its domain and its key, and what the content of each variant breaks."""
    identity = identity_of(send)
    if identity.archived_at:
        yield Problem(
            "identity_archived",
            _("The sender “%(identity)s” was archived. Choose another.") % {"identity": identity},
            "create",
        )
    verdict = identity_verdict(identity)
    if verdict.level == "refuse":
        yield Problem(verdict.code, verdict.message, "create")
    try:
        signer_of(identity.from_address, at=timezone.now())
    except TransportError as error:
        yield Problem("signing_failed", _("The message cannot be signed: %(error)s") % {"error": error}, "create")
    for variant in variants:
        for fault in faults_of(variant):
            if fault.blocks:
                words = f"{variant.label}: {fault.message}" if len(variants) > 1 else fault.message
                yield Problem(fault.code, words, "content")


def launch_warnings(send: Send) -> list[Problem]:
    """A domain that needs attention, providers that take no messages, or that the send goes to nobody outside."""
    identity = identity_of(send)
    verdict = identity_verdict(identity)
    found = [Problem(verdict.code, verdict.message, "create")] if verdict.level in {"warn", "exempt"} else []
    uses = list(identity.uses.usable().select_related("provider"))
    if uses and not any(use.is_ready for use in uses):
        words = _("No provider of “%(name)s” accepts messages now: %(why)s") % {
            "name": identity.name,
            "why": "; ".join(
                f"{use.provider}: {_('paused') if use.provider.paused_at else use.broken_reason}" for use in uses
            ),
        }
        found.append(Problem("providers_away", words, "create"))
    return found


email_channel = SendChannel(
    code=Send.EMAIL,
    name=gettext_lazy("E-mail"),
    sender_name=sender_name,
    brand=brand,
    look=look,
    launch_checks=launch_checks,
    launch_warnings=launch_warnings,
)
