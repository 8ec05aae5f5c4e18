"""How many people a test should see, from what earlier messages brought."""

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from accounts.people.models import User
from campaigns.campaigns.horizon_suggestion import ENOUGH, horizon_suggestion
from campaigns.campaigns.tests.factories import campaign_make
from campaigns.experiments.models import Experiment
from delivery.sends.models import Batch
from delivery.sends.tests.factories import willing
from delivery.tracking.models import Engagement

pytestmark = pytest.mark.django_db


def test_the_usual_rate_until_enough_went_out(marketer: User) -> None:
    campaign = campaign_make(marketer)
    Batch.objects.create(send=campaign.send, number=1, size=ENOUGH - 1, sent=ENOUGH - 1)
    Engagement.objects.create(send_id=campaign.send_id, contact_id=1, human_clicks=1)
    found = horizon_suggestion(campaign, Experiment.objects.get(send=campaign.send))
    assert (found.rate, found.measured) == (0.03, False)


def test_the_companys_own_rate_from_the_sums_of_batches(marketer: User) -> None:
    """25 of 500 clicked; the ledger, which may hold millions of rows, is not read."""
    people = willing(25)
    campaign = campaign_make(marketer)
    for number in (1, 2):
        Batch.objects.create(send=campaign.send, number=number, size=ENOUGH, sent=ENOUGH // 2, failed=3)
    for person in people:
        Engagement.objects.create(send_id=campaign.send_id, contact_id=person.pk, human_clicks=1)
    with CaptureQueriesContext(connection) as queries:
        found = horizon_suggestion(campaign, Experiment.objects.get(send=campaign.send))
    assert (found.rate, found.measured) == (0.05, True)
    assert not [query for query in queries if "delivery_delivery" in query["sql"]]
