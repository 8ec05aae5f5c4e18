"""Senders, for tests."""

from typing import Any

import factory

from crm.brands.tests.factories import BrandFactory
from delivery.senders.models import SendingIdentity


class SendingIdentityFactory(factory.django.DjangoModelFactory[SendingIdentity]):
    class Meta:
        model = SendingIdentity
        django_get_or_create = ("name",)

    brand = factory.SubFactory(BrandFactory)
    name = "Shop"
    from_name = "Example Shop"
    from_address = "news@shop.example"


def identity_make(**fields: Any) -> SendingIdentity:
    values = {"name": "Shop", "from_name": "Example Shop", "from_address": "shop@company.example", **fields}
    found = SendingIdentity.objects.filter(name=values["name"]).first()
    return found or SendingIdentity.objects.create(brand=BrandFactory.create(), **values)
