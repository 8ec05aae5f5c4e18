"""Segments for tests."""

import factory

from marketing.segments.models import Segment


class SegmentFactory(factory.django.DjangoModelFactory[Segment]):
    class Meta:
        model = Segment

    name = factory.Sequence(lambda n: f"Segment {n}")
    rules = factory.LazyFunction(
        lambda: {"version": 1, "group": "all", "of": [{"field": "city", "operator": "is", "value": "Lima"}]}
    )
