"""Jobs whose worker died, or whose message the broker lost: handed out again, and given up after three tries."""

from datetime import timedelta

from django.db.models.functions import Coalesce
from django.utils import timezone
from django.utils.translation import gettext as _

from core.locks import lock_is_held
from core.models import Job
from core.services.jobs import job_fail
from core.tasks import enqueue

DEAD_AFTER = timedelta(seconds=60)
LOST_AFTER = timedelta(minutes=5)
MAX_TRIES = 3
TASKS = {"import": "crm.import_file", "import_check": "crm.import_file", "rfm": "crm.score_rfm"}


def job_lock(job: Job) -> str:
    """The lock a worker holds while it works on a job; Postgres lets go of it when the worker dies."""
    return f"job:{job.pk}"


def jobs_recover() -> int:
    """Hand out again the jobs whose worker died (silent for a minute and nobody holds their lock); after three tries
    they are marked failed. What the dead worker did was never committed. Jobs that nobody took within five minutes
    are announced again, since a task delivered twice is harmless. Returns how many jobs were touched."""
    now, found = timezone.now(), 0
    for job in Job.objects.filter(kind__in=TASKS, state=Job.State.RUNNING, heartbeat_at__lt=now - DEAD_AFTER):
        found += not lock_is_held(job_lock(job)) and _requeue(job)
    waiting = Job.objects.filter(kind__in=TASKS, state=Job.State.WAITING)
    for job in waiting.annotate(told_at=Coalesce("heartbeat_at", "created_at")).filter(told_at__lt=now - LOST_AFTER):
        found += 1
        Job.objects.filter(pk=job.pk).update(heartbeat_at=now)
        enqueue(TASKS[job.kind], job_id=job.pk)
    return found


def _requeue(job: Job) -> bool:
    tries = int(job.parameters.get("tries", 1))
    if tries >= MAX_TRIES:
        job_fail(job=job, error=_failure_text(job))
        return True
    taken = Job.objects.filter(pk=job.pk, state=Job.State.RUNNING, heartbeat_at=job.heartbeat_at).update(
        state=Job.State.WAITING,
        parameters={**job.parameters, "tries": tries + 1},
        heartbeat_at=timezone.now(),
        done=0,
        step="",
    )
    if taken:
        enqueue(TASKS[job.kind], job_id=job.pk)
    return bool(taken)


def _failure_text(job: Job) -> str:
    if job.kind == "rfm":
        return _("The background process failed three times. The scores were not changed.")
    return _("The background process failed three times on this file. Nothing was imported.")
