"""The segment editor: the count that follows, what it refuses, two people at once."""

from collections.abc import Callable

import pytest
from django.http import QueryDict
from django.test import Client

from accounts.people.models import User
from crm.contacts.tests.factories import ContactFactory
from marketing.segments.models import Segment
from marketing.segments.rule_form import draft_change, draft_of_post
from marketing.segments.services import segment_update
from marketing.segments.tests.factories import SegmentFactory

SignedIn = Callable[[User], Client]
RULES = {"n.group": "all", "n_0.field": "city", "n_0.operator": "is", "n_0.value": "Lima"}
LIMA = {"field": "city", "operator": "is", "value": "Lima"}


def test_a_posted_form_is_a_tree() -> None:
    data = QueryDict(
        "n.group=any&n_0.field=city&n_0.operator=is&n_0.value=Lima&n_1.group=none"
        "&n_1_0.field=orders_placed&n_1_0.operator=at_least&n_1_0.value=2&n_1_0.window=days&n_1_0.days=30"
        "&n_1_1.field=sex&n_1_1.operator=is_any_of&n_1_1.value=f&n_1_1.value=m"
    )
    orders = {"field": "orders_placed", "operator": "at_least", "value": "2", "window": {"days": "30"}}
    sex = {"field": "sex", "operator": "is_any_of", "value": ["f", "m"]}
    assert draft_of_post(data) == {
        "version": 1,
        "group": "any",
        "of": [LIMA, {"group": "none", "of": [orders, sex]}],
    }


@pytest.mark.parametrize(
    "action", ["", "remove:n", "remove:n_7", "add:n_0:city", "add:n:nothing", "add_group:n_0", "x:y:z"]
)
def test_an_action_that_means_nothing_changes_nothing(action: str) -> None:
    assert draft_change({"group": "all", "of": [LIMA]}, action) == {"group": "all", "of": [LIMA]}


def test_conditions_and_groups_come_and_go() -> None:
    draft = draft_change({"group": "all", "of": [LIMA]}, "add_group:n")
    draft = draft_change(draft, "add:n_1:is_customer")
    draft = draft_change(draft, "remove:n_0")
    assert draft["of"] == [{"group": "any", "of": [{"field": "is_customer", "operator": "is_true"}]}]


def test_the_preview_counts_and_says_the_rules(marketer: User, signed_in: SignedIn) -> None:
    ContactFactory.create_batch(3, city="Lima")
    ContactFactory.create()
    page = signed_in(marketer).post("/segments/preview/", RULES).content.decode()
    assert 'data-count="3"' in page
    assert "Contacts in Lima." in page
    assert "75.0%" in page


def test_an_unfinished_condition_is_named_in_the_preview(marketer: User, signed_in: SignedIn) -> None:
    page = signed_in(marketer).post("/segments/preview/", {**RULES, "n_0.value": ""}).content.decode()
    assert "Condition 1: Enter a text." in page


def test_saving_unfinished_rules_keeps_what_was_typed(marketer: User, signed_in: SignedIn) -> None:
    response = signed_in(marketer).post("/segments/new/", {"name": "New", **RULES, "n_0.value": ""})
    assert response.status_code == 422
    assert 'value="New"' in response.content.decode()
    assert not Segment.objects.exists()


def test_a_conflict_shows_theirs_and_keeps_mine(marketer: User, director: User, signed_in: SignedIn) -> None:
    segment = SegmentFactory.create(name="Before")
    segment_update(segment=segment, version=1, actor=director, name="Theirs")
    url = f"/segments/{segment.public_id}/edit/"
    response = signed_in(marketer).post(url, {"name": "Mine", "version": "1", **RULES})
    page = response.content.decode()
    assert response.status_code == 409
    assert "The other version is “Theirs”: Contacts in Lima." in page
    assert 'value="Mine"' in page
    again = signed_in(marketer).post(url, {"name": "Mine", "version": "2", **RULES})
    assert again.status_code == 302
    segment.refresh_from_db()
    assert (segment.name, segment.version) == ("Mine", 3)


def test_the_export_is_safe_for_spreadsheets(analyst: User, signed_in: SignedIn) -> None:
    ContactFactory.create(city="Lima", first_name="=cmd()")
    segment = SegmentFactory.create()
    response = signed_in(analyst).get(f"/segments/{segment.public_id}/people.csv")
    body = b"".join(response.streaming_content).decode()  # type: ignore[attr-defined]
    assert "'=cmd()" in body
    assert ",0.00\r\n" in body


@pytest.mark.parametrize("url", ["/segments/", "/strategy/map/?show=all", "/propositions/"])
def test_the_number_of_queries_does_not_grow(
    url: str, analyst: User, signed_in: SignedIn, django_assert_max_num_queries: Callable[[int], object]
) -> None:
    SegmentFactory.create_batch(12, is_key=True)
    client = signed_in(analyst)
    with django_assert_max_num_queries(20):  # type: ignore[attr-defined]
        assert client.get(url).status_code == 200
