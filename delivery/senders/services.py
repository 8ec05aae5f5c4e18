"""Senders: what the office sets up once and every send then uses."""

from typing import Any

from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext as _

from accounts.audit.services import audit_record, changed_fields
from accounts.people.models import User
from core.errors import DomainError
from delivery.domains.services.deliverability import domain_check_start
from delivery.domains.services.signing import domain_ensure
from delivery.senders.models import SendingIdentity
from delivery.sends.states import AT_REST


def identity_default() -> SendingIdentity:
    """The identity a new send starts with. Raises DomainError `identity_missing` when the company has none."""
    identity = SendingIdentity.objects.active().first()
    if identity is None:
        raise DomainError(
            _("There is no sender yet. Add the name and address you send from under E-mail: Settings."),
            code="identity_missing",
        )
    return identity


IDENTITY_SHOWN = ["brand", "name", "from_name", "from_address", "reply_address", "bounce_address", "per_second"]


@transaction.atomic
def identity_save(*, identity: SendingIdentity, actor: User) -> SendingIdentity:
    """Add or change a sender; its domain is checked in the background."""
    before = SendingIdentity.objects.filter(pk=identity.pk).first()
    identity.save()
    domain = domain_ensure(address=identity.from_address)
    domain_check_start(domain=domain, actor=actor)
    changes: dict[str, Any] = changed_fields(before, identity, IDENTITY_SHOWN) if before else {}
    audit_record(actor=actor, action="identity_save", subject=identity, changes=changes)
    return identity


@transaction.atomic
def identity_archive(*, identity: SendingIdentity, actor: User, archived: bool = True) -> SendingIdentity:
    """Archive or restore a sender. Raises DomainError `identity_is_last`, `identity_in_use`."""
    if archived:
        if not SendingIdentity.objects.active().exclude(pk=identity.pk).exists():
            raise DomainError(
                _("This is the only sender. Add another sender before you archive this one."), code="identity_is_last"
            )
        busy = identity.sends.exclude(state__in=AT_REST)
        if busy.exists():
            raise DomainError(_("This sender is still in use by a running send."), code="identity_in_use")
    identity.archived_at = timezone.now() if archived else None
    identity.save(update_fields=["archived_at"])
    audit_record(actor=actor, action="identity_archive" if archived else "identity_restore", subject=identity)
    return identity
