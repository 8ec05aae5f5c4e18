"""Sends ready to launch, for tests."""

import factory

from campaigns.models import Letter, Send, SendingIdentity, Variant
from crm.tests.factories import BrandFactory, ConsentTopicFactory

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
