"""Nothing leaks, nothing falls over, everybody reaches what is theirs: see the package's docstring."""

from collections.abc import Iterator
from contextlib import contextmanager
from copy import copy
from dataclasses import dataclass
from http.cookies import SimpleCookie
from typing import Any

import pytest
from django.db import transaction
from django.http import HttpResponseBase
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


def company() -> tuple[Cast, dict[str, Client]]:
    """The people, made once, and for each actor a browser that is signed in."""
    cast = Cast()
    people = {actor: cast.person(actor) for actor in ACTORS}
    browsers = {actor: Client() for actor in ACTORS}
    for actor, person in people.items():
        if person is not None:
            browsers[actor].force_login(person)
    return cast, browsers


@contextmanager
def rolled_back() -> Iterator[None]:
    """What happens inside is as if it had never been."""
    with transaction.atomic():
        try:
            yield
        finally:
            transaction.set_rollback(True)


def same_session(browser: Client) -> Client:
    """The same session in a client of its own: signing out in one case does not sign out the next."""
    client = Client()
    client.cookies = SimpleCookie(browser.cookies.output(header="", sep=";"))
    return client


def send(client: Client, url: str, route: Route, cast: Cast) -> Any:
    """The answer to the change, with a body made now."""
    method = getattr(client, route.method)
    if url.startswith("/api/"):
        return method(url, route.body(cast), content_type="application/json")
    return method(url, route.body(cast))


def to_sign_in(response: HttpResponseBase) -> bool:
    return response.status_code == 302 and response["Location"].startswith(reverse("account_login") + "?")


def check_response(
    route: Route, actor: str, url: str, response: HttpResponseBase, allowed: frozenset[str], what: str
) -> None:
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


def ask(name: str, route: Route, actor: str, cast: Cast, browser: Client) -> None:
    """GET, then the change, both judged, in a world of their own."""
    cast.asking = cast.person(actor)
    with rolled_back():
        url = reverse(name, kwargs=route.kwargs(cast)) + route.query
        check_response(route, actor, url, same_session(browser).get(url), route.get, "GET")
        if route.post or not url.startswith("/api/"):
            check_response(route, actor, url, send(same_session(browser), url, route, cast), route.post, "change")


@pytest.mark.django_db
@pytest.mark.parametrize("name", sorted(DESCRIBED))
def test_route(name: str, settings: Any) -> None:
    settings.ACCOUNT_RATE_LIMITS = False
    people, browsers = company()
    failures = []
    for actor in ACTORS:
        try:
            ask(name, DESCRIBED[name], actor, copy(people), browsers[actor])
        except AssertionError as failure:
            failures.append(f"{name} as {actor}: {failure}")
    assert not failures, "\n".join(failures)


def test_every_route_is_described() -> None:
    assert sorted(set(KNOWN) - set(ROUTES)) == [], "describe them in <app>/<feature>/tests/routes.py (see tests/matrix)"


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
