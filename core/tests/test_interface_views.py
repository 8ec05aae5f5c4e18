from collections.abc import Iterator
from typing import Any

import pytest
from django.test import RequestFactory, override_settings

from core.errors import DomainError
from core.middleware import DomainErrorMiddleware
from core.ui.search import SearchProvider, SearchResult, search_everything, search_providers


def test_the_theme_is_the_persons_own(analyst: Any, signed_in: Any) -> None:
    client = signed_in(analyst)
    assert client.post("/interface/theme/", {"theme": "dark", "next": "/design/"})["Location"] == "/design/"
    analyst.refresh_from_db()
    assert analyst.theme == "dark"
    assert client.post("/interface/theme/", {"theme": "pink"}).status_code == 422
    assert client.get("/interface/theme/").status_code == 405


def test_the_language_is_kept_with_the_person_or_in_a_cookie(analyst: Any, client: Any, signed_in: Any) -> None:
    signed_in(analyst).post("/interface/language/", {"language": "es"})
    analyst.refresh_from_db()
    assert analyst.language == "es"
    answer = client.post("/interface/language/", {"language": "es", "next": "//evil.example"})
    assert answer["Location"] == "/"
    assert answer.cookies["django_language"].value == "es"
    assert client.post("/interface/language/", {"language": "xx"}).status_code == 422


def test_anonymous_people_are_sent_to_sign_in(client: Any, db: None) -> None:
    for path in ("/", "/search/?q=a", "/design/"):
        assert client.get(path).status_code == 302


@pytest.fixture
def provider() -> Iterator[None]:
    def find(user: Any, text: str, limit: int) -> list[SearchResult]:
        return [SearchResult(f"{text} <b> {place}", f"/found/{place}/") for place in range(9)]

    search_providers.register(SearchProvider("sample", "Samples", find))
    yield
    del search_providers._items["sample"]


def test_search_asks_each_provider_for_what_the_person_may_open(analyst: Any, signed_in: Any, provider: None) -> None:
    groups = [group for group in search_everything(analyst, "may") if group.title == "Samples"]
    assert [len(group.found) for group in groups] == [6]
    assert search_everything(analyst, "m") == []
    body = signed_in(analyst).get("/search/", {"q": "may"}).content.decode()
    assert "may &lt;b&gt; 0" in body
    assert 'href="/found/5/"' in body


def test_search_finds_pages_by_name_and_says_when_nothing_matches(analyst: Any, signed_in: Any) -> None:
    assert "No results for “zzzzzz”" in signed_in(analyst).get("/search/", {"q": "zzzzzz"}).content.decode()


def test_the_design_page_shows_every_component(director: Any, owner: Any, analyst: Any, signed_in: Any) -> None:
    body = signed_in(director).get("/design/").content.decode()
    for mark in (
        "c-figures",
        "data-chart",
        "data-table",
        "c-notice-bad",
        "c-progress",
        "c-timeline",
        "c-steps",
        "c-drop",
    ):
        assert mark in body
    assert "<script>" not in body
    assert signed_in(owner).get("/design/").status_code == 404
    assert signed_in(analyst).get("/design/").status_code == 404
    with override_settings(DEBUG=True):
        assert signed_in(analyst).get("/design/").status_code == 200


def test_a_refusal_is_a_page_or_a_toast(director: Any, rf: RequestFactory) -> None:
    error = DomainError("Nothing was sent <i>.", code="no_test")
    middleware = DomainErrorMiddleware(lambda request: None)  # type: ignore[arg-type, return-value]
    page = rf.post("/x/", headers={"Referer": "http://testserver/came/from/"})
    page.user = director
    answer = middleware.process_exception(page, error)
    assert answer is not None
    assert answer.status_code == 422
    assert "Nothing was sent &lt;i&gt;." in answer.content.decode()
    assert 'href="http://testserver/came/from/"' in answer.content.decode()
    partial = rf.post("/x/", headers={"HX-Request": "true"})
    partial.user = director
    toast = middleware.process_exception(partial, error)
    assert toast is not None
    assert (toast.status_code, toast["X-Toast"]) == (422, "no_test")
    assert "<html" not in toast.content.decode()
    assert middleware.process_exception(page, ValueError()) is None


def test_what_is_not_there_is_a_page_with_404(director: Any, signed_in: Any, client: Any) -> None:
    assert "Page not found" in signed_in(director).get("/nowhere/").content.decode()
    assert client.get("/nowhere/").status_code == 404
