"""The tasks of marketing, where Celery looks for them."""

from marketing.segments.tasks import measure_segments

__all__ = ["measure_segments"]
