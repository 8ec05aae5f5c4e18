"""Privacy mode: no contact is identified, clicks are counted per variant, and the test claims no more than that."""

import csv
from collections.abc import Callable

import pytest
from django.test import Client
from django.utils import timezone

from accounts.people.models import User
from campaigns.campaigns.models import Campaign
from campaigns.campaigns.services import campaign_create
from campaigns.campaigns.tests.factories import campaign_make
from campaigns.experiments.experiment_analysis import Status
from campaigns.experiments.experiment_queries import experiment_reading
from campaigns.experiments.models import Experiment
from crm.contacts.models import Contact
from delivery.engine.freeze import audience_freeze
from delivery.engine.prepare import variants_compile
from delivery.engine.throttle import shared
from delivery.engine.tokens import NOBODY, token_make
from delivery.sends.launch import launch_problems
from delivery.sends.models import Batch, Link, Send
from delivery.sends.results import link_results
from delivery.sends.tests.factories import willing
from delivery.sends.variant_counts import FIGURES, variant_counts
from delivery.tracking.collect import events_collect
from delivery.tracking.entries import STREAM
from delivery.tracking.models import Engagement, Event
from delivery.tracking.tests.test_tracking import ask

pytestmark = pytest.mark.django_db(transaction=True)
SignedIn = Callable[[User], Client]


@pytest.fixture(autouse=True)
def _empty_stream() -> None:
    shared().delete(STREAM)


@pytest.fixture
def campaign(director: User) -> Campaign:
    """Sent to forty people, twenty in each arm more or less, in privacy mode."""
    willing(40)
    campaign = campaign_make(director)
    Send.objects.filter(pk=campaign.send_id).update(is_tracked=False, state="finished", launched_at=timezone.now())
    campaign.send.refresh_from_db()
    variants_compile(campaign.send)
    audience_freeze(campaign.send, Contact.objects.all())
    for batch in Batch.objects.filter(number__gt=0):
        Batch.objects.filter(pk=batch.pk).update(sent=batch.size, state="done")
    return campaign


def click(send: Send, link: int) -> str:
    return "/c/" + token_make("click", send.pk, NOBODY, link)


def test_clicks_are_counted_per_variant_and_nothing_is_kept_of_who(campaign: Campaign) -> None:
    a, b = Link.objects.order_by("position")
    ask(*[click(campaign.send, a.position)] * 3, click(campaign.send, b.position))
    ask(click(campaign.send, a.position), agent="curl/8")
    assert ask(click(campaign.send, 9))[0][0] == 404
    assert events_collect() == 5
    assert {(event.contact_id, event.user_agent) for event in Event.objects.all()} == {(NOBODY, "")}
    assert Event.objects.get(machine="scanner").variant_id == a.variant_id
    assert not Engagement.objects.exists()
    assert [(arm.clicks, arm.raw_clicks, arm.opens) for arm in variant_counts(campaign.send)] == [(3, 4, 0), (1, 1, 0)]
    assert [(link.people, link.clicks) for link in link_results(campaign.send)] == [(None, 3), (None, 1)]


def test_the_test_shows_counts_and_claims_no_winner(campaign: Campaign) -> None:
    first = Link.objects.order_by("position")[0]
    for _turn in range(3):
        ask(*[click(campaign.send, first.position)] * 50)
    events_collect()
    reading = experiment_reading(campaign.send, Experiment.objects.get())
    assert (reading.status, reading.versus, reading.leaders) == (Status.COUNTED, (), ())
    assert reading.arms[0].interval is None
    assert "A" in reading.sentence
    Experiment.objects.update(metric="order")
    assert experiment_reading(campaign.send, Experiment.objects.get()).status is not Status.COUNTED


def test_a_test_by_opens_cannot_be_launched(director: User) -> None:
    campaign = campaign_make(director)
    Experiment.objects.update(metric="open")
    assert "metric_not_measured" not in [problem.code for problem in launch_problems(campaign.send)]
    campaign.send.is_tracked = False
    assert "metric_not_measured" in [problem.code for problem in launch_problems(campaign.send)]


def test_the_launch_and_the_results_say_so(campaign: Campaign, director: User, signed_in: SignedIn) -> None:
    client, address = signed_in(director), f"/campaigns/{campaign.public_id}"
    assert b"Privacy mode." in client.get(f"{address}/send/").content
    assert b"counted per variant, without contacts" in client.get(f"{address}/monitor/").content


def test_the_screen_the_file_and_the_counts_agree(campaign: Campaign, director: User, signed_in: SignedIn) -> None:
    ask(*[click(campaign.send, 1)] * 2)
    events_collect()
    answer = signed_in(director).get(f"/campaigns/{campaign.public_id}/results.csv")
    lines = list(csv.DictReader(answer.content.decode().splitlines()))
    assert [line["variant"] for line in lines] == ["A", "B"]
    for line, arm in zip(lines, variant_counts(campaign.send), strict=True):
        assert {name: int(line[name]) for name in FIGURES} == {name: getattr(arm, name) for name in FIGURES}
    assert lines[0]["raw_clicks"] == "2"


def test_a_campaign_can_be_made_so(director: User) -> None:
    campaign_make(director)
    campaign = campaign_create(name="Quiet", actor=director, is_tracked=False, utm=None)
    assert (campaign.send.is_tracked, campaign.send.utm) == (False, {})
