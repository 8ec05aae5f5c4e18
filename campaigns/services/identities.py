"""Senders, limits and templates: what the office sets up once and every send then keeps."""

from typing import Any

from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext as _

from accounts.audit.services import audit_record, changed_fields
from accounts.people.models import User
from campaigns.models.authoring import EmailTemplate
from campaigns.models.identities import SendingIdentity, SendingPolicy
from campaigns.models.sends import Send
from campaigns.services.deliverability import domain_check_start
from campaigns.services.domains import domain_ensure
from core.errors import Conflict, DomainError

IDENTITY_SHOWN = ["brand", "name", "from_name", "from_address", "reply_address", "bounce_address", "per_second"]
POLICY_FIELDS = [
    "cap_messages", "cap_days", "may_write_customers", "late_start_minutes", "per_second", "domain_limits",
]  # fmt: skip


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
    """Put a sender away or bring it back. Raises DomainError `identity_is_last`, `identity_in_use`."""
    if archived:
        if not SendingIdentity.objects.active().exclude(pk=identity.pk).exists():
            raise DomainError(
                _("This is the only sender. Add another before putting it away."), code="identity_is_last"
            )
        busy = identity.sends.exclude(state__in=[Send.State.DRAFT, Send.State.FINISHED, Send.State.CANCELLED])
        if busy.exists():
            raise DomainError(_("Something is still being sent under this name."), code="identity_in_use")
    identity.archived_at = timezone.now() if archived else None
    identity.save(update_fields=["archived_at"])
    audit_record(actor=actor, action="identity_archive" if archived else "identity_restore", subject=identity)
    return identity


@transaction.atomic
def policy_save(*, policy: SendingPolicy, actor: User) -> SendingPolicy:
    """Set the limits every send keeps."""
    before = SendingPolicy.get()
    policy.pk = 1
    policy.save()
    audit_record(
        actor=actor, action="policy_save", subject=policy, changes=changed_fields(before, policy, POLICY_FIELDS)
    )
    return policy


@transaction.atomic
def template_save(*, template: EmailTemplate, actor: User, revision: int | None = None) -> EmailTemplate:
    """Add or change a template. `revision` is the one the editor was opened with: another one now means somebody
    else saved meanwhile, and Conflict `template_changed_meanwhile` is raised instead of overwriting."""
    if template.pk:
        current = EmailTemplate.objects.select_for_update().get(pk=template.pk)
        if revision is not None and current.revision != revision:
            raise Conflict(
                _("Somebody changed this template since you opened it. Your words are still in the editor."),
                code="template_changed_meanwhile",
            )
        template.revision = current.revision + 1
    template.save()
    audit_record(actor=actor, action="template_save", subject=template)
    return template


@transaction.atomic
def template_archive(*, template: EmailTemplate, actor: User, archived: bool = True) -> EmailTemplate:
    """Put a template away or bring it back; campaigns made from it keep their words."""
    template.archived_at = timezone.now() if archived else None
    template.save(update_fields=["archived_at", "updated_at"])
    audit_record(actor=actor, action="template_archive" if archived else "template_restore", subject=template)
    return template
