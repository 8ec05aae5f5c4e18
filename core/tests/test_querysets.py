"""The questions that pages ask of jobs."""

import pytest
from django.contrib.auth.models import AbstractBaseUser

from core.models import Job

pytestmark = pytest.mark.django_db


def test_jobs_are_seen_by_whoever_started_them(owner: AbstractBaseUser, director: AbstractBaseUser) -> None:
    mine = Job.objects.create(kind="test", actor_id=owner.pk)
    Job.objects.create(kind="test", actor_id=director.pk)
    Job.objects.create(kind="test")
    assert list(Job.objects.visible_to(owner.pk)) == [mine]


def test_jobs_that_wait_or_work() -> None:
    made = {state: Job.objects.create(kind="test", state=state) for state in Job.State.values}
    assert set(Job.objects.running()) == {made["waiting"], made["running"]}
