"""What no form expects, posted to every form and asked of every page: a clear answer each time, never a fault of ours.

The fields are those of the route's valid body (`tests/matrix`) and every named input of its page. All of them at once
take hostile values, another each time, until every field had every value; then each alone takes the sliest while the
others stay valid, so that no earlier complaint hides a later fall. What is accepted is followed to the page that
shows it.
"""

import json
import re
from collections.abc import Iterator
from typing import Any

import pytest
from django.test import Client
from django.test.client import BOUNDARY, MULTIPART_CONTENT, encode_multipart
from django.urls import reverse

from tests.matrix.registry import ACTORS, Cast, Route
from tests.matrix.test_matrix import DESCRIBED, company, rolled_back, same_session

SCRIPT = "<script>alert(1)</script>"
HOSTILE: dict[str, Any] = {
    "nothing": "",
    "NUL": "a\0b",
    "endless text": "wörd " * 4_000,
    "endless digits": "9" * 5_000,
    "past bigint": "99999999999999999999",
    "negative": "-1",
    "no number": "NaN",
    "no end": "1e400",
    "script": f'"\'>{SCRIPT}{{{{ 7 }}}}{{% include "x" %}}',
    "two lines": "one\r\nBcc: two@example.com",
    "right to left": "\u202eabc\u2066 \U0001f468\u200d\U0001f469\u200d\U0001f467 e\u0301",
    "first day": "0001-01-01",
    "last moment": "9999-12-31T23:59",
    "no day": "2026-02-30",
    "a list": ["1", "2", ""],
}
# A JSON document can say what no form can.
HOSTILE_JSON: dict[str, Any] = {
    **HOSTILE,
    "null": None,
    "true": True,
    "a number": 10**30,
    "a fraction": 0.1,
    "an object": {"a": 1},
    "half a letter": "\ud800",
    "lists": [[]],
}
BODIES = {
    "nothing": "",
    "half": '{"a":',
    "null": "null",
    "a list": "[1]",
    "a word": '"x"',
    "deep": "[" * 20_000,
    "not a number": '{"a": NaN}',
    "no text": b"\xff\xfe\x00",
    "twice": '{"a": 1, "a": 2}',
}
# What is taken for valid the longest.
SLY = ("NUL", "endless digits", "script", "last moment")
# On every page: the search field, and what the person's own menu posts.
LAYOUT = {"q", "theme", "language", "csrfmiddlewaretoken"}
ANSWERS = {200, 201, 202, 204, 302, 400, 404, 405, 409, 410, 413, 422, 429}
NAMED = re.compile(r"<(?:input|select|textarea|button)\b[^>]*?\sname=\"([^\"]+)\"")
ASKED = re.compile(r"[?&;]([a-z_]+)=")
# Every page understands these, whether or not it says so.
QUESTIONS = ("q", "page", "after", "before", "sort", "from", "to", "by", "period", "channel", "state", "columns")


def able(allowed: frozenset[str]) -> str:
    return next(actor for actor in ACTORS if actor in allowed)


class Faults:
    """What fell over, told together at the end."""

    def __init__(self) -> None:
        self.told: list[str] = []

    def hold(self, what: str, answer: Any) -> None:
        last = answer.redirect_chain[-1][0] if getattr(answer, "redirect_chain", None) else ""
        if answer.status_code not in ANSWERS:
            self.told.append(f"{what}: {answer.status_code} {last}")
        elif "html" in answer.get("Content-Type", "") and not answer.streaming and SCRIPT in answer.content.decode():
            self.told.append(f"{what}: the script stands in the page {last}")

    def ask(self, what: str, question: Any) -> None:
        with rolled_back():
            try:
                self.hold(what, question())
            except Exception as error:  # whatever falls is what is looked for
                self.told.append(f"{what}: {type(error).__name__}: {str(error)[:200]}")


