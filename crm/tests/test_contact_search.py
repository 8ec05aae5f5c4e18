"""Finding people by a part of what is known about them."""

import pytest
from django.db import connection
from django.test import Client

from accounts.models import User
from crm.models import Contact
from crm.tests.factories import ContactFactory

pytestmark = pytest.mark.django_db


def test_a_part_of_the_phone_finds_its_owner(client: Client, director: User) -> None:
    ada = ContactFactory.create(phone="+34 600 551 234")
    ContactFactory.create(phone="+34 600 777 999")
    client.force_login(director)
    table = client.get("/contacts/?q=551").context["table"]
    assert list(table.queryset) == [ada]
    assert client.get("/contacts/?q=600").context["table"].total == 2


def test_looking_for_a_phone_reads_its_index() -> None:
    with connection.cursor() as cursor:
        cursor.execute("SET LOCAL enable_seqscan = off")
        assert "contact_phone_search" in Contact.objects.order_by().filter(phone__icontains="551234").explain()
