"""What accounts asks of the customer base: handing over before leaving, and whether amounts are kept."""

import pytest
from django.test import Client

from accounts.company.models import Company
from accounts.company.services import company_change
from accounts.people.models import User
from accounts.people.services.people import user_change, user_deactivate, users_deactivate
from accounts.tokens.models import ApiToken
from core.errors import DomainError
from crm.activities.services.mini_lists import minilist_assign
from crm.contacts.models import MiniListMembership
from crm.contacts.tests.factories import ContactFactory
from crm.sales.tests.factories import OrderFactory

pytestmark = pytest.mark.django_db


def test_a_list_is_handed_over_before_leaving(director: User, owner: User, teammate: User) -> None:
    contact = ContactFactory.create()
    minilist_assign(contacts=[contact], owner=owner, actor=director)
    ApiToken.objects.create(user=owner, name="t", prefix="cauce_", token_hash="h")
    with pytest.raises(DomainError) as refused:
        user_deactivate(user=owner, actor=director)
    assert refused.value.code == "handover_needed"
    user_deactivate(user=owner, actor=director, heir=teammate)
    assert MiniListMembership.objects.open().get().owner == teammate
    assert ApiToken.objects.usable().count() == 0


def test_a_salesperson_with_customers_keeps_the_role(director: User, owner: User) -> None:
    minilist_assign(contacts=[ContactFactory.create()], owner=owner, actor=director)
    with pytest.raises(DomainError) as refused:
        user_change(user=owner, role="analyst", team=None, full_name="Olga", actor=director)
    assert refused.value.code == "handover_needed"


def test_the_currency_stays_once_an_order_is_kept(director: User, signed_in) -> None:
    OrderFactory.create()
    with pytest.raises(DomainError) as refused:
        company_change(values={"currency": "USD"}, actor=director)
    assert refused.value.code == "currency_locked"
    client: Client = signed_in(director)
    assert "Amounts are already saved" in client.get("/settings/company/").content.decode()
    assert Company.get().currency == "EUR"


def test_who_looks_after_customers_or_asks_is_left(director: User, analyst: User, owner: User) -> None:
    MiniListMembership.objects.create(contact=ContactFactory.create(), owner=owner)
    changed = users_deactivate(users=[director, analyst, owner], actor=director)
    assert changed.done == [analyst]
    assert len(changed.refused) == 2
    assert set(User.objects.filter(is_active=True)) == {director, owner}
