"""A campaign that was under way when the system went away asks before it goes on."""

from collections.abc import Iterator

import pytest
from pytest_django import Settings

from accounts.people.models import User
from campaigns.campaigns.alerts import send_alerts
from campaigns.campaigns.models import Campaign
from delivery.engine.deliver import deliver
from delivery.engine.tests.test_deliver import people, run_until_quiet, sending, states
from delivery.engine.tests.test_stale import last_seen
from delivery.engine.tick import tick
from delivery.sends.models import Send
from delivery.sends.services import send_resume
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


def test_a_send_under_way_when_the_system_went_away_asks_first(
    sink: Sink, asked: list[str], director: User, marketer: User
) -> None:
    send = sending(*people(30))
    Campaign.objects.create(name="Spring", send=send)
    last_seen(send, hours=3)
    assert deliver(send_id=send.pk) is False
    tick()
    send.refresh_from_db()
    assert (send.state, states(send), sink.taken) == (Send.State.STOPPED, {"pending": 30}, [])
    assert "UTC. Sending waits until you resume." in send.state_reason
    assert "delivery.deliver" not in asked
    assert [alert.title for alert in send_alerts(marketer)] == ["“Spring” was stopped"]
    send_resume(send=send, actor=director)
    run_until_quiet(send)
    assert (send.state, states(send), len(sink.taken)) == (Send.State.FINISHED, {"sent": 30}, 30)
