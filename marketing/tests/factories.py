"""Segments and propositions for tests."""

import factory

from marketing.models import PropositionVersion, Segment, ValueProposition


class SegmentFactory(factory.django.DjangoModelFactory[Segment]):
    class Meta:
        model = Segment

    name = factory.Sequence(lambda n: f"Segment {n}")
    rules = factory.LazyFunction(
        lambda: {"version": 1, "group": "all", "of": [{"field": "city", "operator": "is", "value": "Lima"}]}
    )


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
