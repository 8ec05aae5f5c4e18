"""Work goes through a real worker, everywhere."""

from config.celery import app
from core.tasks import enqueue
from tests.fixtures.services import CeleryWorker
from tests.fixtures.waiting import wait_until


def test_no_environment_runs_celery_eagerly() -> None:
    assert app.conf.task_always_eager is False


def test_a_task_sent_by_name_reaches_the_worker(celery_worker: CeleryWorker) -> None:
    before = celery_worker.log.count("celery.backend_cleanup")
    enqueue("celery.backend_cleanup")
    wait_until(lambda: celery_worker.log.count("celery.backend_cleanup") > before, what="the task in the log")
    assert celery_worker.process.is_alive()
