"""Customers, orders and leads for tests: small, plainly synthetic, valid unless told otherwise."""

from decimal import Decimal

import factory
from django.utils import timezone

from crm.addresses import address_hash, normalize_address
from crm.models import Brand, Channel, ConsentTopic, Contact, Lead, Order, Product, RfmRun


class BrandFactory(factory.django.DjangoModelFactory[Brand]):
    class Meta:
        model = Brand
        django_get_or_create = ("name",)

    name = "Example Shop"


class ConsentTopicFactory(factory.django.DjangoModelFactory[ConsentTopic]):
    class Meta:
        model = ConsentTopic
        django_get_or_create = ("code",)

    brand = factory.SubFactory(BrandFactory)
    code = "newsletter"
    name = "Newsletter"


class ChannelFactory(factory.django.DjangoModelFactory[Channel]):
    class Meta:
        model = Channel
        django_get_or_create = ("code",)

    code = factory.Sequence(lambda n: f"channel_{n}")
    name = factory.Sequence(lambda n: f"Channel {n}")
    group = Channel.Group.OUTBOUND


class ContactFactory(factory.django.DjangoModelFactory[Contact]):
    class Meta:
        model = Contact

    first_name = "Ada"
    last_name = factory.Sequence(lambda n: f"Example{n}")
    email = factory.Sequence(lambda n: f"contact{n}@example.com")
    email_normalized = factory.LazyAttribute(lambda it: normalize_address(it.email) if it.email else None)
    address_hash = factory.LazyAttribute(lambda it: address_hash(it.email_normalized) if it.email_normalized else None)


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


class LeadFactory(factory.django.DjangoModelFactory[Lead]):
    class Meta:
        model = Lead

    contact = factory.SubFactory(ContactFactory)
    channel = factory.SubFactory(ChannelFactory)


class RfmRunFactory(factory.django.DjangoModelFactory[RfmRun]):
    class Meta:
        model = RfmRun

    as_of = factory.LazyFunction(timezone.localdate)
    edges = {"recency": [1, 2, 3, 4], "frequency": [1, 2, 3, 4], "monetary": [1, 2, 3, 4]}
    finished_at = factory.LazyFunction(timezone.now)
