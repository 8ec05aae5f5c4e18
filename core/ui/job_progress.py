"""How far a job is, for `components/job.html` on any page."""

from datetime import timedelta
from typing import Any

from django.utils import timezone

from core.models import Job
from core.ui.job_kinds import job_kind

STALE_AFTER = timedelta(seconds=30)


def job_context(job: Job) -> dict[str, Any]:
    """What `components/job.html` needs."""
    now = timezone.now()
    waiting_since = job.heartbeat_at or job.created_at
    return {
        "job": job,
        "kind": job_kind(job),
        "time_left": time_left(job),
        "is_silent": not job.is_finished and now - waiting_since > STALE_AFTER,
        "took": (job.finished_at - job.started_at) if job.finished_at and job.started_at else None,
    }


def time_left(job: Job) -> timedelta | None:
    """By the pace so far; None until a share and five seconds of it are known."""
    if job.state != Job.State.RUNNING or not job.started_at or not job.total or not job.done:
        return None
    spent = (job.heartbeat_at or timezone.now()) - job.started_at
    if spent < timedelta(seconds=5):
        return None
    return spent * (max(0, job.total - job.done) / job.done)
