"""What campaigns offers the rest of the house: timeline, segment fields, alerts."""

from datetime import timedelta
from decimal import Decimal

import pytest
from django.utils import timezone

from accounts.models import User
from campaigns.alerts import send_alerts
from campaigns.counts import variant_counts
from campaigns.models import Batch, Campaign, Delivery, Engagement, Send
from campaigns.tests.factories import SendFactory, VariantFactory
from campaigns.timeline import mail_events
from campaigns.tracking.entries import entry_new
from campaigns.tracking.store import events_store
from core.rules.context import RuleContext
from core.rules.fields import fields
from core.rules.values import Window
from crm.models import Contact
from crm.tests.factories import ContactFactory, OrderFactory

pytestmark = pytest.mark.django_db


def received(contact: Contact, label: str = "A") -> Send:
    send = SendFactory.create(launched_at=timezone.now() - timedelta(days=2), state=Send.State.FINISHED)
    Campaign.objects.create(name="Spring", send=send)
    variant = VariantFactory.create(send=send, label=label)
    Delivery.objects.create(
        send_id=send.pk, contact_id=contact.pk, variant_id=variant.pk, batch=1, state="sent",
        changed_at=timezone.now() - timedelta(days=1),
    )  # fmt: skip
    Batch.objects.create(send=send, number=1, variant_id=variant.pk, size=1, sent=1, state="done")
    return send


def test_the_timeline_says_what_was_received_and_done(director: User, owner: User) -> None:
    contact = ContactFactory.create()
    send = received(contact, "B")
    events_store([entry_new("click", send.pk, contact.pk)])
    (event,) = mail_events(contact, director, None, 10)
    assert (event.title, event.text) == ("Received “Spring”", "variant B · clicked")
    assert event.url == f"/campaigns/{send.campaign.public_id}/"
    assert mail_events(contact, owner, None, 10)[0].url == ""
    assert mail_events(contact, director, event.at, 10) == []


def test_segments_can_ask_who_clicked_and_who_heard_nothing() -> None:
    clicked, silent = ContactFactory.create_batch(2)
    send = received(clicked)
    events_store([entry_new("click", send.pk, clicked.pk)])

    def found(code: str, operator: str, number: int) -> set[int]:
        source = fields[code].source
        assert source is not None
        condition = source.condition(operator, Decimal(number), Window(days=30), RuleContext())
        return set(Contact.objects.filter(condition).values_list("pk", flat=True))

    assert found("mail_clicked", "at_least", 1) == {clicked.pk}
    assert found("mail_received", "equals", 0) == {silent.pk}
    assert found("mail_opened", "at_least", 1) == set()


def test_arms_are_counted_for_the_statistics() -> None:
    contact = ContactFactory.create()
    send = received(contact)
    events_store([entry_new("click", send.pk, contact.pk), entry_new("open", send.pk, contact.pk, machine="scanner")])
    OrderFactory.create(contact=contact, placed_at=timezone.now())
    (arm,) = variant_counts(send)
    assert (arm.label, arm.recipients, arm.opens, arm.clicks, arm.orders) == ("A", 1, 0, 1, 1)
    assert Engagement.objects.get().opens == 1


def test_stopped_and_stalled_sends_are_told_to_those_who_can_act(director: User, analyst: User) -> None:
    send = received(ContactFactory.create())
    assert list(send_alerts(director)) == []
    Send.objects.filter(pk=send.pk).update(state=Send.State.STOPPED, state_reason="refused")
    (alert,) = send_alerts(director)
    assert (alert.title, alert.text) == ("“Spring” was stopped", "refused")
    assert list(send_alerts(analyst)) == []
    Send.objects.filter(pk=send.pk).update(state=Send.State.SENDING, state_reason="")
    Batch.objects.update(state="ready", due_at=timezone.now() - timedelta(hours=1))
    (alert,) = send_alerts(director)
    assert alert.title == "“Spring” is not getting on"
