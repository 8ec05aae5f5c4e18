"""Every page in a real Chromium, as a director and as a salesperson: nothing serious for axe, nothing wider than a
phone, nothing in the console (where refusals of the security policy stand)."""

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from django.conf import settings
from django.test import Client
from django.urls import reverse
from playwright.sync_api import Browser, BrowserContext, Page, expect

from accounts.people.models import User
from core.ui.navigation import navigation
from tests.matrix.registry import Cast
from tests.matrix.test_matrix import DESCRIBED

AXE = (Path(settings.BASE_DIR) / "node_modules/axe-core/axe.min.js").read_text()
RUN_AXE = "axe.run(document, {resultTypes: ['violations']})"
GRAVE = {"serious", "critical"}
# No pages, or none that may run scripts: axe would wait for ever in a mail's sandbox.
NOT_PAGES = (
    "api_",
    "mfa_",
    "export",
    "rejects",
    "_json",
    "_csv",
    "preview",
    "mail_online",
    "readers",
    "progress",
    "timeline",
    "_trials",
    "_letter",
    "search",
)
# A mail previewed here may show a picture from a host that only its readers reach.
FOREIGN = "net::ERR_NAME_NOT_RESOLVED"
DESKTOP, PHONE = {"width": 1280, "height": 800}, {"width": 375, "height": 812}

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]


def addresses(actor: str, cast: Cast) -> Iterator[str]:
    """Where `actor` may go: every described page, each with an object of its own."""
    assert {entry.url_name for entry in navigation if entry.visible_to(cast.person(actor))} <= DESCRIBED.keys()
    for name, route in sorted(DESCRIBED.items()):
        if actor in route.get and not any(part in name for part in NOT_PAGES):
            yield reverse(name, kwargs=route.kwargs(cast)) + route.query


def signed_in(context: BrowserContext, person: User, url: str) -> None:
    client = Client()
    client.force_login(person)
    context.add_cookies(
        [
            {
                "name": settings.SESSION_COOKIE_NAME,
                "value": client.cookies[settings.SESSION_COOKIE_NAME].value,
                "url": url,
            }
        ]
    )


def grave_faults(page: Page) -> list[str]:
    page.evaluate(AXE)
    found: dict[str, Any] = page.evaluate(RUN_AXE)
    return [
        f"{fault['id']}: {fault['nodes'][0]['html'][:160]}" for fault in found["violations"] if fault["impact"] in GRAVE
    ]


@pytest.mark.parametrize("actor", ["director", "owner"])
def test_pages_are_sound(actor: str, browser: Browser, live_server_url: str) -> None:
    cast = Cast()
    person = cast.person(actor)
    assert person is not None
    context = browser.new_context(viewport=DESKTOP)  # type: ignore[arg-type]
    faults: list[str] = []
    try:
        signed_in(context, person, live_server_url)
        page = context.new_page()
        said: list[str] = []
        page.on("console", lambda message: said.append(message.text) if message.type == "error" else None)
        page.on("pageerror", lambda error: said.append(str(error)))
        for address in addresses(actor, cast):
            page.set_viewport_size(DESKTOP)  # type: ignore[arg-type]
            said.clear()
            answer = page.goto(live_server_url + address)
            if answer is None or answer.status != 200:
                faults.append(f"{address}: {answer and answer.status}")
                continue
            faults += [f"{address}: {fault}" for fault in grave_faults(page)]
            page.set_viewport_size(PHONE)  # type: ignore[arg-type]
            over = page.evaluate("document.documentElement.scrollWidth - document.documentElement.clientWidth")
            if over > 0:
                faults.append(f"{address}: {over} px wider than a phone")
            faults += [f"{address}: console: {line[:200]}" for line in said if FOREIGN not in line]
    finally:
        context.close()
    assert not faults, "\n".join(faults)


def test_keyboard(page: Page, live_server_url: str) -> None:
    """The palette finds people, `g` and a letter goes places, `?` lists the keys, focus is seen, rows are chosen."""
    cast = Cast()
    contact = cast.contact
    signed_in(page.context, cast.director, live_server_url)
    page.goto(live_server_url + reverse("contact_list"))
    page.keyboard.press("/")
    expect(page.locator("#palette")).to_be_visible()
    page.keyboard.type(contact.last_name)
    expect(page.locator("#palette [role=option]", has_text=contact.last_name).first).to_be_visible()
    page.keyboard.press("Escape")
    expect(page.locator("#palette")).to_be_hidden()
    page.wait_for_function("document.activeElement === document.body")
    page.keyboard.press("?")
    expect(page.locator("#keys")).to_be_visible()
    page.keyboard.press("Escape")
    expect(page.locator("#keys")).to_be_hidden()
    page.keyboard.press("j")
    assert page.evaluate("getComputedStyle(document.activeElement).outlineStyle") == "solid"
    page.keyboard.press("x")
    expect(page.locator("[data-bulk]")).to_be_visible()
    expect(page.locator("[data-bulk] [data-bulk-count]").first).to_have_text("1")
    letter = page.locator(f'[data-letter][href="{reverse("overview")}"]').get_attribute("data-letter")
    assert letter is not None
    page.keyboard.press("g")
    page.keyboard.press(letter)
    page.wait_for_url(f"**{reverse('overview')}")


def test_archived_contacts_come_back_by_undo(page: Page, live_server_url: str) -> None:
    cast = Cast()
    contact = cast.contact
    signed_in(page.context, cast.director, live_server_url)
    page.goto(live_server_url + reverse("contact_list"))
    page.locator(".c-check").first.check()
    page.get_by_role("button", name="Archive").click()
    page.locator("[data-toast] form button").click()
    page.wait_for_load_state()
    contact.refresh_from_db()
    assert contact.archived_at is None
