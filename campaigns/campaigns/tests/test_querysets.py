"""The questions that pages ask of campaigns."""

import pytest
from django.utils import timezone

from accounts.people.models import User
from campaigns.campaigns.models import Campaign
from campaigns.campaigns.tests.factories import campaign_make

pytestmark = pytest.mark.django_db


def test_campaigns_are_the_offices(owner: User, analyst: User, marketer: User) -> None:
    kept, gone = campaign_make(marketer), campaign_make(marketer)
    Campaign.objects.filter(pk=gone.pk).update(archived_at=timezone.now())
    assert set(Campaign.objects.visible_to(analyst)) == {kept, gone}
    assert list(Campaign.objects.visible_to(owner)) == []
    assert list(Campaign.objects.active()) == [kept]