def page_of(client: Client, url: str) -> str:
    answer = client.get(url)
    return answer.content.decode() if "html" in answer.get("Content-Type", "") and not answer.streaming else ""


def one_of_each(fields: set[str]) -> set[str]:
    """Of the cells of a grid, which differ by numbers alone, one."""
    return set({re.sub(r"\d+", "0", field): field for field in sorted(fields)}.values())


def hostile_bodies(fields: list[str], values: dict[str, Any]) -> Iterator[tuple[str, dict[str, Any]]]:
    """As many as there are values: in each, every field has another one."""
    kinds = list(values)
    for turn in range(len(kinds)):
        chosen = {field: kinds[(turn + place) % len(kinds)] for place, field in enumerate(fields)}
        told = ", ".join(f"{field} = {kind}" for field, kind in chosen.items())
        yield told, {field: values[kind] for field, kind in chosen.items()}


FORMS = sorted(name for name, route in DESCRIBED.items() if route.post)


@pytest.mark.django_db
@pytest.mark.parametrize("name", FORMS)
def test_no_posted_value_makes_it_fall(name: str, settings: Any) -> None:
    settings.ACCOUNT_RATE_LIMITS = False
    settings.DATA_UPLOAD_MAX_MEMORY_SIZE = 10_000_000
    route = DESCRIBED[name]
    cast, browsers = company()
    actor = able(route.post)
    cast.asking, browser = cast.person(actor), browsers[actor]
    faults = Faults()
    with rolled_back():
        url = reverse(name, kwargs=route.kwargs(cast)) + route.query
        as_json = url.startswith("/api/")
        named = set(NAMED.findall(page_of(same_session(browser), url) if route.get else "")) - LAYOUT
        with rolled_back():
            fields = sorted(one_of_each(named | set(route.body(cast))) | {"next"})
        values = HOSTILE_JSON if as_json else HOSTILE
        bodies = dict(hostile_bodies(fields, values))
        alone = values if as_json else SLY
        bodies |= {f"{field} alone = {kind}": {field: values[kind]} for field in fields for kind in alone}
        for told, change in bodies.items():
            faults.ask(told, lambda change=change: posted(same_session(browser), url, route, cast, change, as_json))
        if as_json:
            for kind, raw in BODIES.items():
                faults.ask(
                    f"body: {kind}",
                    lambda raw=raw: same_session(browser).generic(
                        route.method.upper(), url, raw, content_type="application/json"
                    ),
                )
    assert not faults.told, f"{len(faults.told)} at {name}:\n" + "\n".join(faults.told)


def posted(client: Client, url: str, route: Route, cast: Cast, change: dict[str, Any], as_json: bool) -> Any:
    body = {**route.body(cast), **change}
    method = getattr(client, route.method)
    if as_json:
        return method(url, json.dumps(body), content_type="application/json")
    if route.method == "post":
        return client.post(url, body, follow=True)
    return method(url, encode_multipart(BOUNDARY, body), content_type=MULTIPART_CONTENT)


PAGES = sorted(name for name, route in DESCRIBED.items() if route.get)


@pytest.mark.django_db
@pytest.mark.parametrize("name", PAGES)
def test_no_question_makes_it_fall(name: str) -> None:
    route = DESCRIBED[name]
    cast, browsers = company()
    actor = able(route.get)
    cast.asking, browser = cast.person(actor), browsers[actor]
    faults = Faults()
    with rolled_back():
        url = reverse(name, kwargs=route.kwargs(cast))
        page = page_of(same_session(browser), url + route.query)
        fields = sorted({*QUESTIONS, *NAMED.findall(page), *ASKED.findall(page)} - {"csrfmiddlewaretoken"})
        for told, asked in hostile_bodies(fields, HOSTILE):
            faults.ask(f"?{told}", lambda asked=asked: same_session(browser).get(url, asked, follow=True))
    assert not faults.told, f"{len(faults.told)} at {name}:\n" + "\n".join(faults.told)
