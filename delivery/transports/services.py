"""Providers: adding, changing, testing, putting away, and the order in which a sender uses them."""

from collections.abc import Sequence
from dataclasses import replace
from email.message import EmailMessage
from email.policy import SMTP
from email.utils import formataddr, localtime, make_msgid

import requests
from django.db import transaction
from django.utils import timezone
from django.utils.html import escape
from django.utils.translation import gettext as _

from accounts.audit.services import audit_record, changed_fields
from accounts.people.models import User
from core.errors import DomainError, TransportError
from delivery.domains.dkim import signer_of
from delivery.engine.mime import dot_stuffed
from delivery.engine.test_messages import one_message
from delivery.senders.models import SendingIdentity
from delivery.transports.message import Message
from delivery.transports.models import Provider, ProviderUse
from delivery.transports.provider_api.responses import reply_text
from delivery.transports.provider_api.transport import ApiServer
from delivery.transports.routing import server_of
from delivery.transports.smtp import Connection

SHOWN = ["name", "place", "per_second", "leaves_from"]
# Keys that may only send are refused everything else, in these words.
SENDING_KEYS = {"mailgun": "", "resend": "restricted"}
# A person waits for a test.
PATIENCE = 15.0


@transaction.atomic
def provider_save(*, provider: Provider, actor: User | None) -> Provider:
    """Add or change a provider. Its address holds a password: the audit names only the place."""
    before = Provider.objects.filter(pk=provider.pk).first()
    provider.save()
    ProviderUse.objects.filter(provider=provider).update(broken_until=None, broken_at=None, broken_reason="")
    changes = changed_fields(before, provider, SHOWN) if before else {}
    audit_record(actor=actor, action="provider_save", subject=provider, changes=changes)
    return provider


@transaction.atomic
def provider_archive(*, provider: Provider, actor: User, archived: bool = True) -> Provider:
    """Archive or restore a provider. Raises DomainError `provider_in_use` while a sender has only this one."""
    if archived:
        for use in provider.uses.select_related("identity").filter(identity__archived_at=None):
            if not ProviderUse.objects.usable().filter(identity=use.identity).exclude(pk=use.pk).exists():
                raise DomainError(
                    _("“%(sender)s” sends only through this provider. Add another provider to the sender first.")
                    % {"sender": use.identity.name},
                    code="provider_in_use",
                )
    provider.archived_at = timezone.now() if archived else None
    provider.save(update_fields=["archived_at"])
    audit_record(actor=actor, action="provider_archive" if archived else "provider_restore", subject=provider)
    return provider


@transaction.atomic
def provider_pause(*, provider: Provider, actor: User, paused: bool = True) -> Provider:
    """Send nothing more through a provider, or go on. The next one in a sender's order carries on; a mailing whose
    sender has no other waits, and stops with the reason after a while. It takes hold within one run of a worker."""
    provider.paused_at = timezone.now() if paused else None
    provider.save(update_fields=["paused_at"])
    audit_record(actor=actor, action="provider_pause" if paused else "provider_resume", subject=provider)
    return provider


@transaction.atomic
def identity_providers_set(*, identity: SendingIdentity, providers: Sequence[Provider], actor: User | None) -> None:
    """The order in which a sender uses providers; without any it uses the installation's mail server."""
    order = list(dict.fromkeys(providers))
    before = [use.provider for use in identity.uses.select_related("provider").order_by("position")]
    if before == order:
        return
    identity.uses.exclude(provider__in=order).delete()
    for position, provider in enumerate(order, 1):
        ProviderUse.objects.update_or_create(identity=identity, provider=provider, defaults={"position": position})
    changes = {"providers": (before, order)}
    audit_record(actor=actor, action="identity_providers_set", subject=identity, changes=changes)


