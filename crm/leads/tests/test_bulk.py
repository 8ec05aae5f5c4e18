"""Many leads at once come out as one by one."""

from datetime import timedelta
from typing import Any

import pytest
from django.core.exceptions import ValidationError
from django.db import transaction
from django.utils import timezone

from accounts.people.models import User
from crm.channels.tests.factories import ChannelFactory
from crm.contacts.models import Contact, ContactIdentity, MiniListMembership, StageChange
from crm.contacts.tests.factories import ContactFactory
from crm.leads.bulk import NewLead, leads_record
from crm.leads.models import Lead
from crm.leads.services import LeadPerson, lead_record


def picture() -> list[Any]:
    """Everything leads leave behind, without keys."""
    leads = Lead.objects.order_by("external_id").values_list(
        "external_id", "channel__code", "occurred_at", "owner__email", "contact__email", "contact__first_name"
    )
    people = Contact.objects.order_by("email").values_list("email_normalized", "address_hash", "stage", "channel__code")
    changes = StageChange.objects.order_by("contact__email").values_list("contact__email", "after", "reason", "at")
    numbers = ContactIdentity.objects.order_by("external_id").values_list("external_id", "contact__email")
    return [list(leads), list(people), list(changes), list(numbers)]


def test_the_same_as_one_by_one(owner: User) -> None:
    ads, seo = ChannelFactory.create(code="ads"), ChannelFactory.create(code="search")
    known = ContactFactory.create(email="known@example.com", channel=ads)
    MiniListMembership.objects.create(contact=known, owner=owner)
    ContactFactory.create(email="customer@example.com", stage=Contact.Stage.CUSTOMER, channel=ads)
    start = timezone.now() - timedelta(days=9)
    rows = [
        ("1", "p1", "Known@Example.com", ads),
        ("2", "p2", "new@example.com", seo),
        ("3", "p2", "new@example.com", ads),
        ("4", "p3", "customer@example.com", seo),
        ("5", "p4", "", ads),
        ("2", "p2", "new@example.com", seo),
    ]
    leads = [
        NewLead(number, channel, start + timedelta(days=n), person, email, details={"first_name": "Ada"})
        for n, (number, person, email, channel) in enumerate(rows)
    ]
    with transaction.atomic():
        for lead in leads:
            lead_record(
                person=LeadPerson(email=lead.email, identity=("shop", lead.person_id), details=lead.details),
                channel=lead.channel,
                occurred_at=lead.occurred_at,
                source="file",
                external_id=lead.external_id,
            )
        one_by_one = picture()
        transaction.set_rollback(True)
    assert leads_record(leads=leads, source="file", identity_source="shop").leads == 5
    assert picture() == one_by_one
    assert leads_record(leads=leads, source="file", identity_source="shop").leads == 0
    assert picture() == one_by_one


def test_a_bad_address_leaves_nothing(db: None) -> None:
    channel = ChannelFactory.create()
    leads = [
        NewLead("1", channel, timezone.now(), "p1", "ada@example.com"),
        NewLead("2", channel, timezone.now(), "p2", "x"),
    ]
    with pytest.raises(ValidationError):
        leads_record(leads=leads, source="file", identity_source="shop")
    assert (Lead.objects.count(), Contact.objects.count()) == (0, 0)
