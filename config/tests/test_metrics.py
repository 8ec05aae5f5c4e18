"""What /metrics says, and to whom."""

from collections.abc import Iterator
from datetime import timedelta

import pytest
import redis
from django.conf import settings as django_settings
from django.db import DatabaseError
from django.test import Client
from django.utils import timezone
from prometheus_client.parser import text_string_to_metric_families
from pytest_django import Settings

from config import metrics
from core.mail.models import TransactionalMail
from core.metrics import Metric, MetricSource, metric_sources
from core.models import Job
from delivery.engine.throttle import shared
from delivery.sends.models import Batch, Send
from delivery.sends.tests.factories import SendFactory
from delivery.tracking.entries import STREAM, entry_line, entry_new
from delivery.tracking.models import EventInbox

TOKEN = "a-token-of-the-monitoring-that-is-long"


@pytest.fixture(autouse=True)
def _token(settings: Settings) -> None:
    settings.METRICS_TOKEN = TOKEN


@pytest.fixture(autouse=True)
def _empty_stream() -> Iterator[None]:
    shared().delete(STREAM)
    yield
    shared().delete(STREAM)


def figures(client: Client) -> dict[str, float]:
    """The answer as {"name{label=value}": number}, read by Prometheus' own parser."""
    response = client.get("/metrics", headers={"Authorization": f"Bearer {TOKEN}"})
    assert response.status_code == 200
    assert response["Content-Type"].startswith("text/plain; version=")
    return {
        sample.name + "".join(f"{{{name}={value}}}" for name, value in sorted(sample.labels.items())): sample.value
        for family in text_string_to_metric_families(response.content.decode())
        for sample in family.samples
    }


@pytest.mark.parametrize("header", [{}, {"Authorization": "Bearer wrong"}, {"Authorization": "Bearer ä"}])
def test_without_the_token_nothing_is_said(client: Client, header: dict[str, str]) -> None:
    response = client.get("/metrics", headers=header)
    assert response.status_code == 401
    assert response["WWW-Authenticate"] == "Bearer"
    assert response.content == b"Give METRICS_TOKEN as a bearer token.\n"


def test_where_no_token_is_set_there_is_no_such_page(db: None, client: Client, settings: Settings) -> None:
    settings.METRICS_TOKEN = ""
    assert client.get("/metrics", headers={"Authorization": "Bearer "}).status_code == 404


def test_it_answers_in_production_without_the_proxy(db: None, client: Client, settings: Settings) -> None:
    settings.SECURE_SSL_REDIRECT, settings.ALLOWED_HOSTS = True, ["cauce.company.example"]
    assert client.get("/metrics", headers={"Authorization": f"Bearer {TOKEN}"}).status_code == 200


def test_sends_and_their_ledger(db: None, client: Client) -> None:
    send = SendFactory.create(state=Send.State.SENDING)
    hour_ago = timezone.now() - timedelta(hours=1)
    Batch.objects.create(send=send, number=1, size=10, sent=4, failed=1, deferred=2, skipped=1, due_at=hour_ago)
    Batch.objects.create(send=send, number=2, size=5, unknown=2, sent=3, state=Batch.State.DONE)
    SendFactory.create(state=Send.State.HELD)
    found = figures(client)
    by_state = {"pending": 2, "deferred": 2, "sent": 7, "failed": 1, "skipped": 1, "unknown": 2}
    assert {state: found[f"cauce_deliveries{{state={state}}}"] for state in by_state} == by_state
    assert found["cauce_messages_sent_total"] == 7
    assert found["cauce_sends{state=sending}"] == found["cauce_sends{state=held}"] == 1
    assert found["cauce_sends{state=stopped}"] == 0
    assert 3590 < found["cauce_send_wait_seconds"] < 3700


def test_what_tracking_has_not_stored_yet(db: None, client: Client) -> None:
    assert figures(client)["cauce_tracking_lag_seconds"] == 0
    minute_ago = int(timezone.now().timestamp() - 60)
    shared().xadd(STREAM, {"e": entry_line(entry_new("open", 1, 1))}, id=f"{minute_ago * 1000}-0")
    entry = entry_new("click", 1, 1, link=1)._replace(at=(minute_ago - 60) * 1_000_000)
    EventInbox.objects.create(event_key=entry.key, entry=entry_line(entry))
    found = figures(client)
    assert found["cauce_tracking_waiting{place=stream}"] == found["cauce_tracking_waiting{place=inbox}"] == 1
    assert 118 < found["cauce_tracking_lag_seconds"] < 180


def test_jobs_and_transactional_mail(db: None, client: Client) -> None:
    Job.objects.create(kind="import", state=Job.State.FAILED)
    Job.objects.create(kind="export", state=Job.State.RUNNING, heartbeat_at=timezone.now() - timedelta(minutes=5))
    TransactionalMail.objects.create(template="invitation", to="ada@company.example", language="en", state="failed")
    found = figures(client)
    assert found["cauce_jobs{kind=import}{state=failed}"] == 1
    assert 299 < found["cauce_job_silence_seconds"] < 400
    assert found["cauce_transactional_mails{state=failed}"] == 1
    assert found["cauce_transactional_mails{state=waiting}"] == 0


def test_queues_of_the_broker(db: None, client: Client, settings: Settings) -> None:
    settings.CELERY_BROKER_TRANSPORT_OPTIONS = {"global_keyprefix": "metrics-test:"}
    with redis.Redis.from_url(django_settings.CELERY_BROKER_URL) as broker:
        broker.rpush("metrics-test:send", "one", "two")
        broker.hset("metrics-test:unacked", "tag", "task")
        try:
            found = figures(client)
        finally:
            broker.delete("metrics-test:send", "metrics-test:unacked")
    assert found["cauce_queue_tasks{queue=send}"] == 2
    assert found["cauce_queue_tasks{queue=default}"] == 0
    assert found["cauce_queue_tasks_held"] == 1


def test_one_source_that_fails_hides_no_other(
    db: None, client: Client, settings: Settings, monkeypatch: pytest.MonkeyPatch
) -> None:
    def broken() -> Iterator[Metric]:
        raise DatabaseError("away")

    monkeypatch.setattr(metrics, "metric_sources", [MetricSource("broken", broken), *metric_sources])
    found = figures(client)
    assert found["cauce_source_up{source=broken}"] == 0
    assert found["cauce_source_up{source=sends}"] == 1
    assert found["cauce_home_free_bytes"] > 0


def test_parts_are_those_of_healthz(db: None, client: Client) -> None:
    found = figures(client)
    assert found["cauce_part_up{part=database}"] == found["cauce_part_up{part=broker}"] == 1
