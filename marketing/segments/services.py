"""Making, changing, counting and putting away segments."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.db import IntegrityError, transaction
from django.db.models import F
from django.utils import timezone
from django.utils.translation import gettext as _

from accounts.audit.services import audit_record, changed_fields
from accounts.company.models import Company
from accounts.people.models import User
from core.errors import Conflict, DomainError
from core.rules.cycles import find_cycle
from core.rules.tree import InvalidRules, Problem, included_codes, read_rules, write_rules
from marketing.segments.models import Segment, SegmentSize
from marketing.segments.queries import audience_measure, rule_context, segment_audience
from marketing.segments.uses import Use, segment_uses

FIELDS = ["name", "description", "rules", "strategy", "next_action", "is_key", "owner_id"]


@transaction.atomic
def segment_create(*, name: str, rules: dict[str, Any], actor: User, **fields: Any) -> Segment:
    """Make a segment and count it. Raises InvalidRules, DomainError `segment_name_taken`."""
    segment = Segment(name=name.strip(), owner=fields.pop("owner", actor), **fields)
    segment.rules = _checked(segment, rules)
    _save(segment, force_insert=True)
    audit_record(actor=actor, action="segment_create", subject=segment)
    segment_measure(segment=segment)
    return segment


@transaction.atomic
def segment_update(*, segment: Segment, version: int, actor: User, **fields: Any) -> Segment:
    """Change a segment as it stood at `version`.

    Raises Conflict `segment_changed` when somebody else changed it since, InvalidRules, DomainError
    `segment_name_taken`.
    """
    before = Segment.objects.get(pk=segment.pk)
    changed = Segment.objects.get(pk=segment.pk)
    for name, value in fields.items():
        setattr(changed, name, value)
    if "rules" in fields:
        changed.rules = _checked(changed, fields["rules"])
    values = {name: getattr(changed, name) for name in FIELDS}
    try:
        with transaction.atomic():
            claimed = Segment.objects.filter(pk=segment.pk, version=version, archived_at=None).update(
                **values, version=F("version") + 1, updated_at=timezone.now()
            )
    except IntegrityError:
        raise _name_taken(changed.name) from None
    if not claimed:
        raise Conflict(
            _("Somebody changed “%(name)s” while you were editing. Nothing of yours was lost: compare and save again.")
            % {"name": before.name},
            code="segment_changed",
        )
    changed.refresh_from_db()
    audit_record(actor=actor, action="segment_update", subject=changed, changes=changed_fields(before, changed, FIELDS))
    if "rules" in fields:
        segment_measure(segment=changed)
    return changed


@transaction.atomic
def segment_duplicate(*, segment: Segment, actor: User) -> Segment:
    """A copy under a free name, owned by who asked."""
    number, name = 2, ""
    while not name or Segment.objects.filter(name=name).exists():
        name = f"{segment.name[:70]} ({number})"
        number += 1
    return segment_create(
        name=name,
        rules=segment.rules,
        actor=actor,
        description=segment.description,
        strategy=segment.strategy,
        next_action=segment.next_action,
    )


@transaction.atomic
def segment_archive(*, segment: Segment, actor: User) -> None:
    """Put a segment away. Raises DomainError `segment_in_use` naming what still uses it."""
    binding = [use.title for use in segment_used_by(segment=segment) if use.is_binding]
    if binding:
        raise DomainError(
            _("“%(name)s” is still used by %(uses)s. Change those first; nothing was archived.")
            % {"name": segment.name, "uses": ", ".join(binding[:5])},
            code="segment_in_use",
        )
    if Segment.objects.filter(pk=segment.pk, archived_at=None).update(archived_at=timezone.now()):
        audit_record(actor=actor, action="segment_archive", subject=segment)


@dataclass(frozen=True)
class BulkArchiveResult:
    """Several things put away at once: those that were, and why the others were not (a sentence each)."""

    done: list[Segment]
    refused: list[str]


@transaction.atomic
def segments_archive(*, segments: Iterable[Segment], actor: User) -> BulkArchiveResult:
    """Put several segments away, those that include others first. Those in use elsewhere stay."""
    done: list[Segment] = []
    refused: list[str] = []
    waiting = [it for it in segments if it.archived_at is None]
    while waiting:
        still, refused = [], []
        for segment in waiting:
            try:
                segment_archive(segment=segment, actor=actor)
                done.append(segment)
            except DomainError as error:
                still.append(segment)
                refused.append(error.message)
        if len(still) == len(waiting):
            break
        waiting = still
    return BulkArchiveResult(done, refused)


@transaction.atomic
def segments_restore(*, segments: Iterable[Segment], actor: User) -> list[Segment]:
    """Bring several segments back; those that were away."""
    done = [it for it in segments if it.archived_at is not None]
    for segment in done:
        segment_restore(segment=segment, actor=actor)
    return done


@transaction.atomic
def segment_restore(*, segment: Segment, actor: User) -> None:
    """Bring an archived segment back."""
    if Segment.objects.exclude(archived_at=None).filter(pk=segment.pk).update(archived_at=None):
        audit_record(actor=actor, action="segment_restore", subject=segment)


def segment_used_by(*, segment: Segment) -> list[Use]:
    """Everything that uses the segment: other segments, propositions, and what other apps registered."""
    return [use for source in segment_uses for use in source.uses(segment)]


@transaction.atomic
def segment_measure(*, segment: Segment, now: datetime | None = None) -> None:
    """Count the people and the value of a segment and keep both for the day. Unusable rules leave it uncounted."""
    at = now or timezone.now()
    day = timezone.localtime(at, Company.get().zone).date()
    try:
        measure = audience_measure(segment_audience(segment, now=at))
    except InvalidRules:
        Segment.objects.filter(pk=segment.pk).update(size=None, value=None, counted_at=at)
        return
    Segment.objects.filter(pk=segment.pk).update(size=measure.size, value=measure.value, counted_at=at)
    SegmentSize.objects.update_or_create(
        segment=segment, day=day, defaults={"size": measure.size, "value": measure.value}
    )
    segment.size, segment.value, segment.counted_at = measure.size, measure.value, at


def segments_measure(*, now: datetime | None = None) -> int:
    """Count every segment in use; how many were."""
    segments = list(Segment.objects.active())
    for segment in segments:
        segment_measure(segment=segment, now=now)
    return len(segments)


def _checked(segment: Segment, rules: dict[str, Any]) -> dict[str, Any]:
    """The rules in their normal form, when they can be used by this segment."""
    root = read_rules(rules, allow_retired=False)
    context = rule_context()
    for code in included_codes(root):
        if context.included(code) is None:
            raise InvalidRules([Problem((), _("A segment this rule includes does not exist any more."))])
    cycle = find_cycle(code=segment.public_id, name=segment.name, root=root, context=context)
    if cycle:
        names = " → ".join(cycle)
        raise InvalidRules([Problem((), _("These segments include one another: %(names)s.") % {"names": names})])
    return write_rules(root)


def _save(segment: Segment, *, force_insert: bool) -> None:
    try:
        with transaction.atomic():
            segment.save(force_insert=force_insert)
    except IntegrityError:
        raise _name_taken(segment.name) from None


def _name_taken(name: str) -> DomainError:
    text = _("There is already a segment called “%(name)s”.") % {"name": name}
    return DomainError(text, code="segment_name_taken", fields={"name": text})
