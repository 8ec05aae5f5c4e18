"""The one launch service: what it refuses and names, and that it launches once."""

from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta
from threading import Barrier

import pytest
from django.db import connection
from django.utils import timezone

from accounts.audit.models import AuditEntry
from accounts.people.models import User
from campaigns.campaigns.launch import campaign_launch
from campaigns.campaigns.models import Campaign
from campaigns.campaigns.tests.factories import campaign_make
from campaigns.experiments.models import Experiment
from campaigns.letters.launch import letter_launch
from campaigns.letters.tests.factories import letter_make
from core.errors import Conflict, DomainError
from crm.contacts.models import MiniListMembership
from delivery.senders.models import SendingIdentity
from delivery.sends.launch import send_unschedule
from delivery.sends.models import Send, Variant
from delivery.sends.services import send_cancel, send_hold_late
from delivery.sends.tests.factories import willing
from marketing.propositions.tests.factories import PropositionVersionFactory
from marketing.segments.models import Segment

pytestmark = pytest.mark.django_db


def fresh(campaign: Campaign) -> Campaign:
    return Campaign.objects.select_related("send__identity__brand", "segment").get(pk=campaign.pk)


def same_arms(campaign: Campaign) -> None:
    campaign.send.variants.update(subject="The same")


def set_test(**fields: object) -> Callable[[Campaign], None]:
    def change(campaign: Campaign) -> None:
        Experiment.objects.filter(send=campaign.send).update(**fields)

    return change


def one_arm(campaign: Campaign) -> None:
    campaign.send.variants.filter(label="B").delete()


def empty_arm(campaign: Campaign) -> None:
    campaign.send.variants.filter(label="B").update(weight=0)


def broken_content(campaign: Campaign) -> None:
    campaign.send.variants.filter(label="B").update(body="<mjml><mj-body></mjml>")


def unknown_field(campaign: Campaign) -> None:
    variant = campaign.send.variants.get(label="A")
    Variant.objects.filter(pk=variant.pk).update(subject="{{ contact.shoe_size }}")


def no_segment(campaign: Campaign) -> None:
    Campaign.objects.filter(pk=campaign.pk).update(segment=None)


def old_proposition(campaign: Campaign) -> None:
    Campaign.objects.filter(pk=campaign.pk).update(proposition_version=PropositionVersionFactory(state="replaced"))


def archived_identity(campaign: Campaign) -> None:
    SendingIdentity.objects.update(archived_at=timezone.now())


def archived_segment(campaign: Campaign) -> None:
    Segment.objects.update(archived_at=timezone.now())


def draft_proposition(campaign: Campaign) -> None:
    Campaign.objects.filter(pk=campaign.pk).update(proposition_version=PropositionVersionFactory(state="draft"))


def no_subject(campaign: Campaign) -> None:
    campaign.send.variants.filter(label="A").update(subject="  ")


def no_content(campaign: Campaign) -> None:
    campaign.send.variants.filter(label="A").update(body="")


def archived_campaign(campaign: Campaign) -> None:
    Campaign.objects.filter(pk=campaign.pk).update(archived_at=timezone.now())


@pytest.mark.parametrize(
    ("spoil", "code"),
    [
        (one_arm, "test_missing"),
        (same_arms, "arms_do_not_differ"),
        (empty_arm, "arm_empty"),
        (set_test(hypothesis="  "), "hypothesis_missing"),
        (set_test(metric=""), "metric_missing"),
        (set_test(horizon=None), "horizon_missing"),
        (no_segment, "segment_missing"),
        (archived_segment, "segment_archived"),
        (archived_campaign, "campaign_archived"),
        (old_proposition, "proposition_not_in_force"),
        (draft_proposition, "proposition_not_in_force"),
        (no_subject, "subject_missing"),
        (no_content, "content_missing"),
        (archived_identity, "identity_archived"),
        (broken_content, "content_broken"),
        (unknown_field, "merge_field_unknown"),
    ],
)
def test_what_is_wrong_is_refused_by_name(marketer: User, spoil: Callable[[Campaign], None], code: str) -> None:
    willing(4)
    campaign = campaign_make(marketer)
    spoil(campaign)
    with pytest.raises(DomainError) as refused:
        campaign_launch(campaign=fresh(campaign), actor=marketer)
    assert refused.value.code == code
    assert Send.objects.get(pk=campaign.send_id).state == Send.State.DRAFT


def test_an_empty_audience_is_refused(marketer: User) -> None:
    with pytest.raises(DomainError) as refused:
        campaign_launch(campaign=campaign_make(marketer), actor=marketer)
    assert refused.value.code == "audience_empty"


def test_it_is_launched_once(marketer: User) -> None:
    willing(4)
    campaign = campaign_make(marketer)
    other = fresh(campaign)
    campaign_launch(campaign=campaign, actor=marketer, expected=4)
    assert campaign.send.state == Send.State.FREEZING
    with pytest.raises(Conflict):
        campaign_launch(campaign=other, actor=marketer)
    assert Experiment.objects.get(send=campaign.send).differs_in == ["subject"]


@pytest.mark.django_db(transaction=True)
def test_of_tabs_that_launch_at_the_same_moment_one_does(marketer: User) -> None:
    willing(4)
    campaign = campaign_make(marketer)
    together = Barrier(4)

    def tab(_number: int) -> str:
        mine = fresh(campaign)
        together.wait()
        try:
            campaign_launch(campaign=mine, actor=marketer, expected=4)
        except Conflict as refused:
            return refused.code
        finally:
            connection.close()
        return "launched"

    with ThreadPoolExecutor(4) as tabs:
        said = sorted(tabs.map(tab, range(4)))
    assert said == ["already_launched"] * 3 + ["launched"]
    assert AuditEntry.objects.filter(action="send_launch").count() == 1


