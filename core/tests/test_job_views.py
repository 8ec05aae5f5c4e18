from datetime import timedelta
from typing import Any

import pytest
from django.utils import timezone

from core.models import Job
from core.ui.job_kinds import JobKind, job_kind, job_kinds
from core.ui.job_progress import time_left


@pytest.fixture
def job(marketer: Any) -> Job:
    now = timezone.now()
    return Job.objects.create(
        kind="sample",
        label="Orders of March",
        actor_id=marketer.pk,
        state=Job.State.RUNNING,
        total=400,
        done=100,
        step="rows read",
        started_at=now - timedelta(seconds=20),
        heartbeat_at=now,
    )


def test_a_person_sees_how_far_their_job_is(job: Job, marketer: Any, signed_in: Any) -> None:
    body = signed_in(marketer).get(f"/jobs/{job.public_id}/").content.decode()
    assert "<html" in body
    assert 'aria-valuenow="25"' in body
    assert "<b>100</b> of 400" in body
    assert "rows read" in body
    assert "about 60 seconds left" in body


def test_htmx_gets_the_progress_alone_and_stops_asking_at_the_end(job: Job, marketer: Any, signed_in: Any) -> None:
    client = signed_in(marketer)
    headers = {"HX-Request": "true", "HX-Target": f"job-{job.public_id}"}
    running = client.get(f"/jobs/{job.public_id}/", headers=headers).content.decode()
    assert "<html" not in running
    assert "every 1s" in running
    Job.objects.update(state=Job.State.DONE, finished_at=timezone.now())
    done = client.get(f"/jobs/{job.public_id}/", headers=headers).content.decode()
    assert "every 1s" not in done
    assert "Duration: 20 seconds." in done


def test_nobody_else_sees_it(job: Job, director: Any, outsider: Any, client: Any, signed_in: Any) -> None:
    for person in (director, outsider):
        assert signed_in(person).get(f"/jobs/{job.public_id}/").status_code == 404
        assert signed_in(person).post(f"/jobs/{job.public_id}/stop/").status_code == 404
    assert client.get(f"/jobs/{job.public_id}/").status_code == 302
    assert Job.objects.get().state == Job.State.RUNNING


def test_the_office_sees_what_the_schedule_started(job: Job, analyst: Any, outsider: Any, signed_in: Any) -> None:
    Job.objects.update(actor_id=None)
    assert signed_in(analyst).get(f"/jobs/{job.public_id}/").status_code == 200
    assert signed_in(outsider).get(f"/jobs/{job.public_id}/").status_code == 404


def test_stopping_takes_a_post_and_works_once(job: Job, marketer: Any, signed_in: Any) -> None:
    client = signed_in(marketer)
    assert client.get(f"/jobs/{job.public_id}/stop/").status_code == 405
    assert client.post(f"/jobs/{job.public_id}/stop/").status_code == 302
    assert Job.objects.get().state == Job.State.CANCELLED
    assert client.post(f"/jobs/{job.public_id}/stop/").status_code == 409


def test_a_failed_job_says_why(job: Job, marketer: Any, signed_in: Any) -> None:
    Job.objects.update(state=Job.State.FAILED, error="The file has no header.")
    assert "The file has no header." in signed_in(marketer).get(f"/jobs/{job.public_id}/").content.decode()


def test_a_job_that_fell_silent_says_so(job: Job, marketer: Any, signed_in: Any) -> None:
    Job.objects.update(heartbeat_at=timezone.now() - timedelta(minutes=2))
    assert "30 seconds" in signed_in(marketer).get(f"/jobs/{job.public_id}/").content.decode()


def test_the_kind_says_what_it_is_called_and_where_to_go_on(job: Job, marketer: Any, signed_in: Any) -> None:
    assert job_kind(job).title == "Orders of March"
    job_kinds.register(
        JobKind("sample", "Importing", done_url=lambda job: f"/x/{job.pk}/", done_label="See the orders")
    )
    try:
        Job.objects.update(state=Job.State.DONE)
        body = signed_in(marketer).get(f"/jobs/{job.public_id}/").content.decode()
        assert f'href="/x/{job.pk}/">See the orders' in body
    finally:
        del job_kinds._items["sample"]


def test_time_left_is_unknown_until_there_is_a_pace(job: Job) -> None:
    assert time_left(job) == timedelta(seconds=60)
    job.done = 0
    assert time_left(job) is None
    job.done, job.started_at = 5, job.heartbeat_at
    assert time_left(job) is None
