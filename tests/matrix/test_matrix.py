"""Nothing leaks, nothing falls over, everybody reaches what is theirs: see the package's docstring."""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

import pytest
from django.http import HttpResponse
from django.test import Client
from django.urls import URLPattern, URLResolver, get_resolver, reverse

from tests.matrix.registry import ACTORS, ANONYMOUS, EVERYONE, Cast, Route, routes
from tests.matrix.third_party import LEFT_OUT

REFUSED = 403
HIDDEN = 404


@dataclass(frozen=True)
class Address:
    name: str
    pattern: str
    callback: Any


def addresses(patterns: list[Any] | None = None, prefix: str = "", spaces: str = "") -> Iterator[Address]:
    """Every pattern of the resolver with its full name and path."""
    for entry in get_resolver().url_patterns if patterns is None else patterns:
        path = prefix + str(entry.pattern)
        if isinstance(entry, URLResolver):
            inner = f"{spaces}{entry.namespace}:" if entry.namespace else spaces
            yield from addresses(entry.url_patterns, path, inner)
        elif isinstance(entry, URLPattern):
            yield Address(f"{spaces}{entry.name}" if entry.name else path, path, entry.callback)


ROUTES = routes()
KNOWN = {address.name: address for address in addresses() if address.name not in LEFT_OUT}
DESCRIBED = {name: route for name, route in ROUTES.items() if name in KNOWN}
CASES = [pytest.param(name, actor, id=f"{name}-{actor}") for name in sorted(DESCRIBED) for actor in ACTORS]


def ask(client: Client, name: str, route: Route, cast: Cast, *, change: bool) -> tuple[str, Any]:
    """The answer to GET, or to the change, in a fresh cast's world."""
    url = reverse(name, kwargs=route.kwargs(cast)) + route.query
    if not change:
        return url, client.get(url)
    send = getattr(client, route.method)
    if url.startswith("/api/"):
        return url, send(url, route.body(cast), content_type="application/json")
    return url, send(url, route.body(cast))


def to_sign_in(response: HttpResponse) -> bool:
    return response.status_code == 302 and response["Location"].startswith(reverse("account_login") + "?")


def judge(route: Route, actor: str, url: str, response: HttpResponse, allowed: frozenset[str], what: str) -> None:
    status = response.status_code
    if not allowed:
        if actor == ANONYMOUS:
            assert status in {401, 405} or to_sign_in(response), f"{what} {url}: {status}, anonymous"
            return
        able = actor in (route.get | route.post)
        expected = {405} if able else {405, REFUSED, HIDDEN}
        assert status in expected, f"{what} {url}: {status}, the route does not offer it"
    elif actor in allowed:
        assert 200 <= status < 400, f"{what} {url}: {status}, {actor} may do this"
        assert not to_sign_in(response), f"{what} {url}: {actor} was sent to sign in"
        if what == "change" and route.changed and not url.startswith("/api/"):
            assert status == route.changed, f"change {url}: {status}, the body was not accepted"
    elif actor == ANONYMOUS:
        if url.startswith("/api/"):
            assert status == 401, f"{what} {url}: {status}, anonymous must be 401"
        else:
            assert to_sign_in(response), f"{what} {url}: {status}, anonymous must be sent to sign in"
    elif route.personal and actor in {"teammate", "outsider"}:
        assert status == HIDDEN, f"{what} {url}: {status}, another's object must be 404"
    elif route.personal:
        assert status in {REFUSED, HIDDEN}, f"{what} {url}: {status}, {actor} may not do this"
    else:
        assert status == REFUSED, f"{what} {url}: {status}, {actor} may not do this"


@pytest.mark.django_db
@pytest.mark.parametrize(("name", "actor"), CASES)
def test_route(name: str, actor: str, settings: Any) -> None:
    settings.ACCOUNT_RATE_LIMITS = False
    route = DESCRIBED[name]
    cast = Cast()
    client = Client()
    person = cast.asking = cast.person(actor)
    if person is not None:
        client.force_login(person)
    url, shown = ask(client, name, route, cast, change=False)
    judge(route, actor, url, shown, route.get, "GET")
    if person is not None:
        client.force_login(person)
    if route.post or not url.startswith("/api/"):
        url, changed = ask(client, name, route, cast, change=True)
        judge(route, actor, url, changed, route.post, "change")


def test_every_route_is_described() -> None:
    assert sorted(set(KNOWN) - set(ROUTES)) == [], "describe them in <app>/tests/routes.py (see tests/matrix)"


def test_every_description_has_a_route() -> None:
    assert sorted(set(ROUTES) - set(KNOWN)) == []


def test_every_route_left_out_exists_and_has_a_reason() -> None:
    names = {address.name for address in addresses()}
    assert sorted(set(LEFT_OUT) - names) == []
    assert all(LEFT_OUT.values())


def test_somebody_succeeds_on_every_route() -> None:
    assert [name for name, route in ROUTES.items() if not (route.get | route.post)] == []


def test_no_description_names_an_unknown_actor() -> None:
    assert {actor for route in ROUTES.values() for actor in route.get | route.post} <= set(ACTORS)


def test_pages_are_protected_against_forged_requests() -> None:
    """Only public links that mail programs post to (one-click unsubscribe, pixels) and the API may skip the check."""
    unprotected = [
        name
        for name, address in KNOWN.items()
        if getattr(address.callback, "csrf_exempt", False)
        and not address.pattern.startswith("api/")
        and ROUTES[name].post <= EVERYONE
    ]
    assert unprotected == []


def test_every_api_view_names_the_scope_a_token_needs() -> None:
    without = [
        name
        for name, address in KNOWN.items()
        if address.pattern.startswith("api/v1/")
        and name not in {"api_schema", "api_docs"}
        and not getattr(getattr(address.callback, "cls", None), "required_scope", None)
    ]
    assert without == []
