"""Who a person is, what they agreed to, and whom nothing is sent to."""

from typing import Any

import pytest
from django.db.models import Count
from django.test import Client
from django.utils import timezone

from accounts.audit.models import AuditEntry
from accounts.people.models import User
from core.errors import DomainError
from core.models import Preference
from crm.consent.models import ConsentTopic, Suppression
from crm.consent.services import consent_holds, consent_import, consent_record, suppression_add, suppression_lift
from crm.contacts.models import Contact
from crm.contacts.resolve import contact_find_or_create
from crm.contacts.services import (
    contact_archive,
    contact_create,
    contact_restore,
    contacts_archive,
    contacts_restore,
)
from crm.contacts.tests.factories import ContactFactory

pytestmark = pytest.mark.django_db


def test_one_address_is_one_person(director: User, outsider: User) -> None:
    contact_create(email="José@Example.com", first_name="José")
    for actor, named in ((director, True), (outsider, False)):
        with pytest.raises(DomainError) as refused:
            contact_create(email="jose\u0301@EXAMPLE.com", actor=actor)
        assert refused.value.code == "address_taken"
        assert ("José" in refused.value.message) is named


def test_a_known_person_keeps_what_is_known() -> None:
    contact, created = contact_find_or_create(identity=("shop", "7"), defaults={"city": "Lima"})
    again, created_again = contact_find_or_create(
        email="ada@example.com", identity=("shop", "7"), defaults={"city": "Cusco", "phone": "1"}
    )
    assert (created, created_again, again.pk) == (True, False, contact.pk)
    assert (again.city, again.phone, again.email_normalized) == ("Lima", "1", "ada@example.com")


def test_a_file_never_turns_a_withdrawal_into_consent() -> None:
    contact, topic = ContactFactory.create(), ConsentTopic.objects.get(code="newsletter")
    consent_record(contact=contact, topic=topic, given=False, source="preferences")
    assert consent_import(contact=contact, topic=topic, given=True, source="file") is None
    assert not consent_holds(contact=contact, topic=topic)


def test_suppression_is_one_and_final_after_a_complaint(director: User) -> None:
    contact = ContactFactory.create(email="ada@example.com")
    assert suppression_add(address="ADA@example.com", reason=Suppression.Reason.COMPLAINED, source="test")
    assert not suppression_add(address="ada@example.com", reason=Suppression.Reason.IMPORTED, source="test")
    with pytest.raises(DomainError) as refused:
        suppression_lift(contact=contact, actor=director)
    assert refused.value.code == "suppression_is_final"


def test_archiving_many_can_be_taken_back(director: User) -> None:
    ContactFactory.create_batch(3)
    ContactFactory.create(archived_at=timezone.now())
    done = contacts_archive(contacts=Contact.objects.all(), actor=director)
    assert (len(done), Contact.objects.active().count()) == (3, 0)
    assert sorted(contacts_restore(contacts=Contact.objects.filter(pk__in=done), actor=director)) == sorted(done)
    assert contacts_restore(contacts=Contact.objects.filter(pk__in=done), actor=director) == []
    assert Contact.objects.active().count() == 3
    actions = AuditEntry.objects.order_by("pk").values_list("action", "changes")
    assert list(actions) == [
        ("contacts_archive", {"contacts": [None, 3]}),
        ("contacts_restore", {"contacts": [None, 3]}),
    ]


def test_what_is_archived_already_is_left_as_it_is(director: User, django_assert_num_queries: Any) -> None:
    ada, bob = ContactFactory.create_batch(2)
    assert (contact_archive(contact=ada, actor=director), contact_archive(contact=ada, actor=director)) == (True, False)
    since = Contact.objects.get(pk=ada.pk).archived_at
    # What a list joins, sorts and annotates does not matter; no contact is read.
    listed = Contact.objects.annotate(n=Count("orders")).select_related("channel").order_by("-n").distinct()
    with django_assert_num_queries(6):  # savepoint, lock, change, count, audit, release
        assert contacts_archive(contacts=listed, actor=director) == [bob.pk]
    assert Contact.objects.get(pk=ada.pk).archived_at == since
    assert (contact_restore(contact=ada, actor=director), contact_restore(contact=ada, actor=director)) == (True, False)
    assert Contact.objects.active().get() == ada
    assert list(AuditEntry.objects.order_by("pk").values_list("action", "object_label"))[::2] == [
        ("contact_archive", str(ada)),
        ("contact_restore", str(ada)),
    ]


def test_a_bulk_archiving_is_undone_for_just_those_by_the_one_who_did_it(
    client: Client, marketer: User, director: User
) -> None:
    ada, bob, _cy = ContactFactory.create_batch(3)
    client.force_login(marketer)
    client.post("/contacts/archive/", {"ids": [ada.public_id, bob.public_id], "count": "2", "state": ""})
    assert Contact.objects.active().count() == 1
    mark = Preference.objects.value(marketer.pk, "undo:contacts")["mark"]
    client.force_login(director)
    client.post(f"/contacts/restore/?undo={mark}")
    assert Contact.objects.active().count() == 1
    client.force_login(marketer)
    client.post(f"/contacts/restore/?undo={mark}")
    assert Contact.objects.active().count() == 3
