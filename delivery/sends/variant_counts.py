"""What each arm of a send brought, raw, unique and human apart: the screen, the API and the CSV all read it here."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from django.db import connection
from django.db.models import Count, F, Q, Sum

from crm.sales.sql import sales_of
from delivery.engine.tokens import NOBODY
from delivery.sends.models import Batch, Link, Send, Variant
from delivery.tracking.models import Engagement, Event, LinkTally


@dataclass(frozen=True)
class ArmCounts:
    """What one arm brought: `recipients` were sent to; of them so many people `opens` and `clicks`, programs left out.
    `openers` and `clickers` are recipients whose message a person or a program opened or clicked; `raw_` counts every
    single event. `orders` are recipients who bought within the horizon of receiving it, `unsubscribed` who left by it.

    In privacy mode `clicks` counts human clicks, not people; nothing is known of opens.
    """

    variant_id: int
    label: str
    recipients: int
    opens: int
    clicks: int
    orders: int
    openers: int = 0
    clickers: int = 0
    raw_opens: int = 0
    raw_clicks: int = 0
    unsubscribed: int = 0


# In this order wherever they are listed: people first, then recipients with any event, then events.
FIGURES = (
    "recipients", "clicks", "clickers", "raw_clicks", "opens", "openers", "raw_opens", "orders", "unsubscribed",
)  # fmt: skip
ORDERED = f"""
    SELECT d.variant_id, count(DISTINCT d.contact_id) FROM delivery_delivery d
    JOIN {sales_of("d.contact_id", "o")}
        AND o.placed_at >= d.changed_at AND o.placed_at < d.changed_at + make_interval(days => %s)
    WHERE d.send_id = %s AND d.state = 'sent' AND o.placed_at >= %s GROUP BY d.variant_id
"""  # noqa: S608


def variant_counts(send: Send, *, horizon_days: int = 7) -> list[ArmCounts]:
    """Per arm, in the order of labels: what the statistics of its test are read from."""
    recipients = dict(
        Batch.objects.filter(send=send, number__gt=0).values_list("variant_id").annotate(total=Sum("sent"))
    )
    acted = _by_people(send)
    if not send.is_tracked:
        for variant_id, counted in _without_people(send).items():
            acted[variant_id] = {**acted.get(variant_id, {}), **counted}
    variants = list(Variant.objects.filter(send=send))
    orders = order_counts(send, variants, horizon_days=horizon_days)
    return [
        ArmCounts(
            variant_id=variant.pk,
            label=variant.label,
            recipients=recipients.get(variant.pk, 0),
            orders=orders.get(variant.pk, 0),
            **{"opens": 0, "clicks": 0, **acted.get(variant.pk, {})},
        )
        for variant in variants
    ]


def order_counts(send: Send, variants: list[Variant], *, horizon_days: int) -> Mapping[int, int]:
    """Recipients who bought in time, by arm; once the ledger was purged, as they were counted then."""
    if send.ledger_purged_at is not None:
        return {arm.pk: int(arm.kept_orders.get(str(horizon_days), 0)) for arm in variants}
    with connection.cursor() as cursor:
        cursor.execute(ORDERED, [horizon_days, send.pk, send.launched_at])
        return dict(cursor.fetchall())


def _by_people(send: Send) -> dict[int, dict[str, int]]:
    rows: Any = (
        Engagement.objects.filter(send_id=send.pk)
        .values("variant_id")
        .annotate(
            human_openers=Count("contact_id", filter=Q(human_opens__gt=0)),
            human_clickers=Count("contact_id", filter=Q(human_clicks__gt=0)),
            openers=Count("contact_id", filter=Q(opens__gt=0)),
            clickers=Count("contact_id", filter=Q(clicks__gt=0)),
            raw_opens=Sum("opens"),
            raw_clicks=Sum("clicks"),
            unsubscribed=Count("contact_id", filter=~Q(unsubscribed_at=None)),
        )
    )
    return {
        row.pop("variant_id"): {"opens": row.pop("human_openers"), "clicks": row.pop("human_clickers"), **row}
        for row in rows
    }


def _without_people(send: Send) -> dict[int, dict[str, int]]:
    """Clicks by arm of a send in privacy mode: those still stored, and what the others came to."""
    found: dict[int, dict[str, int]] = {}
    arms = dict(Link.objects.filter(send=send).values_list("pk", "variant_id"))
    for link, (human, raw) in click_counts(send, people=False).items():
        arm = found.setdefault(arms.get(link, 0), {"clicks": 0, "raw_clicks": 0})
        arm["clicks"] += human
        arm["raw_clicks"] += raw
    return found


def click_counts(send: Send, *, people: bool = True) -> dict[int, tuple[int, int]]:
    """Human and all clicks by link, also those whose events were purged. `people` False: only those of privacy mode."""
    events = Event.objects.filter(send_id=send.pk, kind=Event.Kind.CLICK)
    if not people:
        events = events.filter(contact_id=NOBODY)
    found: dict[int, tuple[int, int]] = {
        row["link_id"]: (row["human"], row["raw"])
        for row in events.values("link_id").annotate(human=Count("id", filter=Q(machine="")), raw=Count("id"))
        if row["link_id"] is not None
    }
    for link, human, raw in LinkTally.objects.filter(link__send=send).values_list("link", "human_clicks", "clicks"):
        now = found.get(link, (0, 0))
        found[link] = (now[0] + human, now[1] + raw)
    return found


def machine_counts(send: Send) -> list[tuple[str, str, int]]:
    """Why events are no person's: (kind, reason, how many) of those still stored, the most frequent first."""
    rows = (
        Event.objects.filter(send_id=send.pk)
        .exclude(machine="")
        .values("kind", "machine")
        .annotate(count=Count(F("id")))
        .order_by("-count", "kind", "machine")
    )
    return [(row["kind"], row["machine"], row["count"]) for row in rows]
