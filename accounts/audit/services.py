"""Recording who changed what."""

from collections.abc import Callable, Iterable, Mapping
from typing import TYPE_CHECKING, Any

from django.db import models

from accounts.audit.models import AuditEntry
from accounts.audit.values import source_text, stored

if TYPE_CHECKING:
    from accounts.people.models import User


def audit_record(
    *, actor: "User | None", action: str, subject: models.Model, changes: Mapping[str, tuple[Any, Any]] | None = None
) -> AuditEntry:
    """Write one line of the audit trail, in the caller's transaction.

    `action` is `<thing>_<verb>`, the name of the service (`campaign_schedule`), with a title in `action_titles`;
    `changes` maps a field to (before, after) as values, not as words: codes, numbers, instants, things. How they read
    is said in `accounts.audit.subjects`. Nothing secret goes in: no passwords, tokens or bodies of letters.
    """
    return AuditEntry.objects.create(
        actor=actor,
        actor_label=str(actor) if actor else "",
        action=action,
        object_type=subject._meta.label_lower,
        object_id=str(subject.pk or ""),
        object_label=source_text(subject)[:200],
        changes={name: [stored(before), stored(after)] for name, (before, after) in (changes or {}).items()},
    )


def audit_each(actor: "User | None", action: str) -> Callable[[Iterable[models.Model]], None]:
    """For services that do one thing to many: a line of the audit trail for each."""

    def record(subjects: Iterable[models.Model]) -> None:
        for subject in subjects:
            audit_record(actor=actor, action=action, subject=subject)

    return record


def changed_fields(before: models.Model, after: models.Model, names: list[str]) -> dict[str, tuple[Any, Any]]:
    """The fields among `names` whose values differ, as (before, after)."""
    return {
        name: (getattr(before, name), getattr(after, name))
        for name in names
        if getattr(before, name) != getattr(after, name)
    }
