"""Long work in a real worker that is killed in the middle, cancelled, or asked for twice at once."""

import io
from collections.abc import Callable, Iterator
from contextlib import closing, contextmanager
from datetime import timedelta
from pathlib import Path

import pytest
from django.db import connection
from django.utils import timezone

from accounts.people.models import User
from bench.orders_import import write
from core.locks import lock_is_held
from core.models import Job
from core.services.jobs import job_cancel
from crm.contacts.models import Contact
from crm.imports.kinds import import_kinds
from crm.imports.models import ImportFile
from crm.imports.services import import_start, import_upload
from crm.jobs.recovery import job_lock, jobs_recover
from crm.sales.models import Order, OrderLine, Product
from crm.sales.tests.factories import OrderFactory
from crm.scoring.models import RfmRun, RfmScore, RfmSegment
from crm.scoring.services.rfm import ALL_CELLS, rfm_start
from tests.fixtures.services import CeleryWorker
from tests.fixtures.waiting import wait_until

ROWS = 60_000


@pytest.fixture(scope="module")
def big_file(tmp_path_factory: pytest.TempPathFactory) -> Path:
    path = tmp_path_factory.mktemp("orders") / "orders.csv"
    write(path, ROWS)
    return path


def upload(content: bytes) -> ImportFile:
    return import_upload(
        kind=import_kinds["orders"], name="orders.csv", content=io.BytesIO(content), size=len(content), actor=None
    )


def state(job: Job) -> str:
    job.refresh_from_db()
    return job.state


def ended(job: Job) -> bool:
    return state(job) in {Job.State.DONE, Job.State.FAILED, Job.State.CANCELLED}


def reading(job: Job) -> bool:
    job.refresh_from_db()
    return job.done > 0


def writing(job: Job) -> bool:
    job.refresh_from_db()
    return job.step == "Saving orders"


def handed_out_again(job: Job) -> None:
    """A minute and more after the worker's last word."""

    def found() -> bool:
        Job.objects.filter(pk=job.pk, state=Job.State.RUNNING).update(
            heartbeat_at=timezone.now() - timedelta(minutes=5)
        )
        return jobs_recover() == 1

    wait_until(found, seconds=60, what="the dead worker's lock to fall")


def nothing_is_there() -> bool:
    return not any(model.objects.exists() for model in (Order, OrderLine, Contact, Product))


@pytest.mark.parametrize("moment", [reading, writing])
def test_a_killed_import_leaves_nothing_and_is_done_by_the_next_worker(
    celery_worker: CeleryWorker, big_file: Path, moment: Callable[[Job], bool]
) -> None:
    job = import_start(file=upload(big_file.read_bytes()), dry_run=False, actor=None)
    wait_until(lambda: moment(job), seconds=60, what="the import to be in the middle")
    celery_worker.kill()
    handed_out_again(job)
    assert nothing_is_there()
    celery_worker.start()
    wait_until(lambda: ended(job), seconds=120, what="the second worker")
    assert (job.state, job.error, job.result["imported"], job.parameters["tries"]) == ("done", "", ROWS, 2)
    assert OrderLine.objects.count() == ROWS


def test_a_cancelled_import_leaves_nothing(celery_worker: CeleryWorker, big_file: Path) -> None:
    job = import_start(file=upload(big_file.read_bytes()), dry_run=False, actor=None)
    wait_until(lambda: writing(job), seconds=60, what="the import to write")
    assert job_cancel(job=job)
    wait_until(lambda: not lock_is_held(job_lock(job)), seconds=60, what="the worker to stop")
    assert (state(job), nothing_is_there()) == ("cancelled", True)


def test_of_two_imports_at_once_the_second_says_so(celery_worker: CeleryWorker, big_file: Path) -> None:
    first = import_start(file=upload(big_file.read_bytes()), dry_run=False, actor=None)
    wait_until(lambda: reading(first), seconds=60, what="the first import")
    small = upload(b"Order,Customer ID,Date,Quantity,Price\nS1,K1,2026-01-05,1,5\n")
    second = import_start(file=small, dry_run=False, actor=None)
    wait_until(lambda: ended(second), seconds=60, what="the second import")
    assert (second.state, second.error.split(".")[0]) == ("failed", "Another import of the same kind is running")
    wait_until(lambda: ended(first), seconds=120, what="the first import")
    assert (first.state, Order.objects.filter(number="S1").exists()) == ("done", False)


@contextmanager
def scores_held() -> Iterator[Callable[[], bool]]:
    """Somebody else holds the scores, so that a scoring stops there; yields whether one waits."""
    other = connection.copy()
    other.set_autocommit(False)
    with closing(other), other.cursor() as cursor:
        cursor.execute("LOCK TABLE crm_rfmscore IN EXCLUSIVE MODE")

        def waits() -> bool:
            cursor.execute(
                "SELECT EXISTS (SELECT FROM pg_locks WHERE relation = 'crm_rfmscore'::regclass AND NOT granted)"
            )
            return bool(cursor.fetchone()[0])

        yield waits
        other.rollback()


@pytest.fixture
def customers(transactional_db: None) -> None:
    """Three who bought, and one segment for every cell (the table was emptied by the test before)."""
    RfmSegment.objects.all().delete()
    RfmSegment.objects.create(code="all", name="All", cells=sorted(ALL_CELLS))
    for _ in range(3):
        OrderFactory.create()


def test_a_killed_scoring_leaves_the_scores_and_is_done_by_the_next_worker(
    celery_worker: CeleryWorker, customers: None, director: User
) -> None:
    with scores_held() as waits:
        job = rfm_start(actor=director)
        wait_until(waits, seconds=60, what="the scoring to come to the scores")
        celery_worker.kill()
    handed_out_again(job)
    assert (RfmRun.objects.count(), RfmScore.objects.count()) == (0, 0)
    celery_worker.start()
    wait_until(lambda: ended(job), seconds=60, what="the second worker")
    assert (job.state, job.error, RfmRun.objects.count(), RfmScore.objects.count()) == ("done", "", 1, 3)


def test_a_cancelled_scoring_leaves_the_scores(celery_worker: CeleryWorker, customers: None, director: User) -> None:
    with scores_held() as waits:
        job = rfm_start(actor=director)
        wait_until(waits, seconds=60, what="the scoring to come to the scores")
        assert job_cancel(job=job)
    wait_until(lambda: not lock_is_held(job_lock(job)), seconds=60, what="the worker to stop")
    assert (state(job), RfmRun.objects.count(), RfmScore.objects.count()) == ("cancelled", 0, 0)
