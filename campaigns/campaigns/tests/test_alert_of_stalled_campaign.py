"""A campaign that no worker takes raises an alert, until one does."""

from collections.abc import Iterator
from datetime import timedelta

import pytest
from django.utils import timezone
from pytest_django import Settings

from accounts.people.models import User
from campaigns.campaigns.alerts import send_alerts
from campaigns.campaigns.models import Campaign
from delivery.engine.tests.test_deliver import people, run_until_quiet, sending, states
from delivery.sends.models import Batch, Send
from delivery.transports.tests.sink import Sink, SinkThread

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture
def sink(settings: Settings, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Sink]:
    settings.HOME = tmp_path_factory.mktemp("home")
    with SinkThread(Sink()) as sink:
        settings.EMAIL_URL = sink.url
        yield sink


def test_a_send_nobody_works_on_raises_an_alert_until_somebody_does(sink: Sink, director: User) -> None:
    send = sending(*people(20))
    Campaign.objects.create(name="Spring", send=send)
    long_ago = timezone.now() - timedelta(minutes=6)
    Send.objects.filter(pk=send.pk).update(launched_at=long_ago)
    assert list(send_alerts(director)) == []
    Batch.objects.filter(send=send).update(due_at=long_ago)
    (alert,) = send_alerts(director)
    assert alert.title == "“Spring” is delayed"
    run_until_quiet(send)
    assert list(send_alerts(director)) == []
    assert states(send) == {"sent": 20}
