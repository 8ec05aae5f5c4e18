"""Making, changing, counting and putting away segments."""

from collections.abc import Iterable
from datetime import datetime
from typing import Any

from django.db import IntegrityError, transaction
from django.db.models import F
from django.utils import timezone
from django.utils.translation import gettext as _

from accounts.audit.services import audit_each, audit_record, changed_fields
from accounts.company.models import Company
from accounts.people.models import User
from core.errors import Conflict, DomainError
from core.rules.cycles import find_cycle
from core.rules.tree import InvalidRules, Problem, included_codes, read_rules, write_rules
from core.services.archive import Archived, archive_many, restore_many
from marketing.segments.models import Segment, SegmentSize
from marketing.segments.queries import audience_measure, rule_context, segment_audience
from marketing.segments.uses import Use, segment_uses

FIELDS = ["name", "description", "rules", "strategy", "next_action", "is_key", "owner"]


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
            _("Another user changed “%(name)s” while you were editing. Your changes were kept. Compare and save again.")
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


def segment_archive(*, segment: Segment, actor: User) -> None:
    """Archive a segment. Raises DomainError `segment_in_use` naming what still uses it."""
    archived = segments_archive(segments=[segment], actor=actor)
    if archived.refused:
        raise DomainError(archived.refused[0], code="segment_in_use")


def segments_archive(*, segments: Iterable[Segment], actor: User) -> Archived:
    """Archive several segments, those that include others first. Those in use elsewhere stay."""
    return archive_many(segments, audit=audit_each(actor, "segment_archive"), refuse=_refusal)


def segments_restore(*, segments: Iterable[Segment], actor: User) -> Archived:
    """Restore several segments."""
    return restore_many(segments, audit=audit_each(actor, "segment_restore"))


def segment_restore(*, segment: Segment, actor: User) -> None:
    """Restore an archived segment."""
    segments_restore(segments=[segment], actor=actor)


def _refusal(segment: Segment) -> str:
    """Why a segment cannot be archived now; empty when nothing binding uses it."""
    binding = [use.title for use in segment_used_by(segment=segment) if use.is_binding]
    if not binding:
        return ""
    text = _("Nothing was archived: “%(name)s” is still used by %(uses)s. Remove those uses first.")
    return text % {"name": segment.name, "uses": ", ".join(binding[:5])}


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
    text = _("A segment named “%(name)s” already exists.") % {"name": name}
    return DomainError(text, code="segment_name_taken", fields={"name": text})
