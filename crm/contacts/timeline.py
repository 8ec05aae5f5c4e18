"""What happened between a contact and the company, merged from every registered source, newest first."""

from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.utils.translation import gettext as _

from accounts.people.models import User
from crm.contacts.lifecycle import stage_reason_text
from crm.contacts.models import Contact, MiniListMembership, StageChange
from crm.contacts.registries import TimelineEvent, timeline_sources

PAGE = 20
SPARE = 5


@dataclass(frozen=True)
class TimelinePage:
    """Some events and the instant to go on from; None at the beginning of the story."""

    events: list[TimelineEvent]
    before: datetime | None


def timeline_page(*, contact: Contact, user: User, before: datetime | None = None) -> TimelinePage:
    """The events before an instant. Events of one instant are never torn apart by a page's end."""
    found = _newest(contact, user, before, PAGE + SPARE)
    end = PAGE
    while 0 < end < len(found) and found[end].at == found[end - 1].at:
        end += 1
    events = found[:end]
    return TimelinePage(events, events[-1].at if len(found) > end else None)


def _newest(contact: Contact, user: User, before: datetime | None, limit: int) -> list[TimelineEvent]:
    """At least a page of events, newest first, each instant of the page whole."""
    told = [source.events(contact, user, before, limit) for source in timeline_sources]
    found = sorted((event for events in told for event in events), key=lambda it: (it.at, it.key), reverse=True)
    last = found[min(PAGE, len(found)) - 1].at if found else None
    # A source that was cut off within the page's last instant may have more of that instant.
    if any(len(events) >= limit and events[-1].at == last for events in told):
        return _newest(contact, user, before, limit * 4)
    return found


def rows_before(rows: Any, field: str, before: datetime | None, limit: int) -> Any:
    if before is not None:
        rows = rows.filter(**{f"{field}__lt": before})
    return rows.order_by(f"-{field}", "-pk")[:limit]


def stage_events(contact: Contact, user: User, before: datetime | None, limit: int) -> list[TimelineEvent]:
    changes = list(rows_before(StageChange.objects.filter(contact=contact), "at", before, limit))
    by = {change.reason.removeprefix("person:") for change in changes if change.reason.startswith("person:")}
    people = {f"person:{user.public_id}": str(user) for user in User.objects.filter(public_id__in=by)} if by else {}
    return [
        TimelineEvent(
            at=change.at,
            key=f"stage{change.pk}",
            title=_("Became: %(stage)s") % {"stage": change.get_after_display()},
            text=stage_reason_text(change.reason),
            actor=people.get(change.reason, ""),
            icon="stairs-up",
            tone="bad" if change.after in {"at_risk", "lost"} else "",
        )
        for change in changes
    ]


def owner_events(contact: Contact, user: User, before: datetime | None, limit: int) -> list[TimelineEvent]:
    rows = MiniListMembership.objects.filter(contact=contact).select_related("owner")
    return [
        TimelineEvent(
            at=row.since,
            key=f"owner{row.pk}",
            title=_("Assigned to %(name)s") % {"name": row.owner},
            icon="user-heart",
        )
        for row in rows_before(rows, "since", before, limit)
    ]
