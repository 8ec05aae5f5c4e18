"""The content of variants, saved while a person types, never over another person's changes; and templates."""

import hashlib
from dataclasses import astuple, dataclass
from datetime import timedelta

from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext as _

from accounts.audit.models import AuditEntry
from accounts.audit.services import audit_record, changed_fields
from accounts.people.models import User
from campaigns.content.models import EmailTemplate
from core.errors import Conflict, DomainError
from delivery.sends.models import Send, Variant
from delivery.sends.services import require_editable

LABELS = "ABCDEF"
OFFERED = ["offer", "from_name", "delay_minutes"]
EDITING_WINDOW = timedelta(minutes=10)


@dataclass(frozen=True)
class Content:
    """What one arm says: subject, preview text, body (MJML, or Markdown in letters), plain text (empty: made)."""

    subject: str
    preheader: str
    body: str
    text: str

    @classmethod
    def of(cls, variant: Variant) -> "Content":
        return cls(variant.subject, variant.preheader, variant.body, variant.text)

    @property
    def mark(self) -> str:
        """A short fingerprint: an editor says with it which wording it started from."""
        return hashlib.blake2b("\0".join(astuple(self)).encode(), digest_size=8).hexdigest()


@transaction.atomic
def variant_write(*, variant: Variant, content: Content, started_from: str, actor: User) -> Variant:
    """Save an arm's words. `started_from` is the mark of the wording the editor was opened with.

    Saving the same words twice changes nothing. Raises Conflict `content_changed_meanwhile` when somebody (or
    another tab) saved other words since, and `send_is_fixed` after launch; nothing is overwritten then.
    """
    require_editable(variant.send)
    current = Variant.objects.select_for_update().get(pk=variant.pk)
    kept = Content.of(current)
    if kept == content:
        return current
    if started_from != kept.mark:
        raise Conflict(
            _("Somebody changed %(label)s since you opened it. Your words are still in the editor.")
            % {"label": current.label},
            code="content_changed_meanwhile",
        )
    current.subject, current.preheader = content.subject, content.preheader
    current.body, current.text = content.body, content.text
    current.save(update_fields=["subject", "preheader", "body", "text"])
    _record_writing(current, kept, actor)
    return current


def _record_writing(variant: Variant, before: Content, actor: User) -> None:
    """One entry an editing session: the editor saves by itself every few seconds. Bodies stay out of the trail."""
    changes = {"subject": (before.subject, variant.subject)} if before.subject != variant.subject else {}
    session = AuditEntry.objects.filter(
        actor=actor,
        action="variant_write",
        object_type=variant._meta.label_lower,
        object_id=str(variant.pk),
        at__gte=timezone.now() - EDITING_WINDOW,
    )
    if changes or not session.exists():
        audit_record(actor=actor, action="variant_write", subject=variant, changes=changes)


@transaction.atomic
def variant_add(*, send: Send, actor: User) -> Variant:
    """One more arm, starting as a copy of A, with equal shares for all. Raises DomainError `too_many_variants`."""
    send = require_editable(send)
    arms = list(send.variants.all())
    if len(arms) >= len(LABELS):
        raise DomainError(_("A test can compare up to six variants."), code="too_many_variants")
    label = next(letter for letter in LABELS if letter not in {arm.label for arm in arms})
    first = arms[0] if arms else Variant()
    copied = {name: getattr(first, name) for name in ("subject", "preheader", "body", "text", "from_name", "offer")}
    added = Variant.objects.create(send=send, label=label, **copied)
    _share_equally(send)
    audit_record(actor=actor, action="variant_add", subject=added)
    added.refresh_from_db()
    return added


@transaction.atomic
def variant_remove(*, variant: Variant, actor: User) -> None:
    """Take an arm out; the rest share equally and are lettered anew. Raises DomainError `variant_is_needed` for the
    last two: a send carries a test."""
    send = require_editable(variant.send)
    if send.variants.count() <= 2:
        raise DomainError(
            _("A campaign needs at least two variants, because every send includes a test."), code="variant_is_needed"
        )
    audit_record(actor=actor, action="variant_remove", subject=variant)
    send.variants.filter(pk=variant.pk).delete()
    for label, arm in zip(LABELS, send.variants.order_by("label"), strict=False):
        if arm.label != label:
            send.variants.filter(pk=arm.pk).update(label=label)
    _share_equally(send)


@transaction.atomic
def variant_copy(*, source: Variant, target: Variant, actor: User) -> Variant:
    """Give `target` the words of `source`."""
    require_editable(target.send)
    for name in ("subject", "preheader", "body", "text"):
        setattr(target, name, getattr(source, name))
    target.save(update_fields=["subject", "preheader", "body", "text"])
    audit_record(actor=actor, action="variant_copy", subject=target, changes={"from": (None, source.label)})
    return target


@transaction.atomic
def variant_start_from(*, send: Send, subject: str, body: str, actor: User) -> None:
    """Lay a template under every arm. The words that were there are replaced: the screen says so before."""
    send = require_editable(send)
    for arm in send.variants.all():
        arm.subject, arm.body, arm.text = subject or arm.subject, body, ""
        arm.save(update_fields=["subject", "body", "text"])
    audit_record(actor=actor, action="variant_start_from", subject=send)


@transaction.atomic
def variant_offer(*, variant: Variant, offer: str, from_name: str, delay_minutes: int, actor: User) -> Variant:
    """What one arm offers, under which sender name and how much later it leaves."""
    require_editable(variant.send)
    stored = Variant.objects.get(pk=variant.pk)
    variant.offer, variant.from_name, variant.delay_minutes = offer, from_name, delay_minutes
    variant.save(update_fields=OFFERED)
    if changes := changed_fields(stored, variant, OFFERED):
        audit_record(actor=actor, action="variant_offer", subject=variant, changes=changes)
    return variant


def _share_equally(send: Send) -> None:
    arms = list(send.variants.order_by("label"))
    for place, arm in enumerate(arms):
        share = 100 // len(arms) + (1 if place < 100 % len(arms) else 0)
        send.variants.filter(pk=arm.pk).update(weight=share)


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
    """Archive or restore a template; campaigns made from it keep their content."""
    template.archived_at = timezone.now() if archived else None
    template.save(update_fields=["archived_at", "updated_at"])
    audit_record(actor=actor, action="template_archive" if archived else "template_restore", subject=template)
    return template
