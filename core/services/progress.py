"""Progress of a job told on a connection of its own, so that people see it while the work's transaction is open."""

import time
from contextlib import closing
from types import TracebackType
from typing import Self

from django.db import connections
from django.db.backends.base.base import BaseDatabaseWrapper
from django.utils import timezone

from core.models import Job


class JobCancelled(Exception):
    """Somebody cancelled the job; undo and stop."""


class ProgressLine:
    """Tells how far a job is, at most twice a second. Without a job it is silent (a management command)."""

    def __init__(self, job: Job | None, *, every: float = 0.5) -> None:
        self.job = job
        self.every = every
        self._next = 0.0
        self._line: BaseDatabaseWrapper | None = None
        self._done = self._total = 0
        self._step = ""

    def __enter__(self) -> Self:
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, at: TracebackType | None) -> None:
        if self._line is not None:
            self._line.close()
            self._line = None

    def tell(self, *, done: int | None = None, total: int | None = None, step: str | None = None) -> None:
        """Note how far the work is. Raises JobCancelled when somebody cancelled it."""
        self._done = self._done if done is None else done
        self._total = self._total if total is None else total
        now = time.monotonic()
        if self.job is None or (step is None and now < self._next):
            return
        self._step = self._step if step is None else step
        self._next = now + self.every
        self._write(self.job.pk)

    def _write(self, job_id: int) -> None:
        if self._line is None:
            self._line = connections.create_connection("default")
        with closing(self._line.cursor()) as cursor:
            cursor.execute(
                "UPDATE core_job SET done = %s, total = %s, step = %s, heartbeat_at = %s WHERE id = %s AND state = %s",
                [self._done, self._total, self._step[:120], timezone.now(), job_id, Job.State.RUNNING],
            )
            cursor.execute("SELECT state FROM core_job WHERE id = %s", [job_id])
            state = cursor.fetchone()
        if state and state[0] == Job.State.CANCELLED:
            raise JobCancelled
