"""Imports as jobs: taken once, handed out again when the worker died, given up after three tries."""

from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from django.utils import timezone

from core.errors import Conflict
from core.models import Job
from core.services.jobs import job_cancel
from crm.models import ImportFile, Order
from crm.services import imports
from crm.services.imports import import_start, import_work
from crm.services.recovery import jobs_recover
from crm.tests.test_import_orders import ROWS, as_file, upload


@pytest.fixture(autouse=True)
def home(settings: Any, tmp_path: Path, db: None) -> None:
    settings.MEDIA_ROOT = tmp_path


def started() -> Job:
    return import_start(file=upload(as_file(ROWS)), dry_run=False, actor=None)


def silent(job: Job, **changes: Any) -> None:
    moment = timezone.now() - timedelta(minutes=5)
    Job.objects.filter(pk=job.pk).update(state=Job.State.RUNNING, heartbeat_at=moment, **changes)


def test_a_task_delivered_twice_imports_once() -> None:
    job = started()
    import_work(job_id=job.pk)
    import_work(job_id=job.pk)
    job.refresh_from_db()
    assert (job.state, job.result["imported"], Order.objects.count()) == (Job.State.DONE, 6, 5)
    assert ImportFile.objects.get().report == job.result


def test_a_file_that_is_worked_on_cannot_be_started_again() -> None:
    started()
    with pytest.raises(Conflict) as refused:
        import_start(file=ImportFile.objects.get(), dry_run=True, actor=None)
    assert refused.value.code == "import_is_running"


def test_a_dead_workers_job_is_handed_out_again_and_then_given_up() -> None:
    job = started()
    silent(job)
    assert jobs_recover() == 1
    job.refresh_from_db()
    assert (job.state, job.parameters["tries"]) == (Job.State.WAITING, 2)
    silent(job, parameters={**job.parameters, "tries": 3})
    assert jobs_recover() == 1
    job.refresh_from_db()
    assert job.state == Job.State.FAILED
    assert job.error


def test_a_job_nobody_took_is_announced_again() -> None:
    job = started()
    assert jobs_recover() == 0
    Job.objects.filter(pk=job.pk).update(created_at=timezone.now() - timedelta(minutes=6))
    assert (jobs_recover(), jobs_recover()) == (1, 0)


def test_an_import_cancelled_at_the_last_moment_leaves_nothing(monkeypatch: pytest.MonkeyPatch) -> None:
    job = started()
    keep = imports._keep

    def cancelled_meanwhile(*given: Any) -> None:
        keep(*given)
        assert job_cancel(job=job)

    monkeypatch.setattr(imports, "_keep", cancelled_meanwhile)
    import_work(job_id=job.pk)
    assert (Order.objects.count(), ImportFile.objects.get().report) == (0, {})
