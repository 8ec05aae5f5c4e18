"""What /healthz says."""

import pytest
import redis
from django.conf import settings
from django.test import Client
from pytest_django import Settings

from config import health, heartbeats
from config.celery import app
from tests.fixtures.services import CeleryWorker, MailCatcher
from tests.fixtures.waiting import wait_until


@pytest.fixture
def _quiet(db: None) -> None:
    with redis.Redis.from_url(settings.REDIS_URL) as broker:
        broker.delete(heartbeats.BEAT_KEY, *map(heartbeats.queue_key, health.QUEUES))


def test_everything_up(db: None, client: Client, mail_catcher: MailCatcher) -> None:
    heartbeats.beat_is_alive()
    heartbeats._keep([heartbeats.queue_key(name) for name in health.QUEUES])
    response = client.get("/healthz")
    assert response.status_code == 200
    assert response.json() == {"ok": True} | dict.fromkeys(health.CHECKS, "ok")


@pytest.mark.usefixtures("_quiet")
def test_silent_worker_and_beat_are_named(client: Client, mail_catcher: MailCatcher) -> None:
    response = client.get("/healthz")
    assert response.status_code == 503
    assert response.json() == {
        "ok": False,
        "database": "ok",
        "broker": "ok",
        "worker": "down: no worker takes from default, send",
        "beat": "down: the scheduler does not tick",
        "mail": "ok",
    }


def test_without_a_broker_it_still_answers(client: Client, settings: Settings, db: None) -> None:
    settings.REDIS_URL = "redis://127.0.0.1:1/0"
    answer = client.get("/healthz").json()
    assert answer["database"] == "ok"
    assert answer["broker"].startswith("down: ")
    assert answer["worker"].startswith("down: ")


def test_without_mail_server(client: Client, settings: Settings, db: None) -> None:
    settings.EMAIL_HOST, settings.EMAIL_PORT = "127.0.0.1", 1
    assert client.get("/healthz").json()["mail"].startswith("down: ")


def test_a_running_worker_is_alive(celery_worker: CeleryWorker) -> None:
    with redis.Redis.from_url(settings.REDIS_URL) as broker:
        broker.delete(*map(heartbeats.queue_key, health.QUEUES))
        assert health.health()["worker"] != "ok"
        wait_until(lambda: health.health()["worker"] == "ok", what="the worker's heartbeat")
        assert all(broker.exists(heartbeats.queue_key(queue)) for queue in health.QUEUES)


@pytest.mark.usefixtures("_quiet")
def test_a_worker_that_leaves_is_not_waited_for() -> None:
    key = heartbeats.queue_key("default")
    heartbeats._keep([key])
    heartbeats.worker_is_leaving()
    with redis.Redis.from_url(settings.REDIS_URL) as broker:
        assert broker.pttl(key) <= 1000


@pytest.mark.usefixtures("_quiet")
def test_the_scheduler_says_that_it_ticks(tmp_path_factory: pytest.TempPathFactory) -> None:
    from config.celery import Scheduler

    scheduler = Scheduler(app, schedule_filename=str(tmp_path_factory.mktemp("beat") / "schedule"))
    scheduler.schedule.clear()
    scheduler.tick()
    scheduler.close()
    assert health.health()["beat"] == "ok"


def test_every_task_of_the_schedule_exists() -> None:
    from config.celery import beat_schedule

    app.loader.import_default_modules()
    assert {entry["task"] for entry in beat_schedule().values()} <= app.tasks.keys()
