"""A token reaches what its scopes name and nothing else; a revoked one reaches nothing."""

from typing import Any

import pytest
from django.test import Client
from django.urls import reverse

from accounts.tokens.scopes import scopes
from accounts.tokens.services import token_create, token_revoke
from tests.matrix.registry import Cast
from tests.matrix.test_matrix import DESCRIBED, KNOWN

ROUTES = sorted(
    (name, method)
    for name, address in KNOWN.items()
    if address.pattern.startswith("api/v1/") and name not in {"api_schema", "api_docs"} and name in DESCRIBED
    for method in (["get"] if DESCRIBED[name].get else []) + ([DESCRIBED[name].method] if DESCRIBED[name].post else [])
)


def asked(name: str, method: str, cast: Cast, secret: str) -> Any:
    route = DESCRIBED[name]
    url = reverse(name, kwargs=route.kwargs(cast)) + route.query
    client = Client(headers={"Authorization": f"Bearer {secret}"})
    if method == "get":
        return client.get(url)
    return getattr(client, method)(url, route.body(cast), content_type="application/json")


@pytest.mark.django_db
@pytest.mark.parametrize(("name", "method"), ROUTES)
def test_each_scope_opens_its_own_routes_alone(name: str, method: str) -> None:
    cast = Cast()
    statuses = {}
    for scope in scopes:
        _token, secret = token_create(
            user=cast.director, name=scope.code, scope_codes=[scope.code], expires_at=None, actor=cast.director
        )
        statuses[scope.code] = asked(name, method, cast, secret).status_code
    open_to = [code for code, status in statuses.items() if status < 400]
    assert len(open_to) == 1, f"{method} {name}: {statuses}"
    assert {status for code, status in statuses.items() if code not in open_to} == {403}, f"{method} {name}"


@pytest.mark.django_db
@pytest.mark.parametrize(("name", "method"), ROUTES)
def test_a_revoked_token_opens_nothing(name: str, method: str) -> None:
    cast = Cast()
    token, secret = token_create(
        user=cast.director,
        name="All",
        scope_codes=[scope.code for scope in scopes],
        expires_at=None,
        actor=cast.director,
    )
    token_revoke(token=token, actor=cast.director)
    assert asked(name, method, cast, secret).status_code == 401
