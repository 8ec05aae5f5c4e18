"""Reading sends: how far one is, who got it, what each arm brought, what one contact received."""

from dataclasses import dataclass, field
from datetime import datetime, timedelta

from django.db import connection
from django.utils import timezone

from delivery.engine.freeze import AudienceSnapshot
from delivery.engine.freeze import audience_preview as preview
from delivery.sends.authors import audience_of, authors_related
from delivery.sends.models import Batch, Delivery, Link, Send, Variant
from delivery.tracking.models import Engagement

RATE_WINDOW = timedelta(seconds=30)


@dataclass(frozen=True)
class Progress:
    """How far a send is, from the roll-up by batch: the counts sum to `audience`.

    `claimed` are recipients of batches a worker holds; `per_second` is the rate of the last half minute (None before
    anything left), `seconds_left` an estimate from it; `skips` counts the skipped by reason.
    """

    audience: int
    waiting: int
    claimed: int
    deferred: int
    sent: int
    failed: int
    skipped: int
    unknown: int
    skips: dict[str, int] = field(default_factory=dict)
    per_second: float | None = None
    seconds_left: int | None = None

    @property
    def finished(self) -> int:
        return self.sent + self.failed + self.skipped + self.unknown

    @property
    def percent(self) -> int:
        return self.finished * 100 // self.audience if self.audience else 0


# Written out: every open page of a running campaign asks for it every two seconds.
SUMS = """
    SELECT coalesce(sum(size), 0) AS audience, coalesce(sum(sent), 0) AS sent, coalesce(sum(failed), 0) AS failed,
        coalesce(sum(skipped), 0) AS skipped, coalesce(sum(unknown), 0) AS unknown,
        coalesce(sum(deferred) FILTER (WHERE state <> 'claimed'), 0) AS deferred,
        coalesce(sum(size - sent - failed - skipped - unknown) FILTER (WHERE state = 'claimed'), 0) AS claimed,
        coalesce(sum(sent + failed) FILTER (WHERE number > 0 AND done_at > %(since)s), 0) AS recent
    FROM delivery_batch WHERE send_id = %(send)s
"""

# Where batches take longer than the window, or wait for people who were put off, their ends say too little of the rate:
# the rows of the last few that changed tell it, since the oldest of those changed where there are more.
SLOW = 3000
SINCE = """
    WITH latest AS (
        SELECT number, summed_at FROM delivery_batch
        WHERE send_id = %(send)s AND number > 0 AND summed_at > %(since)s ORDER BY summed_at DESC LIMIT 40
    ), span AS (
        SELECT CASE WHEN count(*) = 40 THEN min(summed_at) ELSE %(since)s END AS since FROM latest
    )
    SELECT count(d.contact_id), span.since FROM span LEFT JOIN (
        SELECT contact_id, changed_at FROM latest
        JOIN delivery_delivery ON send_id = %(send)s AND batch = number AND state IN ('sent', 'failed')
    ) d ON d.changed_at > span.since GROUP BY span.since
"""


def send_progress(send: Send) -> Progress:
    """One query over the roll-up, two thousand rows at most for a million recipients, and one more for the reasons of
    those skipped. Of the ledger only a few batches are read, and only when few were finished lately."""
    now = timezone.now()
    since = max(now - RATE_WINDOW, send.launched_at or now - RATE_WINDOW)
    with connection.cursor() as cursor:
        cursor.execute(SUMS, {"send": send.pk, "since": since})
        (row,) = cursor.fetchall()
        counts = {column.name: value for column, value in zip(cursor.description, row, strict=True)}
        if send.state == Send.State.SENDING and counts["recent"] < SLOW:
            cursor.execute(SINCE, {"send": send.pk, "since": since})
            counts["recent"], since = cursor.fetchone()
    recent, seconds = counts.pop("recent"), (now - since).total_seconds()
    finished = counts["sent"] + counts["failed"] + counts["skipped"] + counts["unknown"]
    waiting = counts["audience"] - finished - counts["deferred"] - counts["claimed"]
    rate = recent / seconds if send.state == Send.State.SENDING and recent and seconds > 0 else None
    left = waiting + counts["claimed"]
    return Progress(
        **counts,
        waiting=waiting,
        skips=_skips(send) if counts["skipped"] else {},
        per_second=rate,
        seconds_left=round(left / rate) if rate and left else None,
    )


def _skips(send: Send) -> dict[str, int]:
    total: dict[str, int] = {}
    for skips in Batch.objects.filter(send=send, skipped__gt=0).values_list("skips", flat=True):
        for reason, count in skips.items():
            total[reason] = total.get(reason, 0) + count
    return total


def audience_preview(*, send: Send) -> AudienceSnapshot:
    """How many would get this send now, and why the others would not."""
    return preview(send=send, contacts=audience_of(send))


@dataclass(frozen=True)
class Received:
    """One send as one contact met it; `links` are the addresses they clicked themselves."""

    send: Send
    delivery: Delivery
    variant: Variant | None
    engagement: Engagement | None
    links: tuple[str, ...] = ()

    @property
    def at(self) -> datetime:
        return self.delivery.changed_at


def delivery_for_contact(contact_id: int, *, before: datetime | None = None, limit: int = 50) -> list[Received]:
    """What a contact was sent (or was to be sent), newest first."""
    rows = Delivery.objects.filter(contact_id=contact_id).exclude(state=Delivery.State.PENDING)
    if before is not None:
        rows = rows.filter(changed_at__lt=before)
    found = list(rows.order_by("-changed_at")[:limit])
    sends = Send.objects.select_related(*authors_related()).in_bulk([row.send_id for row in found])
    variants = Variant.objects.in_bulk([row.variant_id for row in found if row.variant_id])
    engaged = {row.send_id: row for row in Engagement.objects.filter(contact_id=contact_id, send_id__in=list(sends))}
    clicked = [link for row in engaged.values() for link in row.links]
    links = dict(Link.objects.filter(pk__in=clicked).values_list("pk", "url")) if clicked else {}
    return [
        Received(
            sends[row.send_id],
            row,
            variants.get(row.variant_id or 0),
            (engagement := engaged.get(row.send_id)),
            tuple(links[link] for link in engagement.links if link in links) if engagement else (),
        )
        for row in found
        if row.send_id in sends
    ]
