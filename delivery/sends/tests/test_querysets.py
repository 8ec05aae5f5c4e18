"""The questions that pages and the engine ask of campaigns, letters, sends and senders."""

from datetime import timedelta

import pytest
from django.utils import timezone

from delivery.senders.models import SendingIdentity
from delivery.senders.tests.factories import SendingIdentityFactory
from delivery.sends.models import Batch, Send
from delivery.sends.tests.factories import SendFactory

pytestmark = pytest.mark.django_db


def test_sends_that_are_due() -> None:
    made = {state: SendFactory.create(state=state) for state in Send.State.values}
    now = timezone.now()
    Send.objects.filter(pk=made["sending"].pk).update(scheduled_at=now - timedelta(hours=1))
    Send.objects.filter(pk=made["scheduled"].pk).update(scheduled_at=now + timedelta(hours=1))
    assert list(Send.objects.due()) == []
    Send.objects.filter(pk=made["scheduled"].pk).update(scheduled_at=now - timedelta(days=400))
    assert list(Send.objects.due()) == [made["scheduled"]]


def test_senders_in_use() -> None:
    kept = SendingIdentityFactory.create()
    SendingIdentityFactory.create(archived_at=timezone.now())
    assert list(SendingIdentity.objects.active()) == [kept]


def test_batches_that_may_be_claimed_now() -> None:
    send, now = SendFactory.create(), timezone.now()
    common = {"send": send, "size": 1}
    ready = Batch.objects.create(**common, number=1, state=Batch.State.READY, due_at=now)
    Batch.objects.create(**common, number=2, state=Batch.State.READY, due_at=now + timedelta(minutes=1))
    claimed = Batch.objects.create(**common, number=3, state=Batch.State.CLAIMED, due_at=now)
    assert list(Batch.objects.claimable()) == [ready]
    assert list(Batch.objects.claimed()) == [claimed]


def test_stale_sends() -> None:
    now = timezone.now()
    common = {"launched_at": now - timedelta(days=1)}
    lost = SendFactory.create(state=Send.State.SENDING, heartbeat_at=now - timedelta(minutes=61), **common)
    preparing = SendFactory.create(state=Send.State.FREEZING, **common)
    SendFactory.create(state=Send.State.SENDING, heartbeat_at=now - timedelta(minutes=59), **common)
    SendFactory.create(state=Send.State.SENDING, **common)
    SendFactory.create(state=Send.State.PAUSED, heartbeat_at=now - timedelta(days=1), **common)
    SendFactory.create(state=Send.State.FREEZING, launched_at=now)
    assert set(Send.objects.stale(timedelta(hours=1))) == {lost, preparing}
