"""Who somebody is: one rule, whether one person, a batch or a table is asked about."""

import random
from concurrent.futures import ThreadPoolExecutor
from threading import Barrier
from typing import Any

import pytest
from django.db import connection
from django.utils import timezone

from crm.contacts.models import Contact, ContactIdentity
from crm.contacts.phone_numbers import PhoneNumbers
from crm.contacts.resolve import (
    KnownContacts,
    PersonKeys,
    contact_find,
    contact_find_or_create,
    contacts_resolve,
    contacts_resolve_by_phone,
)
from crm.contacts.tests.factories import ContactFactory

pytestmark = pytest.mark.django_db
SOLE, SHARED, ARCHIVED, NOBODYS = (f"+3460010203{n}" for n in range(4))


def contact(**fields: Any) -> Contact:
    """A contact without an address unless it is given."""
    return ContactFactory.create(**{"email": "", **fields})


@pytest.fixture
def people() -> dict[str, Contact]:
    found = {
        "numbered": contact(phone="+34 600 99 99 99"),
        "addressed": contact(email="Ada@Example.com"),
        "sole": contact(phone="600 10 20 30", country="Spain"),
        "first": contact(phone=SHARED),
        "second": contact(phone=SHARED),
        "archived": contact(phone=ARCHIVED, archived_at=timezone.now()),
        "put away": contact(email="old@example.com", archived_at=timezone.now()),
    }
    ContactIdentity.objects.create(contact=found["numbered"], source="shop", external_id="7")
    ContactIdentity.objects.create(contact=found["addressed"], source="till", external_id="8")
    return found


@pytest.mark.parametrize(
    ("number", "email", "phone", "who"),
    [
        ("7", "", "", "numbered"),
        ("7", "ada@example.com", SOLE, "numbered"),
        ("8", "ADA@EXAMPLE.COM", "", "addressed"),
        ("8", "", SOLE, None),
        ("", "ada@example.com", SOLE, "addressed"),
        ("", "nobody@example.com", SOLE, None),
        ("", "no address", SOLE, None),
        ("", "old@example.com", "", "put away"),
        ("", "", "0034 600 10 20 30", "sole"),
        ("", "", SHARED, None),
        ("", "", ARCHIVED, None),
        ("", "", NOBODYS, None),
        ("", "", "600", None),
        ("", "", "", None),
    ],
)
def test_number_then_address_then_a_phone_that_one_person_has(
    people: dict[str, Contact], number: str, email: str, phone: str, who: str | None
) -> None:
    known = contact_find(email=email, identity=("shop", number) if number else None, phone=phone, country="Spain")
    assert known == (people[who] if who else None)


def test_one_a_batch_and_a_table_answer_the_same(people: dict[str, Contact]) -> None:
    chance, numbers = random.Random(7), PhoneNumbers()
    phones = ["", SOLE, SHARED, ARCHIVED, NOBODYS, "600"] * 15
    asked = [
        (chance.choice(["", "7", "8", "9"]), chance.choice(["", "ada@example.com", f"x{n}@example.com"]), phone)
        for n, phone in enumerate(phones)
    ]
    keys = [
        PersonKeys.of(numbers, identity=("shop", number) if number else None, email=email, phone=phone)
        for number, email, phone in asked
    ]
    one_by_one = [KnownContacts([person]).find(person) for person in keys]
    batch = KnownContacts(keys)
    assert [batch.find(person) for person in keys] == one_by_one
    with connection.cursor() as cursor:
        cursor.execute(
            "CREATE TEMPORARY TABLE asked (person text PRIMARY KEY, customer text, email text, phone_normalized text,"
            " contact_id bigint, new_key text)"
        )
        for place, person in enumerate(keys):
            if person.identity or person.address or person.phone:
                number = person.identity[1] if person.identity else None
                row = [place, number, person.address or None, person.phone or None]
                cursor.execute("INSERT INTO asked VALUES (%s, %s, %s, %s)", row)
        contacts_resolve(people="asked", source="shop")
        contacts_resolve_by_phone(people="asked")
        cursor.execute("SELECT person::int, contact_id FROM asked")
        table = dict(cursor.fetchall())
    assert [table.get(place) for place in range(len(keys))] == [found and found.pk for found in one_by_one]


def test_a_batch_takes_four_statements(people: dict[str, Contact], django_assert_num_queries: Any) -> None:
    numbers = PhoneNumbers()
    keys = [PersonKeys.of(numbers, identity=("shop", str(n)), email="") for n in range(50)]
    keys += [PersonKeys.of(numbers, identity=None, email=f"a{n}@example.com") for n in range(50)]
    keys += [PersonKeys.of(numbers, identity=None, email="", phone=SOLE[:-1] + str(n % 10)) for n in range(50)]
    with django_assert_num_queries(4):
        known = KnownContacts(keys)
    with django_assert_num_queries(0):
        assert sum(known.find(person) is not None for person in keys) == 1 + 5


def test_a_person_found_by_phone_is_completed() -> None:
    known = contact(phone=SOLE)
    found, created = contact_find_or_create(defaults={"phone": "600 10 20 30", "country": "Spain", "city": "Soria"})
    assert (found.pk, created, found.phone, found.city, found.country) == (known.pk, False, SOLE, "Soria", "Spain")
    other, made = contact_find_or_create(email="eva@example.com", defaults={"phone": SOLE})
    assert made
    assert other != known


@pytest.mark.django_db(transaction=True)
def test_two_at_once_with_one_phone_are_one_person() -> None:
    start = Barrier(2)

    def record(_number: int) -> None:
        try:
            start.wait()
            contact_find_or_create(defaults={"phone": SOLE})
        finally:
            connection.close()

    with ThreadPoolExecutor(2) as pool:
        list(pool.map(record, range(2)))
    assert Contact.objects.with_phone(SOLE).count() == 1
