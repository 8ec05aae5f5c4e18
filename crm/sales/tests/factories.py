from decimal import Decimal

import factory
from django.utils import timezone

from crm.contacts.tests.factories import ContactFactory
from crm.sales.models import Order, Product


class ProductFactory(factory.django.DjangoModelFactory[Product]):
    class Meta:
        model = Product

    code = factory.Sequence(lambda n: f"P{n}")
    name = factory.Sequence(lambda n: f"Product {n}")


class OrderFactory(factory.django.DjangoModelFactory[Order]):
    class Meta:
        model = Order

    contact = factory.SubFactory(ContactFactory)
    source = "test"
    number = factory.Sequence(lambda n: f"O{n}")
    placed_at = factory.LazyFunction(timezone.now)
    currency = "EUR"
    gross = Decimal("100.00")
    net = factory.SelfAttribute("gross")
