"""Claiming: a batch is one worker's, and workers do not wait for each other."""

from concurrent.futures import ThreadPoolExecutor
from threading import Barrier

import pytest
from django.db import connection, transaction
from django.utils import timezone

from delivery.engine.claims import batch_claim
from delivery.sends.models import Batch, Send
from delivery.sends.tests.factories import SendFactory

pytestmark = pytest.mark.django_db(transaction=True)


def of_batches(count: int) -> Send:
    send = SendFactory.create(state=Send.State.SENDING, launched_at=timezone.now())
    Batch.objects.bulk_create([Batch(send=send, number=number, size=1) for number in range(1, count + 1)])
    return send


def elsewhere(send: Send, owner: str) -> int | None:
    """What another worker gets, or an error when it would have to wait."""
    try:
        with connection.cursor() as cursor:
            cursor.execute("SET lock_timeout = '2s'")
        claim = batch_claim(send_id=send.pk, owner=owner)
        return claim.key.batch if claim else None
    finally:
        connection.close()


def test_a_batch_that_is_being_claimed_is_passed_over_without_waiting() -> None:
    send = of_batches(2)
    with ThreadPoolExecutor(1) as other, transaction.atomic():
        mine = batch_claim(send_id=send.pk, owner="one")
        theirs = other.submit(elsewhere, send, "two").result(20)
        nothing_left = other.submit(elsewhere, send, "three").result(20)
    assert mine
    assert (mine.key.batch, theirs, nothing_left) == (1, 2, None)
    assert list(Batch.objects.order_by("number").values_list("owner", flat=True)) == ["one", "two"]


def test_of_many_workers_at_once_each_batch_goes_to_one() -> None:
    send, together = of_batches(40), Barrier(4)

    def work(number: int) -> list[int]:
        together.wait()
        taken: list[int] = []
        while (batch := elsewhere(send, f"w{number}")) is not None:
            taken.append(batch)
        return taken

    with ThreadPoolExecutor(4) as workers:
        taken = [batch for own in workers.map(work, range(4)) for batch in own]
    assert sorted(taken) == list(range(1, 41))


@pytest.mark.parametrize("state", [state for state in Send.State if state != Send.State.SENDING])
def test_nobody_claims_of_a_send_that_is_not_under_way(state: Send.State) -> None:
    send = of_batches(1)
    Send.objects.filter(pk=send.pk).update(state=state)
    assert batch_claim(send_id=send.pk, owner="one") is None
