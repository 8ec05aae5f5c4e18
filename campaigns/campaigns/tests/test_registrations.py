"""What campaigns offers the rest of the house: timeline, segment fields, alerts."""

from datetime import timedelta
from decimal import Decimal
from typing import Any

import pytest
from django.utils import timezone

from accounts.people.models import User
from campaigns.campaigns.alerts import send_alerts
from campaigns.campaigns.models import Campaign
from core.rules.context import RuleContext
from core.rules.fields import fields
from core.rules.values import Window
from crm.contacts.models import Contact
from crm.contacts.tests.factories import ContactFactory
from crm.sales.tests.factories import OrderFactory
from delivery.sends.models import Batch, Delivery, Link, Send
from delivery.sends.tests.factories import SendFactory, VariantFactory
from delivery.sends.timeline import mail_events
from delivery.sends.variant_counts import variant_counts
from delivery.tracking.entries import entry_new
from delivery.tracking.models import Engagement
from delivery.tracking.store import events_store

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


def hours_ago(hours: int) -> int:
    return int((timezone.now() - timedelta(hours=hours)).timestamp() * 1e6)


def test_the_timeline_says_what_was_received_and_done(director: User, owner: User) -> None:
    contact = ContactFactory.create()
    send = received(contact, "B")
    events_store([entry_new("click", send.pk, contact.pk)])
    (event,) = mail_events(contact, director, None, 10)
    assert (event.title, event.text) == ("Received “Spring”", "variant B · clicked")
    for place in range(1, 6):
        Link.objects.create(
            send=send, variant=send.variants.get(), position=place, url=f"https://s.example/{place}/?utm_source=x#t"
        )
    events_store(
        [entry_new("click", send.pk, contact.pk, link=place)._replace(at=hours_ago(place)) for place in range(1, 5)]
        + [entry_new("click", send.pk, contact.pk, link=5, machine="scanner")]
    )
    (event,) = mail_events(contact, director, None, 10)
    assert event.text == "variant B · clicked s.example/1, s.example/2, s.example/3 · and 1 more"
    assert event.url == f"/campaigns/{send.campaign.public_id}/"
    assert mail_events(contact, owner, None, 10)[0].url == ""
    assert mail_events(contact, director, event.at, 10) == []


@pytest.mark.parametrize(
    ("fields_of", "title", "text"),
    [
        ({"state": "sent"}, "Received “Spring”", "variant A"),
        ({"state": "failed", "smtp_code": 550, "smtp_reply": "5.1.1 No such user"},
         "“Spring” could not be delivered", "There is no such mailbox · 550 5.1.1 No such user"),
        ({"state": "deferred", "reason": "deferred", "smtp_code": 452, "smtp_reply": "4.2.2 Later"},
         "“Spring”: retry scheduled", "The mailbox is full · 452 4.2.2 Later"),
        ({"state": "unknown"}, "Delivery of “Spring” unknown", ""),
        ({"state": "skipped", "reason": "no_consent"}, "“Spring” was not sent: no consent", ""),
        ({"state": "skipped", "reason": "suppressed"}, "“Spring” was not sent: address suppressed", ""),
        ({"state": "skipped", "reason": "capped"}, "“Spring” was not sent: frequency cap reached", ""),
        ({"state": "skipped", "reason": "no_address"}, "“Spring” was not sent: no e-mail address", ""),
        ({"state": "skipped", "reason": "duplicate"},
         "“Spring” was not sent: another contact with this address received the message", ""),
        ({"state": "skipped", "reason": "cancelled"}, "“Spring” was not sent: campaign cancelled", ""),
    ],
)  # fmt: skip
def test_did_this_person_get_it(fields_of: dict[str, Any], title: str, text: str, director: User) -> None:
    contact = ContactFactory.create()
    received(contact)
    Delivery.objects.update(**fields_of)
    (event,) = mail_events(contact, director, None, 10)
    assert (event.title, event.text) == (title, text)


def test_a_timeline_of_many_mailings_costs_five_queries_and_goes_on(
    director: User, django_assert_num_queries: Any
) -> None:
    contact = ContactFactory.create()
    for days in range(30):
        send = received(contact)
        Delivery.objects.filter(send_id=send.pk).update(changed_at=timezone.now() - timedelta(days=days))
        link = Link.objects.create(send=send, variant=send.variants.get(), position=1, url="https://s.example/")
        Engagement.objects.create(send_id=send.pk, contact_id=contact.pk, clicks=1, human_clicks=1, links=[link.pk])
    with django_assert_num_queries(5):
        first = mail_events(contact, director, None, 20)
    rest = mail_events(contact, director, first[-1].at, 20)
    assert (len(first), len(rest)) == (20, 10)
    assert len({event.key for event in first + rest}) == 30


def test_segments_by_clicks_and_by_silence() -> None:
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


def test_stopped_and_stalled_sends_are_alerts_of_roles_that_can_act(director: User, analyst: User) -> None:
    send = received(ContactFactory.create())
    assert list(send_alerts(director)) == []
    Send.objects.filter(pk=send.pk).update(state=Send.State.STOPPED, state_reason="refused")
    (alert,) = send_alerts(director)
    assert (alert.title, alert.text) == ("“Spring” was stopped", "refused")
    assert list(send_alerts(analyst)) == []
    Send.objects.filter(pk=send.pk).update(state=Send.State.SENDING, state_reason="")
    Batch.objects.update(state="ready", due_at=timezone.now() - timedelta(hours=1))
    (alert,) = send_alerts(director)
    assert alert.title == "“Spring” is delayed"
