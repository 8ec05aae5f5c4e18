"""Writing results into the ledger: as often as they come, in whatever state the row is by then."""

import pytest
from django.db import connection

from delivery.engine.ledger import Result, results_apply
from delivery.sends.models import Delivery
from delivery.sends.tests.factories import SendFactory

pytestmark = pytest.mark.django_db
ANSWERS = [("sent", "", 250), ("failed", "refused", 554), ("unknown", "no_reply", None)]


@pytest.mark.parametrize(("state", "reason", "code"), ANSWERS)
@pytest.mark.parametrize("before", Delivery.State.values)
def test_a_result_changes_waiting_and_unknown_recipients_only(
    before: str, state: str, reason: str, code: int | None
) -> None:
    send = SendFactory.create()
    Delivery.objects.create(send=send, contact_id=7, batch=1, state=before, address="a@example.com")
    for _again in range(2):
        with connection.cursor() as cursor:
            results_apply(cursor, send_id=send.pk, batch=1, results=[Result(7, state, reason, code, "its words")])
    row = Delivery.objects.get(send_id=send.pk)
    if before in {"sent", "failed", "skipped"}:
        assert (row.state, row.attempts) == (before, 0)
    else:
        assert (row.state, row.reason, row.smtp_code, row.smtp_reply) == (state, reason, code, "its words")
        assert row.attempts == (2 if state == "unknown" else 1)


def test_a_result_of_another_batch_changes_nothing() -> None:
    send = SendFactory.create()
    Delivery.objects.create(send=send, contact_id=7, batch=2, address="a@example.com")
    with connection.cursor() as cursor:
        results_apply(cursor, send_id=send.pk, batch=1, results=[Result(7, "sent", "", 250, "ok")])
    assert Delivery.objects.get(send_id=send.pk).state == "pending"
