"""Survey links and answers."""

from datetime import timedelta

import pytest
from django.test import Client
from django.utils import timezone

from accounts.company.models import Company
from accounts.people.models import User
from core.errors import DomainError
from crm.channels.tests.factories import ChannelFactory
from crm.contacts.models import MiniListMembership
from crm.contacts.tests.factories import ContactFactory
from crm.surveys.models import NpsAnswer
from crm.surveys.services import nps_answer_record, nps_channel_url, nps_invitation, nps_url


def token(url: str) -> str:
    return url.rstrip("/").rsplit("/", 1)[1]


def test_a_link_is_one_person_and_always_the_same(db: None) -> None:
    contact = ContactFactory.create()
    url = nps_url(contact.public_id, key="spring")
    assert url == nps_url(contact.public_id, key="spring") != nps_url(contact.public_id, key="summer")
    invitation = nps_invitation(token(url))
    assert invitation is not None
    assert invitation.contact == contact
    assert len(invitation.token) <= 64


def test_an_altered_link_says_nothing(db: None) -> None:
    contact, other = ContactFactory.create(), ContactFactory.create()
    good = token(nps_url(contact.public_id))
    assert nps_invitation(good.replace(contact.public_id, other.public_id)) is None
    assert nps_invitation("x") is None


def test_a_channel_link_has_no_person(db: None) -> None:
    channel = ChannelFactory.create()
    invitation = nps_invitation(token(nps_channel_url(channel)))
    assert invitation is not None
    assert (invitation.contact, invitation.channel) == (None, channel)


def test_answering_twice_corrects_the_one_answer(db: None) -> None:
    contact = ContactFactory.create()
    first, created = nps_answer_record(score=3, invitation="i", contact=contact)
    second, again = nps_answer_record(score=9, invitation="i", contact=contact, comment="better")
    assert (created, again, second.pk, second.answered_at) == (True, False, first.pk, first.answered_at)
    assert NpsAnswer.objects.get().score == 9


def test_only_0_to_10_and_not_tomorrow(db: None) -> None:
    for score in (-1, 11):
        with pytest.raises(DomainError) as error:
            nps_answer_record(score=score, invitation="i")
        assert error.value.code == "score_out_of_range"
    with pytest.raises(DomainError, match="future"):
        nps_answer_record(score=5, invitation="i", answered_at=timezone.now() + timedelta(hours=1))
    assert NpsAnswer.objects.count() == 0


def test_answers_are_visible_to_who_looks_after_the_person(owner: User, outsider: User, analyst: User) -> None:
    contact = ContactFactory.create()
    MiniListMembership.objects.create(contact=contact, owner=owner)
    answer, _created = nps_answer_record(score=9, invitation="i", contact=contact)
    assert list(NpsAnswer.objects.visible_to(owner)) == [answer]
    assert list(NpsAnswer.objects.visible_to(outsider)) == []
    assert list(NpsAnswer.objects.visible_to(analyst)) == [answer]


@pytest.mark.parametrize(
    ("stage", "score", "after"),
    [
        ("repeat", 9, "promoter"),
        ("repeat", 8, "repeat"),
        ("repeat", 6, "at_risk"),
        ("customer", 10, "customer"),
        ("customer", 0, "at_risk"),
        ("promoter", 7, "repeat"),
        ("promoter", 3, "at_risk"),
        ("lead", 0, "lead"),
        ("lost", 2, "lost"),
    ],
)
def test_an_answer_moves_the_life_cycle(db: None, stage: str, score: int, after: str) -> None:
    contact = ContactFactory.create(stage=stage)
    answer, _created = nps_answer_record(score=score, invitation="one", contact=contact)
    contact.refresh_from_db()
    steps = list(contact.stage_changes.values_list("before", "after", "reason"))
    assert contact.stage == after
    assert steps == ([] if after == stage else [(stage, after, f"nps:{answer.pk}:{score}")])


def test_a_corrected_answer_starts_from_where_the_person_stood(db: None) -> None:
    contact = ContactFactory.create(stage="repeat")
    for score, after in ((2, "at_risk"), (9, "promoter"), (8, "repeat"), (8, "repeat")):
        nps_answer_record(score=score, invitation="one", contact=contact)
        contact.refresh_from_db()
        assert contact.stage == after
    steps = contact.stage_changes.order_by("pk").values_list("before", "after")
    assert list(steps) == [("repeat", "at_risk"), ("at_risk", "promoter"), ("promoter", "repeat")]


def test_an_older_answer_moves_nobody(db: None) -> None:
    contact = ContactFactory.create(stage="repeat")
    nps_answer_record(score=9, invitation="new", contact=contact)
    nps_answer_record(score=1, invitation="old", contact=contact, answered_at=timezone.now() - timedelta(days=9))
    contact.refresh_from_db()
    assert contact.stage == "promoter"


@pytest.mark.django_db
def test_the_question_does_without_a_company_name() -> None:
    link = nps_channel_url(ChannelFactory.create())
    path = link[link.index("/nps/") :]
    assert "Would you recommend us to a friend?" in Client().get(path).content.decode()
    Company(pk=1, name="Shop").save()
    assert "Would you recommend Shop to a friend?" in Client().get(path).content.decode()
