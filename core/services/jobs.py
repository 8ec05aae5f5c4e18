"""Starting, advancing and ending jobs. Every change is a conditional update, so a second worker changes nothing."""

from typing import Any

from django.utils import timezone

from core.models import Job
from core.tasks import enqueue


def job_start(*, kind: str, task: str, actor_id: int | None, label: str = "", **parameters: Any) -> Job:
    """Record a job and hand it to the worker as `task(job_id=...)` after commit."""
    job = Job.objects.create(kind=kind, label=label, actor_id=actor_id, parameters=parameters)
    enqueue(task, job_id=job.pk)
    return job


def job_claim(*, job_id: int) -> Job | None:
    """Take a waiting job. None when it was taken, cancelled or finished before."""
    now = timezone.now()
    claimed = Job.objects.filter(pk=job_id, state=Job.State.WAITING).update(
        state=Job.State.RUNNING, started_at=now, heartbeat_at=now
    )
    return Job.objects.get(pk=job_id) if claimed else None


def job_progress(*, job: Job, done: int, total: int | None = None, step: str | None = None) -> bool:
    """Store how far a running job is. False when somebody cancelled it: stop then."""
    changes: dict[str, Any] = {"done": done, "heartbeat_at": timezone.now()}
    if total is not None:
        changes["total"] = total
    if step is not None:
        changes["step"] = step
    return bool(Job.objects.filter(pk=job.pk, state=Job.State.RUNNING).update(**changes))


def job_finish(*, job: Job, result: dict[str, Any]) -> bool:
    """False when somebody cancelled it. Called in the transaction of the work, the two end together."""
    return bool(
        Job.objects.filter(pk=job.pk, state=Job.State.RUNNING).update(
            state=Job.State.DONE, result=result, finished_at=timezone.now(), step=""
        )
    )


def job_fail(*, job: Job, error: str) -> None:
    Job.objects.filter(pk=job.pk, state__in=[Job.State.WAITING, Job.State.RUNNING]).update(
        state=Job.State.FAILED, error=error, finished_at=timezone.now()
    )


def job_cancel(*, job: Job) -> bool:
    """True when the job had not finished yet."""
    return bool(
        Job.objects.filter(pk=job.pk, state__in=[Job.State.WAITING, Job.State.RUNNING]).update(
            state=Job.State.CANCELLED, finished_at=timezone.now()
        )
    )
