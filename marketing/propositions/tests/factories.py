"""Value propositions for tests."""

import factory

from marketing.propositions.models import PropositionVersion, ValueProposition
from marketing.segments.tests.factories import SegmentFactory


class ValuePropositionFactory(factory.django.DjangoModelFactory[ValueProposition]):
    class Meta:
        model = ValueProposition

    segment = factory.SubFactory(SegmentFactory)
    name = "Fast tea"


class PropositionVersionFactory(factory.django.DjangoModelFactory[PropositionVersion]):
    class Meta:
        model = PropositionVersion

    proposition = factory.SubFactory(ValuePropositionFactory)
    number = 1
    headline = "Tea at your door tomorrow"
    hypothesis = "More of them order again within a month"
