"""Recording and handing on leads."""

from datetime import timedelta

import pytest
from django.utils import timezone

from accounts.people.models import User
from core.errors import DomainError
from crm.channels.tests.factories import ChannelFactory
from crm.contacts.models import Contact, MiniListMembership, StageChange
from crm.contacts.tests.factories import ContactFactory
from crm.leads.models import Lead
from crm.leads.services import LeadPerson, lead_delete, lead_record, lead_update, leads_assign
from crm.leads.tests.factories import LeadFactory

ADA = LeadPerson(email="Ada@Example.com", phone="600 100 200", details={"first_name": "Ada"})


def test_a_lead_makes_its_contact_and_moves_the_stage(marketer: User) -> None:
    channel = ChannelFactory.create()
    lead, created = lead_record(person=ADA, channel=channel, interest="Boots", actor=marketer)
    assert created
    contact = lead.contact
    assert (contact.first_name, contact.email_normalized, contact.channel) == ("Ada", "ada@example.com", channel)
    assert Contact.objects.get(pk=contact.pk).stage == Contact.Stage.LEAD
    assert StageChange.objects.get(contact=contact).reason == f"lead:{channel.code}"


def test_the_same_event_is_one_lead(marketer: User) -> None:
    channel = ChannelFactory.create()
    first, created = lead_record(person=ADA, channel=channel, source="api", external_id="7", actor=marketer)
    again, created_again = lead_record(person=ADA, channel=channel, source="api", external_id="7", actor=marketer)
    assert (created, created_again, again) == (True, False, first)
    lead_record(person=ADA, channel=channel, source="api", external_id="8", actor=marketer)
    assert (Lead.objects.count(), Contact.objects.count(), StageChange.objects.count()) == (2, 1, 1)


def test_a_customer_stays_a_customer(marketer: User) -> None:
    contact = ContactFactory.create(stage=Contact.Stage.CUSTOMER, email="ada@example.com")
    lead_record(person=ADA, channel=ChannelFactory.create(), actor=marketer)
    contact.refresh_from_db()
    assert contact.stage == Contact.Stage.CUSTOMER


def test_what_cannot_be_a_lead(db: None, analyst: User) -> None:
    channel = ChannelFactory.create()
    with pytest.raises(DomainError) as nobody:
        lead_record(person=LeadPerson(), channel=channel)
    with pytest.raises(DomainError) as early:
        lead_record(person=ADA, channel=channel, occurred_at=timezone.now() + timedelta(days=1))
    with pytest.raises(DomainError) as not_sales:
        lead_record(person=ADA, channel=channel, owner=analyst)
    with pytest.raises(DomainError) as bad:
        lead_record(person=LeadPerson(email="not an address"), channel=channel)
    codes = [error.value.code for error in (nobody, early, not_sales, bad)]
    assert codes == ["person_missing", "lead_in_the_future", "owner_not_salesperson", "invalid"]
    assert (Lead.objects.count(), Contact.objects.count()) == (0, 0)


def test_a_phone_alone_finds_the_same_person(marketer: User) -> None:
    channel = ChannelFactory.create()
    first, _created = lead_record(person=LeadPerson(phone="+34 600 100 200"), channel=channel, actor=marketer)
    again = LeadPerson(phone="600100200", details={"country": "España", "city": "Soria"})
    second, _created = lead_record(person=again, channel=channel, actor=marketer)
    assert first.contact == second.contact
    assert second.contact.city == "Soria"
    for _time in range(2):  # no number: nobody is found by it
        lead_record(person=LeadPerson(phone="600"), channel=channel, actor=marketer)
    assert Contact.objects.count() == 3


def test_a_lead_goes_to_who_looks_after_the_contact(marketer: User, owner: User, outsider: User) -> None:
    contact = ContactFactory.create(email="ada@example.com")
    MiniListMembership.objects.create(contact=contact, owner=owner)
    lead, _created = lead_record(person=ADA, channel=ChannelFactory.create(), actor=marketer)
    assert lead.owner == owner
    assert list(Lead.objects.visible_to(owner)) == [lead]
    assert list(Lead.objects.visible_to(outsider)) == []
    assert list(Lead.objects.visible_to(marketer)) == [lead]


def test_assigning_gives_unattended_contacts_to_the_owner(marketer: User, owner: User, teammate: User) -> None:
    mine, others = LeadFactory.create(), LeadFactory.create()
    MiniListMembership.objects.create(contact=others.contact, owner=teammate)
    assert leads_assign(leads=[mine, others], owner=owner, actor=marketer) == (1, 1)
    assert leads_assign(leads=list(Lead.objects.all()), owner=owner, actor=marketer) == (0, 1)
    assert list(Lead.objects.visible_to(owner)) == [mine]
    holders = dict(MiniListMembership.objects.open().values_list("contact_id", "owner_id"))
    assert holders == {mine.contact_id: owner.pk, others.contact_id: teammate.pk}
    with pytest.raises(DomainError, match="salesperson"):
        leads_assign(leads=[mine], owner=marketer, actor=marketer)


def test_a_lead_leaves_with_its_contact(owner: User, teammate: User, outsider: User) -> None:
    lead = LeadFactory.create(owner=owner)
    assert list(Lead.objects.visible_to(owner)) == [lead]
    MiniListMembership.objects.create(contact=lead.contact, owner=teammate)
    assert [list(Lead.objects.visible_to(user)) for user in (owner, teammate, outsider)] == [[], [lead], []]


def test_a_lead_counts_for_who_looked_after_the_person_then(owner: User, teammate: User) -> None:
    handed = LeadFactory.create(owner=owner)
    held = LeadFactory.create(owner=owner)
    free = LeadFactory.create()
    since = held.occurred_at - timedelta(days=3)
    MiniListMembership.objects.create(contact=held.contact, owner=teammate, since=since, until=timezone.now())
    MiniListMembership.objects.create(contact=free.contact, owner=owner, since=timezone.now() + timedelta(hours=1))
    assert list(Lead.objects.credited_to(owner.pk)) == [handed]
    assert list(Lead.objects.credited_to(teammate.pk)) == [held]
    assert list(Lead.objects.credited_to(None)) == [free]


def test_correcting_and_deleting(marketer: User) -> None:
    lead = LeadFactory.create()
    assert lead_update(lead=lead, actor=marketer, interest="Hats").interest == "Hats"
    with pytest.raises(TypeError):
        lead_update(lead=lead, actor=marketer, contact=lead.contact)
    lead_delete(lead=lead, actor=marketer)
    assert Lead.objects.count() == 0
    assert Contact.objects.count() == 1
