"""What marketing does by itself."""

from celery import shared_task

from marketing.segments.services import segments_measure


@shared_task(name="marketing.measure_segments")
def measure_segments() -> None:
    """Count every segment and keep the day's size."""
    segments_measure()
