"""What tracking offers to the rest: fields of rules; and its clock."""

from typing import Any

from core.metrics import MetricSource, metric_sources
from core.rules.fields import fields
from delivery.tracking.metrics import tracking_metrics
from delivery.tracking.segment_fields import clicked_field, opened_field

BEAT: dict[str, Any] = {
    "delivery-collect-events": {"task": "delivery.collect_events", "schedule": 2.0},
    "delivery-event-partitions": {"task": "delivery.event_partitions", "schedule": 43200.0},
}
metric_sources.register(MetricSource("tracking", tracking_metrics))


def register() -> None:
    """Called by `delivery.registrations`, in the order in which they are listed."""
    for field in (clicked_field(), opened_field()):
        fields.register(field)
