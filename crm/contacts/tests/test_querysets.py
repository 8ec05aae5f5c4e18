"""The questions that screens ask of contacts, orders and what belongs to them."""

from datetime import UTC, date, datetime, timedelta

import pytest
from django.utils import timezone

from accounts.people.models import User
from crm.channels.models import Channel
from crm.channels.tests.factories import ChannelFactory
from crm.consent.models import Consent
from crm.consent.tests.factories import ConsentTopicFactory
from crm.contacts.models import Contact, MiniListMembership
from crm.contacts.tests.factories import ContactFactory
from crm.forms.models import LeadForm
from crm.forms.tests.factories import make_lead_form
from crm.imports.models import ImportFile
from crm.sales.models import Order
from crm.sales.tests.factories import OrderFactory
from crm.scoring.models import RfmRun

pytestmark = pytest.mark.django_db
NOON = datetime(2026, 3, 1, 12, tzinfo=UTC)


def test_orders_that_make_a_customer() -> None:
    good = OrderFactory.create(gross=10)
    OrderFactory.create(gross=0)
    OrderFactory.create(gross=10, contact=None)
    OrderFactory.create(gross=-10, kind=Order.Kind.RETURN)
    assert list(Order.objects.of_customers()) == [good]


def test_orders_are_seen_with_their_customer(owner: User, teammate: User, analyst: User) -> None:
    contact: Contact = ContactFactory.create()
    order, anonymous = OrderFactory.create(contact=contact), OrderFactory.create(contact=None)
    membership = MiniListMembership.objects.create(contact=contact, owner=owner)
    assert list(Order.objects.visible_to(owner)) == [order]
    assert list(Order.objects.visible_to(teammate)) == []
    assert set(Order.objects.visible_to(analyst)) == {order, anonymous}
    membership.until = timezone.now()
    membership.save()
    assert list(Order.objects.visible_to(owner)) == []


def test_reachable_have_an_address_and_are_not_archived() -> None:
    good = ContactFactory.create()
    ContactFactory.create(email="", email_normalized=None, address_hash=None)
    ContactFactory.create(archived_at=NOON)
    assert list(Contact.objects.reachable()) == [good]


def test_idle_are_those_nobody_spoke_to_for_so_long_or_ever() -> None:
    never = ContactFactory.create(last_contacted_at=None)
    long_ago = ContactFactory.create(last_contacted_at=NOON - timedelta(days=30, seconds=1))
    ContactFactory.create(last_contacted_at=NOON - timedelta(days=30))
    assert set(Contact.objects.idle_for(days=30, at=NOON)) == {never, long_ago}


def test_of_consents_the_newest_of_each_subject_counts() -> None:
    contact, news, offers = (
        ContactFactory.create(),
        ConsentTopicFactory.create(),
        ConsentTopicFactory.create(code="offers"),
    )
    given = {"contact": contact, "source": "test"}
    Consent.objects.create(**given, topic=news, given=True, at=NOON)
    Consent.objects.create(**given, topic=offers, given=True, at=NOON)
    Consent.objects.create(**given, topic=news, given=False, at=NOON + timedelta(seconds=1))
    Consent.objects.create(**given, topic=news, given=True, at=NOON - timedelta(days=1))
    current = {(record.topic, record.given) for record in Consent.objects.current()}
    assert current == {(news, False), (offers, True)}


def test_memberships_at_a_moment_and_open(owner: User, teammate: User) -> None:
    contact = ContactFactory.create()
    first = MiniListMembership.objects.create(contact=contact, owner=owner, since=NOON, until=NOON + timedelta(hours=1))
    second = MiniListMembership.objects.create(contact=contact, owner=teammate, since=NOON + timedelta(hours=1))
    assert list(MiniListMembership.objects.open()) == [second]
    moments = {-1: [], 0: [first], 59: [first], 60: [second], 600: [second]}
    for minutes, expected in moments.items():
        assert list(MiniListMembership.objects.at(NOON + timedelta(minutes=minutes))) == expected


def test_channels_in_use() -> None:
    kept, gone = ChannelFactory.create(), ChannelFactory.create(archived_at=NOON)
    found = Channel.objects.active()
    assert kept in found
    assert gone not in found


def test_the_newest_finished_scoring() -> None:
    assert RfmRun.objects.newest() is None
    old = RfmRun.objects.create(as_of=date(2026, 1, 1), finished_at=NOON)
    new = RfmRun.objects.create(as_of=date(2025, 1, 1), finished_at=NOON + timedelta(hours=1))
    RfmRun.objects.create(as_of=date(2026, 2, 1))
    assert set(RfmRun.objects.finished()) == {old, new}
    assert RfmRun.objects.newest() == new


def test_forms_and_imports_are_the_offices(owner: User, analyst: User) -> None:
    open_form, closed = make_lead_form(), make_lead_form(archived_at=NOON)
    file = ImportFile.objects.create(kind="orders", name="orders.csv")
    assert set(LeadForm.objects.visible_to(analyst)) == {open_form, closed}
    assert list(LeadForm.objects.visible_to(owner)) == []
    assert list(LeadForm.objects.active()) == [open_form]
    assert list(ImportFile.objects.visible_to(analyst)) == [file]
    assert list(ImportFile.objects.visible_to(owner)) == []