def test_more_people_than_were_agreed_to_are_refused(marketer: User) -> None:
    willing(4)
    with pytest.raises(Conflict) as refused:
        campaign_launch(campaign=campaign_make(marketer), actor=marketer, expected=3)
    assert refused.value.code == "audience_changed"


def test_a_time_in_the_past_is_refused(marketer: User) -> None:
    willing(2)
    past = timezone.now() - timedelta(minutes=1)
    with pytest.raises(DomainError) as refused:
        campaign_launch(campaign=campaign_make(marketer), actor=marketer, at=past, zone="America/Lima")
    assert refused.value.code == "schedule_in_the_past"


def test_a_time_years_ahead_is_refused(marketer: User) -> None:
    willing(2)
    campaign = campaign_make(marketer)
    with pytest.raises(DomainError) as refused:
        campaign_launch(campaign=campaign, actor=marketer, at=timezone.now() + timedelta(days=900), zone="America/Lima")
    assert refused.value.code == "schedule_too_far"
    assert Send.objects.get(pk=campaign.send_id).state == Send.State.DRAFT


def test_a_letter_to_nobody_is_refused(owner: User) -> None:
    with pytest.raises(DomainError) as refused:
        letter_launch(letter=letter_make(owner), actor=owner)
    assert refused.value.code == "recipients_missing"


def test_a_schedule_keeps_its_zone_and_can_be_taken_back(marketer: User) -> None:
    willing(2)
    campaign = campaign_make(marketer)
    at = timezone.now() + timedelta(days=1)
    campaign_launch(campaign=campaign, actor=marketer, at=at, zone="America/Lima")
    assert (campaign.send.state, campaign.send.scheduled_zone) == (Send.State.SCHEDULED, "America/Lima")
    assert campaign.send.scheduled_at == at
    send_unschedule(send=campaign.send, actor=marketer)
    assert [campaign.send.state, campaign.send.scheduled_at] == [Send.State.DRAFT, None]


def late(marketer: User) -> Campaign:
    willing(20)
    campaign = campaign_make(marketer)
    campaign_launch(campaign=campaign, actor=marketer, at=timezone.now() + timedelta(hours=1), zone="Europe/Madrid")
    Send.objects.filter(pk=campaign.send_id).update(scheduled_at=timezone.now() - timedelta(hours=5))
    assert send_hold_late(send_id=campaign.send_id)
    assert not send_hold_late(send_id=campaign.send_id)
    return fresh(campaign)


def test_a_late_start_is_started_now_only_for_the_people_that_were_seen(marketer: User) -> None:
    campaign = late(marketer)
    with pytest.raises(Conflict) as refused:
        campaign_launch(campaign=campaign, actor=marketer, expected=7)
    assert (refused.value.code, fresh(campaign).send.state) == ("audience_changed", "late")
    campaign_launch(campaign=campaign, actor=marketer, expected=20)
    send = fresh(campaign).send
    assert (send.state, send.state_reason) == ("freezing", "")


def test_a_late_start_is_given_another_time(marketer: User) -> None:
    campaign, at = late(marketer), timezone.now() + timedelta(days=1)
    campaign_launch(campaign=campaign, actor=marketer, at=at, zone="America/Lima")
    send = fresh(campaign).send
    assert (send.state, send.state_reason, send.scheduled_at, send.scheduled_zone) == (
        "scheduled", "", at, "America/Lima",
    )  # fmt: skip


def test_a_late_start_is_cancelled_or_taken_back(marketer: User) -> None:
    campaign = late(marketer)
    send_cancel(send=campaign.send, actor=marketer)
    assert fresh(campaign).send.state == "cancelled"
    Send.objects.filter(pk=campaign.send_id).update(state="late")
    send_unschedule(send=campaign.send, actor=marketer)
    send = fresh(campaign).send
    assert (send.state, send.scheduled_at) == ("draft", None)


def test_a_letter_to_fewer_than_twenty_needs_no_test(owner: User) -> None:
    letter = letter_make(owner, willing(3, owner=owner))
    letter_launch(letter=letter, actor=owner)
    assert letter.send.state == Send.State.FREEZING


def test_a_letter_to_twenty_needs_one(owner: User) -> None:
    letter = letter_make(owner, willing(20, owner=owner))
    with pytest.raises(DomainError) as refused:
        letter_launch(letter=letter, actor=owner)
    assert refused.value.code == "test_missing"


def test_a_letter_to_a_contact_that_left_the_mini_list_is_refused(owner: User) -> None:
    people = willing(2, owner=owner)
    letter = letter_make(owner, people)
    MiniListMembership.objects.filter(contact=people[0]).update(until=timezone.now())
    with pytest.raises(DomainError) as refused:
        letter_launch(letter=letter, actor=owner)
    assert refused.value.code == "contact_not_yours"


def test_only_its_author_sends_a_letter(owner: User, teammate: User) -> None:
    letter = letter_make(owner, willing(2, owner=owner))
    with pytest.raises(DomainError) as refused:
        letter_launch(letter=letter, actor=teammate)
    assert refused.value.code == "letter_not_yours"
