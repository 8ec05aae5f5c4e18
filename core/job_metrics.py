"""Figures about work in the background, for the monitoring."""

from collections.abc import Iterator

from django.db.models import Count, Min
from django.utils import timezone

from core.metrics import Metric
from core.models import Job


def job_metrics() -> Iterator[Metric]:
    """Jobs by kind and state, and how long the quietest running one has not reported progress."""
    counts = Job.objects.order_by().values_list("kind", "state").annotate(Count("pk"))
    yield Metric(
        "cauce_jobs",
        "Jobs (imports, scoring, exports) by kind and state. More failed ones than before deserve a look.",
        {(kind, state): count for kind, state, count in counts},
        labels=("kind", "state"),
    )
    oldest = Job.objects.filter(state=Job.State.RUNNING).aggregate(at=Min("heartbeat_at"))["at"]
    yield Metric(
        "cauce_job_silence_seconds",
        "Seconds since the running job that is silent for longest reported progress; 0 when none runs.",
        {(): (timezone.now() - oldest).total_seconds() if oldest else 0.0},
    )
