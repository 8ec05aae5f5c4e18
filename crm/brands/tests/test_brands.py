"""The first brand is called like the company until it has a name of its own."""

from importlib import import_module

import pytest
from django.apps import apps

from accounts.company.models import Company
from accounts.company.services import company_change
from accounts.people.models import User
from crm.brands.models import Brand

pytestmark = pytest.mark.django_db
clear_default_names = import_module("crm.migrations.0011_brand_called_like_company").let_go_of_names


def test_the_first_brand_is_called_what_the_director_calls_the_company(director: User) -> None:
    Company.objects.all().delete()
    brand = Brand.objects.earliest("pk")
    assert (brand.name, brand.called, str(brand)) == ("", "", "The company")
    company_change(values={"name": "Shop", "website": "https://shop.example"}, actor=director)
    assert (brand.called, str(brand), brand.site) == ("Shop", "Shop", "https://shop.example")
    company_change(values={"name": "Shop & Sons"}, actor=director)
    assert brand.called == "Shop & Sons"


def test_a_brand_of_its_own_keeps_its_name(director: User) -> None:
    company_change(values={"name": "Shop", "website": "https://shop.example"}, actor=director)
    brand = Brand.objects.create(name="Outlet", website="https://outlet.example")
    assert (brand.called, brand.site) == ("Outlet", "https://outlet.example")


@pytest.mark.parametrize(("before", "after"), [("Cauce", ""), ("Shop", ""), ("Outlet", "Outlet")])
def test_names_nobody_chose_are_cleared(before: str, after: str, director: User) -> None:
    company_change(values={"name": "Shop"}, actor=director)
    brand = Brand.objects.earliest("pk")
    Brand.objects.filter(pk=brand.pk).update(name=before)
    clear_default_names(apps, None)
    brand.refresh_from_db()
    assert brand.name == after
