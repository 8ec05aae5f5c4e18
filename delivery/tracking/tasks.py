"""What Celery calls to collect reactions. All of it may run twice."""

from celery import shared_task

from delivery.engine.partitions import event_partitions_make
from delivery.tracking.collect import events_collect


@shared_task(name="delivery.event_partitions")
def event_partitions_task() -> None:
    event_partitions_make()


@shared_task(name="delivery.collect_events")
def collect_events_task() -> None:
    events_collect()
