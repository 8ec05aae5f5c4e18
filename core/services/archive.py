"""Archiving and restoring, of one thing or of many: whatever has an `archived_at`.

    archived = archive_many(segments, audit=audit_each(actor, "segment_archive"), refuse=_refusal)

The keys of what changed are what a table's undo remembers (`core.services.undo`), to do the opposite to just these.
"""

from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any, TypeVar

from django.db import models, transaction
from django.utils import timezone

Thing = TypeVar("Thing", bound=models.Model)


@dataclass(frozen=True)
class Archived:
    """The keys of the things that changed, and why others did not (a sentence each)."""

    keys: list[int] = field(default_factory=list)
    refused: list[str] = field(default_factory=list)


@transaction.atomic
def archive_many(
    things: Iterable[Thing],
    *,
    audit: Callable[[models.QuerySet[Thing]], object],
    refuse: Callable[[Thing], str] | None = None,
) -> Archived:
    """Archive those of `things` (objects, or a queryset, which is not read) that are not archived yet.

    `refuse` says why a thing must stay, or nothing; it is asked again after others went, as their use of it may have
    been the reason. `audit` records what was done and is not called for nothing.
    """
    rows = _rows(things, archived=False)
    if rows is None:
        return Archived()
    if refuse is None:
        return Archived(_set(rows, timezone.now(), audit))
    waiting = list(rows.select_for_update().order_by("pk"))
    keys: list[int] = []
    refused: list[str] = []
    while waiting:
        refused, stay = [], []
        for thing in waiting:
            if reason := refuse(thing):
                refused.append(reason)
                stay.append(thing)
            else:
                keys += _set(rows.filter(pk=thing.pk), timezone.now(), audit)
        if len(stay) == len(waiting):
            break
        waiting = stay
    return Archived(keys, refused)


@transaction.atomic
def restore_many(things: Iterable[Thing], *, audit: Callable[[models.QuerySet[Thing]], object]) -> Archived:
    """Restore those of `things` that are archived."""
    rows = _rows(things, archived=True)
    return Archived(_set(rows, None, audit) if rows is not None else [])


def _rows(things: Iterable[Thing], *, archived: bool) -> models.QuerySet[Thing] | None:
    """What is to change, without what a list joins to show it; None of no things."""
    keys: Any
    if isinstance(things, models.QuerySet):
        model, keys = things.model, things.order_by().values("pk")
    else:
        objects = list(things)
        if not objects:
            return None
        model, keys = type(objects[0]), [thing.pk for thing in objects]
    rows: models.QuerySet[Thing] = model._default_manager.filter(pk__in=keys, archived_at__isnull=not archived)
    return rows


def _set(
    rows: models.QuerySet[Thing], moment: datetime | None, audit: Callable[[models.QuerySet[Thing]], object]
) -> list[int]:
    """Lock, change and record; the keys."""
    keys = list(rows.select_for_update().order_by("pk").values_list("pk", flat=True))
    if not keys:
        return []
    changed = rows.model._default_manager.filter(pk__in=keys)
    values: dict[str, Any] = {"archived_at": moment}
    if any(column.name == "updated_at" for column in rows.model._meta.fields):
        values["updated_at"] = timezone.now()
    changed.update(**values)
    audit(changed)
    return keys