def provider_test(*, provider: Provider) -> str:
    """Greet the server, secure the connection and sign in; nothing is sent. What it offers, in a sentence.

    Raises DomainError `provider_unreachable` with what went wrong.
    """
    try:
        server = server_of(provider.url)
        if isinstance(server, ApiServer):
            return _api_test(provider, server)
        connection = Connection(
            server, helo="localhost", offer=lambda: None, on_body=lambda message: None,
            on_answer=lambda message, answer: None,
        )  # fmt: skip
    except TransportError as error:
        raise _unreachable(provider, error) from error
    connection.close()
    secure = _("encrypted") if server.security else _("not encrypted")
    signed = _("signed in") if server.user else _("without signing in")
    return _("%(name)s answers: %(secure)s, %(signed)s.") % {
        "name": provider.name, "secure": secure, "signed": signed,
    }  # fmt: skip


def provider_test_send(*, provider: Provider, actor: User) -> str:
    """Send `actor` a short message through this very provider, whatever its breakers say, and close them when it is
    taken. What the provider answered, in a sentence.

    Raises DomainError `no_sender`, or `provider_unreachable` with what it said.
    """
    use = provider.uses.select_related("identity").filter(identity__archived_at=None).first()
    identity = use.identity if use else SendingIdentity.objects.active().first()
    if identity is None:
        raise DomainError(_("A test message needs a sender. Add a sender first."), code="no_sender")
    try:
        server = server_of(provider.url)
        server = replace(server, timeout=min(server.timeout, PATIENCE))
        answer = one_message(
            server, sender=identity.from_address,
            make=lambda _eight_bit: _test_message(provider, identity, actor, signed=not isinstance(server, ApiServer)),
        )  # fmt: skip
    except TransportError as error:
        raise _unreachable(provider, error) from error
    if not answer.accepted:
        raise _unreachable(provider, TransportError(answer.text, permanent=True))
    ProviderUse.objects.filter(provider=provider).update(broken_until=None, broken_at=None, broken_reason="")
    audit_record(actor=actor, action="provider_test_send", subject=provider, changes={"to": (None, actor.email)})
    return _("%(name)s accepted a message from %(sender)s to %(address)s: %(answer)s") % {
        "name": provider.name, "sender": identity.from_address, "address": actor.email,
        "answer": f"{answer.code} {answer.text}"[:120],
    }  # fmt: skip


def _test_message(provider: Provider, identity: SendingIdentity, actor: User, *, signed: bool) -> Message:
    letter = EmailMessage(policy=SMTP.clone(cte_type="7bit"))
    letter["From"] = formataddr((identity.from_name, identity.from_address))
    letter["To"] = actor.email
    letter["Subject"] = _("[Test] Message through %(name)s") % {"name": provider.name}
    letter["Date"] = localtime()
    letter["Message-ID"] = make_msgid(domain=identity.from_address.rpartition("@")[2])
    words = _("This test message was sent through %(name)s. The provider works.") % {"name": provider.name}
    letter.set_content(words)
    letter.add_alternative(f"<p>{escape(words)}</p>", subtype="html")
    body = letter.as_bytes()
    signer = signer_of(identity.from_address, at=timezone.now()) if signed else None
    body = signer.signed(body) if signer is not None else body
    return Message(0, identity.from_address, actor.email, dot_stuffed(body))


def _unreachable(provider: Provider, error: TransportError) -> DomainError:
    return DomainError(
        _("%(name)s sent an unexpected reply: %(error)s") % {"name": provider.name, "error": error},
        code="provider_unreachable",
    )


def _api_test(provider: Provider, server: ApiServer) -> str:
    """Whether the provider knows our key; nothing is sent. Raises TransportError."""
    try:
        answer = server.ask()
    except requests.RequestException as error:
        raise TransportError(server.hide(f"{server}: {error}")[:250], permanent=False) from error
    if answer.status_code < 300:
        return _("%(name)s answers and accepts the key.") % {"name": provider.name}
    said = server.hide(f"{answer.status_code} {reply_text(answer)}".strip())[:200]
    if server.kind in SENDING_KEYS and answer.status_code in {401, 403} and SENDING_KEYS[server.kind] in said:
        return _("%(name)s is connected. To check the key, send yourself a test message.") % {"name": provider.name}
    raise TransportError(said, permanent=True)
