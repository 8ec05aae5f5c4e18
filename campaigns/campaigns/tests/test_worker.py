"""Through a real Celery worker and a real mail server: a throttled send of 5,000, paused and resumed in the middle."""

import pytest
from celery import current_app
from django.utils import timezone

from accounts.people.models import User
from campaigns.campaigns.tests.factories import campaign_make
from crm.contacts.email_addresses import address_hash
from crm.contacts.models import Contact
from delivery.engine.freeze import BATCH_SIZE
from delivery.engine.tick import tick
from delivery.sends.models import Delivery, Send
from delivery.sends.queries import send_progress
from delivery.sends.services import send_pause, send_resume, send_start
from delivery.sends.tests.factories import put
from delivery.transports.tests.factories import through
from marketing.segments.models import Segment
from tests.fixtures.services import CeleryWorker, MailCatcher
from tests.fixtures.waiting import wait_until

pytestmark = pytest.mark.django_db(transaction=True)
PEOPLE = 5000
LIMA = {"group": "all", "of": [{"field": "city", "operator": "is", "value": "Lima"}]}


def customers(count: int) -> None:
    addresses = [f"worker{number}@example.com" for number in range(count)]
    Contact.objects.bulk_create(
        [
            Contact(
                first_name="Ada",
                city="Lima",
                email=address,
                email_normalized=address,
                address_hash=address_hash(address),
                first_order_at=timezone.now(),
            )
            for address in addresses
        ],
        batch_size=1000,
    )


def test_pause_stops_arrivals_and_resume_ends_with_everybody_once(
    celery_worker: CeleryWorker, mail_catcher: MailCatcher, director: User
) -> None:
    customers(PEOPLE)
    send = campaign_make(director, segment=Segment.objects.create(name="Lima", rules=LIMA)).send
    Send.objects.filter(pk=send.pk).update(per_second=800)
    through(send.identity, f"{mail_catcher.url}?connections=1")
    send_start(send=put(send, Send.State.SCHEDULED), actor=director)
    wait_until(lambda: mail_catcher.count() > 300, seconds=60, what="the first mail")
    send_pause(send=send, actor=director)
    at_pause = mail_catcher.count()
    wait_until(lambda: send_progress(send).claimed == 0, seconds=20, what="the workers to release their batches")
    held = mail_catcher.count()
    assert held - at_pause <= BATCH_SIZE
    # The same task twice, and two ticks, while it is held: nothing leaves.
    for _again in range(2):
        current_app.send_task("delivery.deliver", kwargs={"send_id": send.pk})
        tick()
    assert mail_catcher.count() == held < PEOPLE
    send_resume(send=send, actor=director)

    def is_finished() -> bool:
        tick()
        return Send.objects.get(pk=send.pk).state == Send.State.FINISHED

    wait_until(is_finished, seconds=60, what="the end of the send")
    assert mail_catcher.count() == PEOPLE
    assert len({address for message in mail_catcher.messages for address in message.recipients}) == PEOPLE
    assert Delivery.objects.filter(send_id=send.pk, state="sent").count() == PEOPLE
