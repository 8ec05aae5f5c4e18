import factory

from crm.brands.tests.factories import BrandFactory
from crm.consent.models import ConsentTopic


class ConsentTopicFactory(factory.django.DjangoModelFactory[ConsentTopic]):
    class Meta:
        model = ConsentTopic
        django_get_or_create = ("code",)

    brand = factory.SubFactory(BrandFactory)
    code = "newsletter"
    name = "Newsletter"
