"""Value propositions: defined in a draft, put in force, tested, judged, redefined in the next draft."""

from collections.abc import Iterable
from typing import Any

from django.db import transaction
from django.db.models import F, Max
from django.utils import timezone
from django.utils.translation import gettext as _

from accounts.audit.services import audit_each, audit_record
from accounts.people.models import User
from core.errors import Conflict, DomainError
from core.services.archive import archive_many, restore_many
from marketing.propositions.models import PropositionVersion, ValueProposition
from marketing.segments.models import Segment

State = PropositionVersion.State
TEXT_FIELDS = tuple(PropositionVersion.WORDS)


@transaction.atomic
def proposition_create(*, segment: Segment, name: str, actor: User, **words: str) -> PropositionVersion:
    """Define a proposition for a segment: its first draft."""
    proposition = ValueProposition.objects.create(segment=segment, name=name.strip(), owner=actor)
    version = PropositionVersion.objects.create(
        proposition=proposition, number=1, created_by=actor, **_only_text_fields(words)
    )
    audit_record(actor=actor, action="proposition_create", subject=proposition)
    return version


@transaction.atomic
def version_edit(*, version: PropositionVersion, revision: int, actor: User, **words: str) -> PropositionVersion:
    """Rewrite a draft as it stood at `revision`.

    Raises Conflict `version_not_draft` when it has been put in force, `version_changed` when somebody else rewrote it.
    """
    changed = PropositionVersion.objects.filter(pk=version.pk, state=State.DRAFT, revision=revision).update(
        **_only_text_fields(words), revision=F("revision") + 1
    )
    current = PropositionVersion.objects.get(pk=version.pk)
    if not changed and current.state != State.DRAFT:
        raise Conflict(
            _(
                "Version %(number)s has already been active and can no longer be edited. "
                "Redefine the value proposition: the next draft starts from this text."
            )
            % {"number": current.number},
            code="version_not_draft",
        )
    if not changed:
        raise Conflict(
            _("Another user changed this draft while you were editing. Your text was kept. Compare and save again."),
            code="version_changed",
        )
    audit_record(actor=actor, action="version_edit", subject=current)
    return current


@transaction.atomic
def version_put_in_force(*, version: PropositionVersion, actor: User) -> PropositionVersion:
    """Promise this from now on; what was in force is replaced in the same moment.

    Raises DomainError `version_incomplete` without a promise or a hypothesis, Conflict `version_not_draft`.
    """
    ValueProposition.objects.select_for_update().get(pk=version.proposition_id)
    draft = PropositionVersion.objects.get(pk=version.pk)
    if not draft.headline.strip() or not draft.hypothesis.strip():
        raise DomainError(
            _("A version needs a statement and a hypothesis before activation. What do you expect to see?"),
            code="version_incomplete",
        )
    now = timezone.now()
    PropositionVersion.objects.in_force().filter(proposition=version.proposition_id).update(
        state=State.REPLACED, replaced_at=now
    )
    claimed = PropositionVersion.objects.filter(pk=version.pk, state=State.DRAFT).update(
        state=State.IN_FORCE, in_force_at=now
    )
    if not claimed:
        raise Conflict(_("Only a draft can be activated."), code="version_not_draft")
    draft.refresh_from_db()
    audit_record(actor=actor, action="version_put_in_force", subject=draft)
    return draft


@transaction.atomic
def version_redefine(*, version: PropositionVersion, actor: User) -> PropositionVersion:
    """The next draft, beginning with the words of `version`; the draft there is already, if there is one."""
    ValueProposition.objects.select_for_update().get(pk=version.proposition_id)
    versions = PropositionVersion.objects.filter(proposition=version.proposition_id)
    draft = versions.filter(state=State.DRAFT).first()
    if draft is not None:
        return draft
    number = versions.aggregate(last=Max("number"))["last"] + 1
    words: dict[str, Any] = {name: getattr(version, name) for name in TEXT_FIELDS}
    draft = PropositionVersion.objects.create(
        proposition_id=version.proposition_id, number=number, created_by=actor, **words
    )
    audit_record(actor=actor, action="version_redefine", subject=draft)
    return draft


@transaction.atomic
def version_judge(*, version: PropositionVersion, verdict: str, note: str, actor: User) -> PropositionVersion:
    """Say what was learnt from a version that has been in force.

    Raises DomainError `version_untested` for a draft, `verdict_without_note` when a verdict has no reason.
    """
    if verdict != PropositionVersion.Verdict.OPEN and not note.strip():
        raise DomainError(_("Enter the learning. A verdict needs its reason."), code="verdict_without_note")
    judged_at = None if verdict == PropositionVersion.Verdict.OPEN else timezone.now()
    changed = (
        PropositionVersion.objects.exclude(state=State.DRAFT)
        .filter(pk=version.pk)
        .update(verdict=verdict, verdict_note=note.strip(), judged_at=judged_at)
    )
    if not changed:
        raise DomainError(_("A draft has not been tested yet."), code="version_untested")
    current = PropositionVersion.objects.get(pk=version.pk)
    audit_record(
        actor=actor,
        action="version_judge",
        subject=current,
        changes={"verdict": (version.verdict, current.verdict)},
    )
    return current


def proposition_archive(*, proposition: ValueProposition, actor: User) -> None:
    """Archive a proposition; its versions and what they taught stay."""
    propositions_archive(propositions=[proposition], actor=actor)


def proposition_restore(*, proposition: ValueProposition, actor: User) -> None:
    """Restore an archived proposition."""
    propositions_restore(propositions=[proposition], actor=actor)


def propositions_archive(*, propositions: Iterable[ValueProposition], actor: User) -> list[int]:
    """Archive several propositions; the keys of those that were in use."""
    return archive_many(propositions, audit=audit_each(actor, "proposition_archive")).keys


def propositions_restore(*, propositions: Iterable[ValueProposition], actor: User) -> list[int]:
    """Restore several propositions; the keys of those that were archived."""
    return restore_many(propositions, audit=audit_each(actor, "proposition_restore")).keys


def _only_text_fields(words: dict[str, str]) -> dict[str, str]:
    return {name: text.strip() for name, text in words.items() if name in TEXT_FIELDS}
