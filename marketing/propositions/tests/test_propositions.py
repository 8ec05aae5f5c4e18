"""Value propositions: a version in force keeps its words."""

import pytest
from django.db import IntegrityError, transaction

from accounts.people.models import User
from core.errors import Conflict, DomainError
from marketing.propositions.models import PropositionVersion, ValueProposition
from marketing.propositions.services import (
    proposition_archive,
    proposition_create,
    version_edit,
    version_judge,
    version_put_in_force,
    version_redefine,
)
from marketing.propositions.tests.factories import PropositionVersionFactory
from marketing.propositions.views import text_difference
from marketing.segments.headlines import active_headlines
from marketing.segments.tests.factories import SegmentFactory


def test_a_proposition_goes_from_draft_to_force_to_replaced(director: User) -> None:
    first = proposition_create(
        segment=SegmentFactory.create(), name="Tea", actor=director, headline="Tea tomorrow", hypothesis="They repeat"
    )
    version_put_in_force(version=first, actor=director)
    second = version_redefine(version=first, actor=director)
    assert (second.number, second.state, second.headline) == (2, "draft", "Tea tomorrow")
    assert version_redefine(version=first, actor=director) == second
    version_put_in_force(version=second, actor=director)
    first.refresh_from_db()
    assert first.state == "replaced"
    assert first.replaced_at is not None
    assert PropositionVersion.objects.in_force().get() == second


def test_segments_show_the_headline_of_the_version_in_force(director: User) -> None:
    version = PropositionVersionFactory.create(state="in_force")
    segment = version.proposition.segment
    draft = PropositionVersionFactory.create().proposition.segment
    assert active_headlines([segment.pk, draft.pk]) == {segment.pk: "Tea at your door tomorrow"}
    proposition_archive(proposition=version.proposition, actor=director)
    assert active_headlines([segment.pk]) == {}


def test_a_version_in_force_cannot_be_edited_by_the_service(director: User) -> None:
    version = PropositionVersionFactory.create(state="in_force")
    with pytest.raises(Conflict) as caught:
        version_edit(version=version, revision=1, actor=director, headline="Other")
    assert caught.value.code == "version_not_draft"


@pytest.mark.parametrize("change", [{"headline": "Other"}, {"state": "draft"}, {"hypothesis": ""}])
def test_a_version_in_force_cannot_be_edited_in_the_database(change: dict[str, str], db: None) -> None:
    version = PropositionVersionFactory.create(state="in_force")
    with pytest.raises(IntegrityError, match="keeps its words"), transaction.atomic():
        PropositionVersion.objects.filter(pk=version.pk).update(**change)
    version.refresh_from_db()
    assert version.headline == "Tea at your door tomorrow"


def test_two_people_rewriting_a_draft(director: User, marketer: User) -> None:
    version = PropositionVersionFactory.create()
    version_edit(version=version, revision=1, actor=marketer, headline="Theirs")
    with pytest.raises(Conflict) as caught:
        version_edit(version=version, revision=1, actor=director, headline="Mine")
    assert caught.value.code == "version_changed"
    version.refresh_from_db()
    assert (version.headline, version.revision) == ("Theirs", 2)


def test_a_version_without_a_hypothesis_does_not_go_in_force(director: User) -> None:
    in_force = PropositionVersionFactory.create(state="in_force")
    draft = PropositionVersionFactory.create(proposition=in_force.proposition, number=2, hypothesis="")
    with pytest.raises(DomainError) as caught:
        version_put_in_force(version=draft, actor=director)
    assert caught.value.code == "version_incomplete"
    assert PropositionVersion.objects.in_force().get() == in_force


def test_a_verdict_says_what_was_learnt(director: User) -> None:
    version = PropositionVersionFactory.create(state="in_force")
    with pytest.raises(DomainError) as caught:
        version_judge(version=version, verdict="refuted", note=" ", actor=director)
    assert caught.value.code == "verdict_without_note"
    judged = version_judge(version=version, verdict="refuted", note="Speed is not it.", actor=director)
    assert (judged.verdict, judged.verdict_note) == ("refuted", "Speed is not it.")
    assert judged.judged_at is not None


def test_a_draft_is_not_judged(director: User) -> None:
    with pytest.raises(DomainError) as caught:
        version_judge(version=PropositionVersionFactory.create(), verdict="confirmed", note="Yes", actor=director)
    assert caught.value.code == "version_untested"


def test_propositions_belong_to_the_office(analyst: User, owner: User) -> None:
    version = PropositionVersionFactory.create()
    assert PropositionVersion.objects.visible_to(analyst).get() == version
    assert ValueProposition.objects.visible_to(analyst).active().get() == version.proposition
    assert not PropositionVersion.objects.visible_to(owner).exists()
    assert not ValueProposition.objects.visible_to(owner).exists()


def test_differences_are_marked_and_escaped() -> None:
    assert (
        text_difference("fast tea", "fast <b>coffee</b>") == "fast <del>tea</del> <ins>&lt;b&gt;coffee&lt;/b&gt;</ins>"
    )
