"""Figures about opens and clicks on their way, for the monitoring."""

from collections.abc import Iterator
from typing import Any

from django.utils import timezone

from core.metrics import Metric
from delivery.engine.throttle import shared
from delivery.tracking.entries import STREAM, line_at
from delivery.tracking.models import EventInbox


def tracking_metrics() -> Iterator[Metric]:
    """How many opens and clicks are not in the event table yet, and since when the oldest waits."""
    groups: Any = shared().xlen(STREAM)
    oldest: Any = shared().xrange(STREAM, count=1)
    began = [int(number.partition(b"-")[0]) / 1000 for number, _ in oldest]
    inbox = EventInbox.objects.order_by("pk").values_list("entry", flat=True).first()
    began += [line_at(inbox) / 1_000_000] if inbox else []
    yield Metric(
        "cauce_tracking_waiting",
        "Opens and clicks on their way to the event table: groups in the stream, entries in the inbox.",
        {("stream",): groups, ("inbox",): EventInbox.objects.count()},
        labels=("place",),
    )
    yield Metric(
        "cauce_tracking_lag_seconds",
        "Age of the oldest open or click that is not in the event table yet; 0 when none waits.",
        {(): max(timezone.now().timestamp() - min(began), 0.0) if began else 0.0},
    )
