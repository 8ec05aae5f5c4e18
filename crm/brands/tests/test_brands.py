"""The first brand is called like the company until it has a name of its own."""

import pytest

from accounts.company.models import Company
from accounts.company.services import company_change
from accounts.people.models import User
from crm.brands.models import Brand

pytestmark = pytest.mark.django_db


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
