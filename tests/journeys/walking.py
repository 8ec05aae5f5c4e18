"""What the steps of a journey share: the pages of the people in it, and waiting for what a person would wait for."""

import re
from dataclasses import dataclass, field
from datetime import timedelta
from typing import Any

from django.utils import timezone
from playwright.sync_api import Browser, Locator, Page, expect

from core.mail.mailbox import CaughtMessage
from tests.fixtures.services import MailCatcher
from tests.fixtures.waiting import wait_until

PASSWORD = "sunny-harbour-42"
CUSTOMERS, REGULARS = 40, 12
WORK = 60_000  # milliseconds for what the worker does
expect.set_options(timeout=20_000)


@dataclass
class Walk:
    """One company, its browser, and what earlier steps found out."""

    web: str
    browser: Browser
    mail: MailCatcher
    page: Page
    notes: dict[str, Any] = field(default_factory=dict)

    def go(self, path: str) -> None:
        """Open an address of ours."""
        answer = self.page.goto(path if path.startswith("http") else f"{self.web}{path}")
        assert answer is not None
        assert answer.status == 200, f"{path}: {answer.status}"

    def press(self, name: str) -> None:
        """Press the button of that name on the page's body."""
        self.page.get_by_role("button", name=name, exact=True).first.click()

    def follow(self, name: str) -> None:
        self.page.get_by_role("link", name=name, exact=True).first.click()

    def fill(self, **values: str) -> None:
        for name, value in values.items():
            self.page.locator(f"#id_{name}").fill(value)

    def figure(self, selector: str) -> str:
        return self.page.locator(selector).first.inner_text().replace("\xa0", " ").strip()

    def letter_to(self, address: str, number: int = 1) -> CaughtMessage:
        """The last of at least `number` messages to `address`."""
        found = wait_until(
            lambda: got if len(got := self.mail.to(address)) >= number else [], seconds=60, what=f"mail to {address}"
        )
        return found[-1]

    def until(self, condition: Any, what: str, path: str = "") -> None:
        """Look at the page again until the condition holds, as a person pressing reload would."""

        def look() -> bool:
            self.page.goto(path and f"{self.web}{path}") if path else self.page.reload()
            return bool(condition())

        wait_until(look, seconds=60, what=what)


def new_page(browser: Browser, *, width: int = 1280, height: int = 800) -> Page:
    agent = f"Mozilla/5.0 (X11; Linux x86_64) AppleWebKit/537.36 Chrome/{browser.version} Safari/537.36"
    context = browser.new_context(
        viewport={"width": width, "height": height},
        locale="en-GB",
        user_agent=agent,  # a person's, not “Headless”
    )
    context.set_default_timeout(20_000)
    return context.new_page()


def sign_in(page: Page, web: str, email: str) -> None:
    page.goto(f"{web}/")
    page.get_by_label("E-mail").fill(email)
    page.get_by_label("Password").fill(PASSWORD)
    page.get_by_role("button", name="Sign in").click()
    expect(page.locator("input[type=password]")).to_have_count(0)


def order_file() -> bytes:
    """Forty customers; the first twelve have ordered four times, the others once or twice. One row is spoilt."""
    today = timezone.localdate()
    lines = ["order number,date,customer number,email,first name,last name,product,quantity,unit price"]
    for n in range(1, CUSTOMERS + 1):
        person = f"C{n:03},c{n:03}@customer.example,Ana{n},Río"
        orders = 4 if n <= REGULARS else 1 + n % 2
        for number in range(1, orders + 1):
            day = today - timedelta(days=40 * number + n)
            lines.append(f"{n}-{number},{day},{person},Tea “{n}”,{1 + n % 4},{4 + n / 2:.2f}")
    lines.append(f"bad-1,{today - timedelta(days=9)},C001,c001@customer.example,Ana1,Río,Tea,many,4.00")
    return ("\n".join(lines) + "\n").encode()


def links_of(message: CaughtMessage, web: str) -> list[str]:
    return [link.replace("&amp;", "&") for link in re.findall(r'href="([^"]+)"', message.html) if link.startswith(web)]


def no_sideways_scroll(page: Page) -> None:
    wide = page.evaluate("document.documentElement.scrollWidth - document.documentElement.clientWidth")
    assert wide <= 0, f"{page.url} is {wide} px too wide"


def visible(locator: Locator) -> None:
    expect(locator.first).to_be_visible()
