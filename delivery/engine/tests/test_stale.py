"""What was under way when the system went away for hours, or when a backup was made, asks before it goes on."""

from collections.abc import Iterator
from datetime import timedelta

import pytest
from django.utils import timezone
from pytest_django import Settings

from accounts.people.models import User
from delivery.engine.prepare import send_prepare
from delivery.engine.stale import send_heartbeat, sends_stop_stale
from delivery.engine.tests.test_deliver import people, run_until_quiet, sending, states
from delivery.engine.tick import tick
from delivery.guardrails.models import SendingPolicy
from delivery.sends.models import Send
from delivery.sends.services import send_pause, send_resume
from delivery.sends.tests.factories import SendFactory
from delivery.transports.tests.sink import Sink, SinkThread

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture
def sink(settings: Settings, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Sink]:
    settings.HOME = tmp_path_factory.mktemp("home")
    with SinkThread(Sink()) as sink:
        settings.EMAIL_URL = sink.url
        yield sink


@pytest.fixture(autouse=True)
def asked(monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """The names of the tasks that would have been sent."""
    names: list[str] = []
    monkeypatch.setattr("celery.app.base.Celery.send_task", lambda self, name, **options: names.append(name))
    return names


def last_seen(send: Send, **ago: float) -> None:
    Send.objects.filter(pk=send.pk).update(heartbeat_at=timezone.now() - timedelta(**ago))


def test_a_restart_goes_on_by_itself(sink: Sink) -> None:
    send = sending(*people(30))
    last_seen(send, minutes=8)
    SendingPolicy.objects.create(pk=1, late_start_minutes=0)
    tick()
    run_until_quiet(send)
    assert states(send) == {"sent": 30}
    send.refresh_from_db()
    assert send.heartbeat_at
    assert timezone.now() - send.heartbeat_at < timedelta(minutes=1)


def test_a_send_paused_by_a_person_for_long_is_not_stale(sink: Sink, director: User) -> None:
    send = sending(*people(30))
    tick()
    send_pause(send=send, actor=director)
    last_seen(send, days=2)
    assert sends_stop_stale() == 0
    send_resume(send=send, actor=director)
    assert sends_stop_stale() == 0
    assert send_heartbeat(send_id=send.pk)


def test_an_audience_that_was_about_to_be_frozen_hours_ago_is_not(director: User) -> None:
    send = SendFactory.create(state=Send.State.FREEZING, launched_at=timezone.now() - timedelta(hours=3))
    assert send_prepare(send_id=send.pk) is False
    tick()
    send.refresh_from_db()
    assert (send.state, send.audience) == (Send.State.STOPPED, None)
    send_resume(send=send, actor=director)
    assert send.state == Send.State.FREEZING
