"""Telephone numbers in one form."""

import pytest
from pytest_django import DjangoAssertNumQueries

from accounts.company.models import Company
from accounts.company.services import company_change
from accounts.people.models import User
from core import tasks
from crm.contacts.models import Contact
from crm.contacts.phone_numbers import PhoneNumbers, phones_normalize
from crm.contacts.services import contact_create, contact_update
from crm.contacts.tests.factories import ContactFactory

pytestmark = pytest.mark.django_db


@pytest.mark.parametrize(
    ("phone", "country", "normalized"),
    [
        ("600 10 20 30", "España", "+34600102030"),
        ("+34 (600) 10-20-30", "Perú", "+34600102030"),
        ("0034 600102030", "ES", "+34600102030"),
        ("01 555 0100", "Peru", "+5115550100"),
        ("(01) 555-0100", "", "+5115550100"),
        ("600 10 20 30", "Narnia", "+51600102030"),
        ("555 0100", "United States", ""),
        ("020 7946 0018 ext. 12", "United Kingdom", ""),
        ("112", "ES", ""),
        ("600102030 / 600102031", "ES", ""),
        ("call me", "ES", ""),
        ("+999 1", "", ""),
        ("", "ES", ""),
    ],
)
def test_one_number_has_one_form(phone: str, country: str, normalized: str) -> None:
    Company.objects.create(pk=1, time_zone="America/Lima")
    assert PhoneNumbers().normalized(phone, country) == normalized


def test_a_company_on_utc_is_in_no_country(django_assert_num_queries: DjangoAssertNumQueries) -> None:
    numbers = PhoneNumbers()
    with django_assert_num_queries(0):
        assert numbers.normalized("+34 600102030") == "+34600102030"
    with django_assert_num_queries(1):
        assert numbers.normalized("0034 600102030") == "+34600102030"
        assert numbers.normalized("600102030") == numbers.normalized("600102031") == ""


def test_a_contact_keeps_both_forms_together(marketer: User) -> None:
    contact = contact_create(first_name="Ada", phone="600 10 20 30", country="Spain")
    assert (contact.phone, contact.phone_normalized) == ("600 10 20 30", "+34600102030")
    moved = contact_update(contact=contact, actor=marketer, country="Mexico", phone="55 1234 5678")
    assert moved.phone_normalized == "+525512345678"
    assert contact_update(contact=moved, actor=marketer, phone="").phone_normalized == ""
    assert not Contact.objects.with_phone("").exists()


def test_a_company_that_moves_reads_its_numbers_again(
    director: User, monkeypatch: pytest.MonkeyPatch, django_capture_on_commit_callbacks
) -> None:
    sent: list[str] = []
    monkeypatch.setattr(tasks, "_send", lambda name, kwargs: sent.append(name))
    Company.objects.create(pk=1, time_zone="UTC")
    plain = contact_create(first_name="Ada", phone="600 10 20 30")
    ContactFactory.create(phone="+51 1 555 0100")
    ContactFactory.create(phone="600 10 20 31", country="Spain")
    assert (plain.phone_normalized, phones_normalize()) == ("", 0)
    with django_capture_on_commit_callbacks(execute=True):
        company_change(values={"time_zone": "Europe/Madrid"}, actor=director)
        company_change(values={"time_zone": "Atlantic/Canary"}, actor=director)
    assert sent == ["crm.normalize_phones"]
    assert (phones_normalize(), phones_normalize()) == (1, 0)
    assert Contact.objects.with_phone("+34600102030").get() == plain
