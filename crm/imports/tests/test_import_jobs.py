"""Imports as jobs: taken once, handed out again when the worker died, given up after three tries."""

import html
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from django.test import Client
from django.utils import timezone

from accounts.people.models import User
from core.errors import Conflict
from core.models import Job
from core.services.jobs import job_cancel
from crm.imports import services
from crm.imports.models import ImportFile
from crm.imports.services import import_start, import_work
from crm.jobs.recovery import jobs_recover
from crm.sales.models import Order
from crm.sales.tests.test_order_import import ROWS, as_file, upload


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
    keep = services._save_result

    def cancelled_meanwhile(*given: Any) -> None:
        keep(*given)
        assert job_cancel(job=job)

    monkeypatch.setattr(services, "_save_result", cancelled_meanwhile)
    import_work(job_id=job.pk)
    assert (Order.objects.count(), ImportFile.objects.get().report) == (0, {})


@pytest.mark.parametrize("rates", ["USD=cheap", "USD", "US=1", "USD=0", "USD=-1", "USD=NaN", "USD=0.9,,GBP=x", "ŪSD=1"])
def test_an_unreadable_rate_is_said_beside_its_field(client: Client, marketer: User, rates: str) -> None:
    file = upload(as_file(ROWS))
    client.force_login(marketer)
    columns = {f"column_{code}": n for code, n in file.mapping["columns"].items()}
    answer = client.post(f"/imports/{file.public_id}/columns/", {**columns, "rates": rates, "source": "till"})
    page = html.unescape(answer.content.decode())
    assert answer.status_code == 422
    assert "is not a valid exchange rate. Use the format USD=0.92." in page
    assert 'aria-describedby="rates-error"' in page
    assert f'value="{rates}"' in page
    assert 'value="till"' in page
    assert not Job.objects.exists()


@pytest.mark.parametrize(
    ("typed", "kept"),
    [
        ("USD=0.92, GBP=1.17", {"USD": "0.92", "GBP": "1.17"}),
        ("usd = 0,92; gbp = 1,17", {"USD": "0.92", "GBP": "1.17"}),
        ("USD=0,92,GBP=1,17", {"USD": "0.92", "GBP": "1.17"}),
        ("USD=0.92 GBP=1.17", {"USD": "0.92", "GBP": "1.17"}),
        ("", {}),
    ],
)
def test_rates_are_read_as_people_write_them(client: Client, marketer: User, typed: str, kept: dict[str, str]) -> None:
    file = upload(as_file(ROWS))
    client.force_login(marketer)
    columns = {f"column_{code}": n for code, n in file.mapping["columns"].items()}
    answer = client.post(f"/imports/{file.public_id}/columns/", {**columns, "rates": typed})
    assert answer.status_code == 302
    assert ImportFile.objects.get().mapping["options"]["rates"] == kept
