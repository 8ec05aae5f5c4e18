"""Sends ready to launch, for tests."""

from collections.abc import Callable

import factory
from django.db import transaction
from django.db.models import QuerySet

from campaigns.engine.freeze import audience_freeze
from campaigns.models.authoring import Letter
from campaigns.models.identities import SendingIdentity
from campaigns.models.providers import Provider
from campaigns.models.sends import Send, Variant
from campaigns.services.providers import identity_providers_set, provider_save
from core.errors import DomainError
from crm.brands.tests.factories import BrandFactory
from crm.consent.tests.factories import ConsentTopicFactory
from crm.contacts.models import Contact

BODY = """<mjml><mj-body><mj-section><mj-column>
<mj-text>Hello {{ contact.first_name|default("friend") }}</mj-text>
<mj-button href="https://shop.example/spring">See it</mj-button>
</mj-column></mj-section></mj-body></mjml>"""


class SendingIdentityFactory(factory.django.DjangoModelFactory[SendingIdentity]):
    class Meta:
        model = SendingIdentity
        django_get_or_create = ("name",)

    brand = factory.SubFactory(BrandFactory)
    name = "Shop"
    from_name = "Example Shop"
    from_address = "news@shop.example"


def through(identity: SendingIdentity, *urls: str) -> list[Provider]:
    """Have a sender use mail servers in this order."""
    providers = []
    for url in urls:
        provider = Provider(name=f"Provider {Provider.objects.count() + 1}")
        provider.url = url
        providers.append(provider_save(provider=provider, actor=None))
    identity_providers_set(identity=identity, providers=providers, actor=None)
    return providers


class SendFactory(factory.django.DjangoModelFactory[Send]):
    class Meta:
        model = Send

    kind = Send.Kind.CAMPAIGN
    identity = factory.SubFactory(SendingIdentityFactory)
    topic = factory.SubFactory(ConsentTopicFactory)


class VariantFactory(factory.django.DjangoModelFactory[Variant]):
    class Meta:
        model = Variant

    send = factory.SubFactory(SendFactory)
    label = "A"
    subject = "Spring"
    body = BODY
    weight = 50


class LetterFactory(factory.django.DjangoModelFactory[Letter]):
    class Meta:
        model = Letter

    send = factory.SubFactory(SendFactory, kind=Send.Kind.LETTER)


def frozen_in_both_arms(make: Callable[[], Send], contacts: QuerySet[Contact]) -> Send:
    """A send made by `make` and frozen, with somebody in each arm: the arm hangs on the keys of send and contact, so
    of a handful of people all may fall into one; then the send is made again."""
    for _turn in range(30):
        try:
            with transaction.atomic():
                send = make()
                audience_freeze(send, contacts)
        except DomainError as error:
            if error.code != "arm_empty":
                raise
        else:
            return send
    raise AssertionError("thirty sends with an empty arm")
