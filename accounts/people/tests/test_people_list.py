"""The list of people: who is shown, and ending several people's access at once."""

import csv
from collections.abc import Callable

import pytest
from django.test import Client

from accounts.audit.models import AuditEntry
from accounts.people.models import User
from accounts.people.services.people import users_deactivate, users_reactivate
from accounts.people.tests.factories import UserFactory
from accounts.tokens.models import ApiToken
from core.models import Preference

pytestmark = pytest.mark.django_db
SignedIn = Callable[[User], Client]


def names(client: Client, query: str = "") -> list[str]:
    return [line.row.full_name for line in client.get(f"/settings/people/?{query}").context["table"].lines]


def test_those_who_may_sign_in_are_shown_first(director: User, analyst: User, signed_in: SignedIn) -> None:
    UserFactory.create(full_name="Gone", is_active=False)
    client = signed_in(director)
    assert names(client) == ["Ana Analyst", "Dora Director"]
    assert names(client, "access=yes") == ["Gone"]
    assert names(client, "access=all&sort=-name") == ["Gone", "Dora Director", "Ana Analyst"]
    assert names(client, "role=analyst") == ["Ana Analyst"]
    assert names(client, "q=dora") == ["Dora Director"]


def test_a_team_narrows(director: User, owner: User, signed_in: SignedIn) -> None:
    assert owner.team is not None
    client = signed_in(director)
    assert names(client, f"team={owner.team.pk}") == ["Olga Owner"]
    assert names(client, "team=none") == ["Dora Director"]


def test_the_file_runs_no_formulas(director: User, signed_in: SignedIn) -> None:
    UserFactory.create(full_name="=HYPERLINK(1)", email="x@company.example")
    answer = signed_in(director).get("/settings/people/?export=csv&q=x@company")
    rows = list(csv.DictReader(b"".join(answer).decode("utf-8-sig").splitlines()))
    assert [row["Name"] for row in rows] == ["'=HYPERLINK(1)"]


def test_access_ends_for_several_and_is_given_back(
    director: User, analyst: User, designer: User, signed_in: SignedIn
) -> None:
    ApiToken.objects.create(user=analyst, name="Sheet", prefix="cauce_x", token_hash="x")
    client = signed_in(director)
    chosen = {"ids": [analyst.public_id, designer.public_id], "count": "2", "state": "sort=name"}
    answer = client.post("/settings/people/deactivate/", chosen)
    assert (answer.status_code, answer["Location"]) == (302, "/settings/people/?sort=name")
    assert set(User.objects.filter(is_active=False)) == {analyst, designer}
    assert AuditEntry.objects.filter(action="user_deactivate").count() == 2
    page = client.get("/settings/people/")
    assert "2 users can no longer sign in." in page.content.decode()
    undo = page.content.decode().split("/settings/people/reactivate/?undo=")[1].split('"')[0]
    assert client.post(f"/settings/people/reactivate/?undo={undo}").status_code == 302
    assert User.objects.filter(is_active=False).count() == 0
    assert not ApiToken.objects.usable().exists()
    assert client.post(f"/settings/people/reactivate/?undo={undo}").status_code == 422


def test_a_mark_of_somebody_else_takes_nothing_back(director: User, analyst: User, signed_in: SignedIn) -> None:
    other = UserFactory.create(role="director")
    signed_in(director).post("/settings/people/deactivate/", {"ids": analyst.public_id})
    mark = Preference.objects.value(director.pk, "undo:people")["mark"]
    assert signed_in(other).post(f"/settings/people/reactivate/?undo={mark}").status_code == 422
    assert not User.objects.get(pk=analyst.pk).is_active


def test_coming_back_twice_changes_nothing(director: User, analyst: User) -> None:
    users_deactivate(users=[analyst], actor=director)
    assert users_reactivate(users=[analyst], actor=director).done == [analyst]
    assert users_reactivate(users=[analyst], actor=director).done == []


@pytest.mark.parametrize("url", ["/settings/people/deactivate/", "/settings/people/reactivate/"])
def test_only_the_director_may_and_only_by_post(url: str, director: User, marketer: User, signed_in: SignedIn) -> None:
    assert signed_in(marketer).post(url, {"ids": director.public_id}).status_code == 403
    assert signed_in(director).get(url).status_code == 405
    assert signed_in(director).post(url, {"ids": "nobody"}).status_code == 422
