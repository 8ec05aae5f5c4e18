import factory
from django.utils import timezone

from crm.scoring.models import RfmRun


class RfmRunFactory(factory.django.DjangoModelFactory[RfmRun]):
    class Meta:
        model = RfmRun

    as_of = factory.LazyFunction(timezone.localdate)
    edges = {"recency": [1, 2, 3, 4], "frequency": [1, 2, 3, 4], "monetary": [1, 2, 3, 4]}
    finished_at = factory.LazyFunction(timezone.now)
