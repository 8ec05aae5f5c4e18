"""Beat's tick: it finds what is due in Postgres, once."""

from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta
from threading import Event

import pytest
from django.db import connection
from django.utils import timezone

from accounts.people.models import User
from accounts.people.tests.factories import UserFactory
from campaigns.campaigns.alerts import send_alerts
from campaigns.campaigns.models import Campaign
from campaigns.campaigns.tests.factories import campaign_make
from crm.contacts.tests.factories import ContactFactory
from delivery.engine import tick as engine_tick
from delivery.engine.prepare import send_prepare
from delivery.engine.tick import tick
from delivery.sends.models import Batch, Delivery, Send
from delivery.sends.services import send_finish
from delivery.sends.tests.factories import SendFactory, put
from marketing.segments.models import Segment

pytestmark = pytest.mark.django_db
LIMA = {"group": "all", "of": [{"field": "city", "operator": "is", "value": "Lima"}]}


@pytest.fixture(autouse=True)
def asked(monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """The names of the tasks that would have been sent."""
    names: list[str] = []
    monkeypatch.setattr("celery.app.base.Celery.send_task", lambda self, name, **options: names.append(name))
    return names


def scheduled(minutes_ago: int) -> Send:
    campaign = campaign_make(
        UserFactory.create(role="director"), segment=Segment.objects.create(name="Lima", rules=LIMA)
    )
    Campaign.objects.filter(pk=campaign.pk).update(name="Spring")
    return put(campaign.send, Send.State.SCHEDULED, scheduled_at=timezone.now() - timedelta(minutes=minutes_ago))


def test_what_is_due_starts_once() -> None:
    send = scheduled(1)
    later = scheduled_later()
    tick()
    tick()
    send.refresh_from_db()
    later.refresh_from_db()
    assert send.state == Send.State.FREEZING
    assert later.state == Send.State.SCHEDULED


def scheduled_later() -> Send:
    return SendFactory.create(state=Send.State.SCHEDULED, scheduled_at=timezone.now() + timedelta(hours=1))


def test_a_start_that_is_hours_late_asks_first() -> None:
    send = scheduled(180)
    tick()
    send.refresh_from_db()
    assert (send.state, send.audience) == (Send.State.LATE, None)
    tick()
    send.refresh_from_db()
    assert send.state == Send.State.LATE


def test_a_late_start_stands_on_the_overview_with_its_three_ways_out(marketer: User, analyst: User) -> None:
    send = scheduled(180)
    assert list(send_alerts(marketer)) == []
    tick()
    (alert,) = send_alerts(marketer)
    page = f"/campaigns/{send.campaign.public_id}/send/"
    assert (alert.title, alert.action_url) == ("“Spring” missed its scheduled start", f"{page}#launch")
    assert [url for _, url in alert.others] == [f"{page}?when=later#launch", f"{page}#cancel"]
    assert list(send_alerts(analyst)) == []


def test_preparing_freezes_once_and_a_second_time_changes_nothing() -> None:
    send = scheduled(1)
    ContactFactory.create_batch(20, city="Lima", first_order_at=timezone.now())
    tick()
    assert send_prepare(send_id=send.pk) is True
    assert send_prepare(send_id=send.pk) is False
    send.refresh_from_db()
    assert (send.state, send.audience) == (Send.State.SENDING, 20)
    assert Delivery.objects.filter(send_id=send.pk).count() == 20


def test_a_refusal_while_preparing_holds_the_send_with_its_reason() -> None:
    send = scheduled(1)
    tick()
    assert send_prepare(send_id=send.pk) is False
    send.refresh_from_db()
    assert send.state == Send.State.HELD
    assert send.state_reason.startswith("No contact in this audience")
    assert send.audience is None


def test_workers_are_woken_for_sends_with_batches_due(asked: list[str]) -> None:
    send = scheduled(1)
    ContactFactory.create_batch(20, city="Lima", first_order_at=timezone.now())
    tick()
    send_prepare(send_id=send.pk)
    engine_tick.slot_free(send.pk, 0)
    engine_tick.slot_free(send.pk, 1)
    tick()
    tick()
    assert asked.count("delivery.deliver") == 2
    engine_tick.slot_free(send.pk, 0)
    engine_tick.slot_free(send.pk, 1)


def test_a_send_without_a_frozen_audience_is_not_finished() -> None:
    send = SendFactory.create(state=Send.State.SENDING, launched_at=timezone.now())
    assert send_finish(send_id=send.pk) is False
    send.refresh_from_db()
    assert send.state == Send.State.SENDING


def test_a_send_is_finished_only_when_its_states_sum_to_its_audience() -> None:
    send = SendFactory.create(state=Send.State.SENDING, launched_at=timezone.now(), audience=10)
    Batch.objects.create(send=send, number=0, size=2, skipped=2, state="done")
    one = Batch.objects.create(send=send, number=1, size=8, sent=4, failed=1, unknown=2, state="done")
    assert send_finish(send_id=send.pk) is False
    Batch.objects.filter(pk=one.pk).update(sent=5, state="ready")
    assert send_finish(send_id=send.pk) is False
    Batch.objects.filter(pk=one.pk).update(state="done")
    assert send_finish(send_id=send.pk) is True


@pytest.mark.django_db(transaction=True)
def test_of_two_beats_at_the_same_moment_one_ticks(monkeypatch: pytest.MonkeyPatch) -> None:
    inside, leave = Event(), Event()
    began = []

    def slow() -> int:
        began.append(1)
        inside.set()
        assert leave.wait(20)
        return 0

    monkeypatch.setattr(engine_tick, "claims_recover", slow)

    def beat() -> None:
        try:
            tick()
        finally:
            connection.close()

    with ThreadPoolExecutor(1) as other:
        first = other.submit(beat)
        assert inside.wait(20)
        tick()
        leave.set()
        first.result(20)
    assert began == [1]
