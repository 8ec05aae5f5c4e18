"""No page, form error or script message has English that a translator cannot reach."""

from typing import Any

import pytest
from django.test import Client
from django.urls import reverse

from campaigns.content.starters import starters
from tests.matrix.registry import ACTORS, ANONYMOUS, Cast
from tests.matrix.test_matrix import DESCRIBED
from tests.translations.pseudo import company_data, content_pieces, literal_words, pseudo_language

PAGES = sorted(name for name, route in DESCRIBED.items() if route.get and not name.startswith("api_"))
FORMS = sorted(name for name, route in DESCRIBED.items() if route.post and not name.startswith("api_"))

# Pages that are a letter: what is in them is what somebody wrote, with fields filled in.
LETTERS = {"campaign_preview", "letter_preview", "mail_online", "starter_preview", "template_preview"}
# Templates and letters that come with the product stand in files of each language, held by a test below.
SHIPPED = [starter for use in ("campaign", "letter") for starter in starters(use, "en")]


def client_for(allowed: frozenset[str], cast: Cast) -> Client:
    """A client of the first actor who is allowed."""
    client = Client()
    actor = next(actor for actor in ACTORS if actor in allowed)
    person = None if actor == ANONYMOUS else cast.person(actor)
    if person is not None:
        client.force_login(person)
    return client


def untranslated_words(response: Any, name: str) -> list[str]:
    """The literal words of an HTML answer; nothing for downloads and redirects."""
    if not response.get("Content-Type", "").startswith("text/html"):
        return []
    content = b"".join(response.streaming_content) if response.streaming else response.content
    known = company_data() | {starter.name for starter in SHIPPED} | {starter.subject for starter in SHIPPED}
    if name in LETTERS:
        known |= content_pieces(known | {starter.body for starter in SHIPPED})
    return literal_words(content.decode(), known - {""})


@pytest.mark.django_db
@pytest.mark.parametrize("name", PAGES)
def test_page_speaks_every_language(name: str) -> None:
    route, cast = DESCRIBED[name], Cast()
    client = client_for(route.get, cast)
    url = reverse(name, kwargs=route.kwargs(cast)) + route.query
    with pseudo_language():
        response = client.get(url, follow=True)
    assert untranslated_words(response, name) == [], url


@pytest.mark.django_db
@pytest.mark.parametrize("name", FORMS)
def test_refused_form_speaks_every_language(name: str) -> None:
    """An empty body and a nonsensical one."""
    route, cast = DESCRIBED[name], Cast()
    client = client_for(route.post, cast)
    url = reverse(name, kwargs=route.kwargs(cast)) + route.query
    with pseudo_language():
        empty = client.post(url, {}, follow=True)
        body = route.body(cast)
        nonsense = dict.fromkeys(body, "ω" * 3) if isinstance(body, dict) else {}
        wrong = client.post(url, nonsense, follow=True)
    assert untranslated_words(empty, name) == [], url
    assert untranslated_words(wrong, name) == [], url


@pytest.mark.parametrize("use", ["campaign", "letter"])
def test_what_is_shipped_to_write_with_is_in_both_languages(use: str) -> None:
    english, spanish = starters(use, "en"), starters(use, "es")
    assert [starter.code for starter in english] == [starter.code for starter in spanish]
    assert not {starter.name for starter in english} & {starter.name for starter in spanish}
    assert not {starter.body for starter in english} & {starter.body for starter in spanish}
