"""What other apps join of contacts."""

from typing import Any

import pytest
from django.db import connection
from django.utils import timezone

from crm.contacts.models import Contact
from crm.contacts.sql import CONTACTS_TOUCH, contact_by_id, contacts_as
from crm.contacts.tests.factories import ContactFactory

pytestmark = pytest.mark.django_db

PROMISED = (
    "email_normalized",
    "address_hash",
    "first_order_at",
    "archived_at",
    "first_name",
    "language",
    "order_count",
)


def rows(statement: str, parameters: list[Any]) -> list[tuple[Any, ...]]:
    with connection.cursor() as cursor:
        cursor.execute(statement, parameters)
        return list(cursor.fetchall())


def test_contacts_stand_under_an_alias_with_the_columns_others_count_on() -> None:
    ada, _other = ContactFactory.create(), ContactFactory.create()
    columns = ", ".join(f"p.{name}" for name in PROMISED)
    found = rows(f"SELECT p.id, {columns} FROM {contacts_as('p')} WHERE p.id = %s", [ada.pk])
    assert found == [(ada.pk, *(getattr(ada, name) for name in PROMISED))]


def test_a_contact_by_its_id_or_nobody() -> None:
    ada = ContactFactory.create()
    sql = f"SELECT c.id FROM unnest(%s::bigint[]) n LEFT JOIN LATERAL ({contact_by_id('n')}) c ON true ORDER BY n"
    assert rows(sql, [[0, ada.pk]]) == [(None,), (ada.pk,)]


def test_contacts_touched_were_contacted_now() -> None:
    ada, other, before = ContactFactory.create(), ContactFactory.create(), timezone.now()
    with connection.cursor() as cursor:
        cursor.execute(CONTACTS_TOUCH, [[ada.pk]])
    touched = Contact.objects.get(pk=ada.pk).last_contacted_at
    assert touched is not None
    assert before <= touched <= timezone.now()
    assert Contact.objects.get(pk=other.pk).last_contacted_at is None
