"""Finding people by a part of what is known about them."""

import pytest
from django.db import connection
from django.test import Client, RequestFactory

from accounts.people.models import User
from core.ui.tables.keyset import keyset_ordered
from crm.contact_pages.tables import ContactTable, contact_rows
from crm.contacts.models import Contact, ContactIdentity
from crm.contacts.tests.factories import ContactFactory

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


def test_one_or_two_letters_find_the_beginnings_of_words() -> None:
    mary = ContactFactory.create(first_name="Mary Jo", last_name="O'Neil", email="mj@example.com")
    ContactFactory.create(first_name="Major", last_name="Banjo", email="major@example.com")
    assert list(Contact.objects.found_by("jo")) == [mary]
    assert list(Contact.objects.named("jo o")) == [mary]
    assert Contact.objects.found_by("m").count() == 2
    assert Contact.objects.found_by("njo").get().first_name == "Major"


def test_a_number_in_another_system_finds_its_contact() -> None:
    ada = ContactFactory.create(first_name="Ada", phone="")
    ContactIdentity.objects.create(contact=ada, source="shop", external_id="Kx-77")
    assert list(Contact.objects.found_by("kX-77 ")) == [ada]
    assert list(Contact.objects.named("kx-77")) == []


def test_a_search_reads_the_indexes_of_names_and_numbers() -> None:
    with connection.cursor() as cursor:
        cursor.execute("SET LOCAL enable_seqscan = off")
        assert "contact_search" in Contact.objects.order_by().found_by("quispe").explain()
        numbered = ContactIdentity.objects.filter(external_id__iexact="kx-77")
        assert "identity_by_number" in numbered.order_by().explain()


def test_the_countries_to_choose_from_are_those_there_are(director: User, client: Client) -> None:
    for country in ("Peru", "Chile", "", "Peru"):
        ContactFactory.create(country=country)
    client.force_login(director)
    countries = next(item for item in client.get("/contacts/").context["table"].filters if item.code == "country")
    assert countries.pairs() == [("Chile", "Chile"), ("Peru", "Peru")]


@pytest.mark.parametrize(
    ("query", "index"),
    [("", "contact_by_last_order"), ("stage=lead", "contact_by_stage"),
     ("channel=email", "contact_by_channel"), ("sort=name", "contact_by_name")],
)  # fmt: skip
def test_the_list_is_read_in_the_order_of_an_index(query: str, index: str, director: User, rf: RequestFactory) -> None:
    request = rf.get(f"/contacts/?{query}")
    request.user = director
    table = ContactTable(request, contact_rows(director))
    column, falls = table.state.sorted_by
    first = next(iter(keyset_ordered(table.queryset.select_related(None), sort=column.sort, descending=falls)))
    with connection.cursor() as cursor:
        cursor.execute("SET LOCAL enable_seqscan = off; SET LOCAL enable_sort = off; SET LOCAL enable_bitmapscan = off")
        assert f"using {index}" in first.values("pk")[:51].explain()
