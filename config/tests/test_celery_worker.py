"""Work goes through a real worker, everywhere."""

import re
from importlib.metadata import version
from pathlib import Path

from packaging.version import Version

from config.celery import APPS, app
from core.tasks import enqueue
from tests.fixtures.services import CeleryWorker
from tests.fixtures.waiting import wait_until


def test_no_environment_runs_celery_eagerly() -> None:
    assert app.conf.task_always_eager is False


def test_work_is_handed_out_as_the_engine_relies_on() -> None:
    """Results are kept by nobody, a lost worker's task comes again, a worker ends gently and does not grow for ever;
    and no task waits in Redis for nearly as long as after which Redis hands it out a second time."""
    conf = app.conf
    assert (conf.task_ignore_result, conf.task_acks_late, conf.task_reject_on_worker_lost) == (True, True, True)
    assert conf.worker_prefetch_multiplier == 1
    assert conf.worker_soft_shutdown_timeout > 0
    assert conf.worker_max_tasks_per_child
    assert conf.worker_max_memory_per_child
    assert Version(version("celery")) >= Version("5.7") <= Version(version("kombu"))
    app.loader.import_default_modules()
    own = [task for name, task in app.tasks.items() if not name.startswith("celery.")]
    waits = [getattr(task, "retry_backoff_max", 0) for task in own if getattr(task, "autoretry_for", ())]
    assert len(own) >= 20
    assert max(waits, default=0) * 2 < conf.broker_transport_options["visibility_timeout"]
    assert [path.name for path in sources() if re.search(r"\beta\s*=", path.read_text())] == []
    # A test message that was not taken is tried again after 5, 10, 20 and 40 seconds; nothing else waits in Redis.
    found = [line.strip() for path in sources() for line in path.read_text().splitlines() if "countdown=" in line]
    assert found == ["raise self.retry(countdown=5 * 2**self.request.retries)"]


def sources() -> list[Path]:
    root = Path(__file__).resolve().parents[2]
    return [path for app_name in APPS for path in (root / app_name).rglob("*.py") if "tests" not in path.parts]


def test_a_task_sent_by_name_reaches_the_worker(celery_worker: CeleryWorker) -> None:
    before = celery_worker.log.count("celery.backend_cleanup")
    enqueue("celery.backend_cleanup")
    wait_until(lambda: celery_worker.log.count("celery.backend_cleanup") > before, what="the task in the log")
    assert celery_worker.process.is_alive()
