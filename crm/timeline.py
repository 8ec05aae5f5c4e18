"""What happened between a contact and the company, merged from every registered source, newest first."""

from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from accounts.models import User
from core.ui.numbers import money
from crm.models import Consent, Contact, MiniListMembership, Note, NpsAnswer, Order, StageChange
from crm.origins import origin_words
from crm.registries import TimelineEvent, TimelineSource, timeline_sources

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


def _earlier(rows: Any, field: str, before: datetime | None, limit: int) -> Any:
    if before is not None:
        rows = rows.filter(**{f"{field}__lt": before})
    return rows.order_by(f"-{field}", "-pk")[:limit]


def order_events(contact: Contact, user: User, before: datetime | None, limit: int) -> list[TimelineEvent]:
    rows = _earlier(Order.objects.visible_to(user).filter(contact=contact), "placed_at", before, limit)
    return [
        TimelineEvent(
            at=order.placed_at,
            key=f"order{order.pk}",
            title=(_("Returned goods for %(amount)s") if order.kind == "return" else _("Bought for %(amount)s"))
            % {"amount": money(abs(order.net), order.currency)},
            text=_("Order %(number)s") % {"number": order.number},
            icon="arrow-back-up" if order.kind == "return" else "shopping-cart",
            url=reverse("order_detail", args=[order.pk]),
        )
        for order in rows
    ]


def note_events(contact: Contact, user: User, before: datetime | None, limit: int) -> list[TimelineEvent]:
    icons = {Note.Kind.CALL: "phone", Note.Kind.MEETING: "calendar", Note.Kind.NOTE: "note"}
    return [
        TimelineEvent(
            at=note.at,
            key=f"note{note.pk}",
            title=note.get_kind_display(),
            text=note.text,
            icon=icons[Note.Kind(note.kind)],
            actor=str(note.author or ""),
        )
        for note in _earlier(Note.objects.filter(contact=contact).select_related("author"), "at", before, limit)
    ]


def stage_events(contact: Contact, user: User, before: datetime | None, limit: int) -> list[TimelineEvent]:
    return [
        TimelineEvent(
            at=change.at,
            key=f"stage{change.pk}",
            title=_("Became: %(stage)s") % {"stage": change.get_after_display()},
            icon="stairs-up",
            tone="bad" if change.after in {"at_risk", "lost"} else "",
        )
        for change in _earlier(StageChange.objects.filter(contact=contact), "at", before, limit)
    ]


def consent_events(contact: Contact, user: User, before: datetime | None, limit: int) -> list[TimelineEvent]:
    rows = Consent.objects.filter(contact=contact).select_related("topic", "actor")
    return [
        TimelineEvent(
            at=record.at,
            key=f"consent{record.pk}",
            title=(_("Agreed to: %(topic)s") if record.given else _("Withdrew from: %(topic)s"))
            % {"topic": _(record.topic.name)},
            text=" · ".join(word for word in (str(record.get_channel_display()), origin_words(record.source)) if word),
            icon="circle-check" if record.given else "circle-x",
            actor=str(record.actor or ""),
        )
        for record in _earlier(rows, "at", before, limit)
    ]


def answer_events(contact: Contact, user: User, before: datetime | None, limit: int) -> list[TimelineEvent]:
    rows = NpsAnswer.objects.visible_to(user).filter(contact=contact)
    return [
        TimelineEvent(
            at=answer.answered_at,
            key=f"nps{answer.pk}",
            title=_("Would recommend us: %(score)s of 10") % {"score": answer.score},
            text=answer.comment,
            icon="message-star",
            tone="good" if answer.score >= 9 else "bad" if answer.score <= 6 else "",
        )
        for answer in _earlier(rows, "answered_at", before, limit)
    ]


def owner_events(contact: Contact, user: User, before: datetime | None, limit: int) -> list[TimelineEvent]:
    rows = MiniListMembership.objects.filter(contact=contact).select_related("owner")
    return [
        TimelineEvent(
            at=row.since,
            key=f"owner{row.pk}",
            title=_("%(name)s looks after them from now on") % {"name": row.owner},
            icon="user-heart",
        )
        for row in _earlier(rows, "since", before, limit)
    ]


SOURCES = (
    TimelineSource("orders", gettext_lazy("Orders"), "shopping-cart", order_events),
    TimelineSource("notes", gettext_lazy("Notes and calls"), "note", note_events),
    TimelineSource("stages", gettext_lazy("Life cycle"), "stairs-up", stage_events),
    TimelineSource("consent", gettext_lazy("Consent"), "circle-check", consent_events),
    TimelineSource("answers", gettext_lazy("Answers"), "message-star", answer_events),
    TimelineSource("owners", gettext_lazy("Looked after by"), "user-heart", owner_events),
)
