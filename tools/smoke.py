"""`bin/run --smoke`: the main job once, over HTTP as a browser would, through worker and mail server."""

import re
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

from tools.smoke_browser import Browser, BrowserError, Fields, Form, Page

CUSTOMERS = 24
WAIT_SECONDS = 90.0  # seconds for anything the worker does
DOWN_SECONDS = 8.0  # seconds, before waiting for it is given up


class StepFailed(Exception):
    """A step of the smoke test did not come to its end; the message says what was seen."""


class Journey:
    """What the steps share: the browser, the home, and what earlier steps found out."""

    def __init__(self, address: str, home: Path) -> None:
        self.web = Browser(address)
        self.home = home
        self.notes: dict[str, Any] = {}

    def wait(self, what: str, condition: Callable[[], Any], *, seconds: float = WAIT_SECONDS) -> Any:
        """The first true value. Raises StepFailed at the end of `seconds`, or as soon as a part is known to be down."""
        deadline, down_since = time.monotonic() + seconds, None
        while not (value := condition()):
            now = time.monotonic()
            down = self._down()
            down_since = (down_since or now) if down else None
            if down_since and now - down_since > DOWN_SECONDS:
                raise StepFailed(f"waited for {what}, and {down}")
            if now > deadline:
                raise StepFailed(f"waited {seconds:.0f} s in vain for {what}")
            time.sleep(0.1)
        return value

    def _down(self) -> str:
        health = self.web.json("/healthz", any_status=True)
        return "; ".join(f"the {part} is {state}" for part, state in health.items() if str(state).startswith("down"))

    def wait_for_form(self, path: str, action: str, what: str) -> tuple[Page, Form]:
        def look() -> tuple[Page, Form] | None:
            page = self.web.get(path)
            form = page.form_to(action)
            return (page, form) if form else None

        found: tuple[Page, Form] = self.wait(what, look)
        return found


def sign_in(journey: Journey) -> None:
    email, password = (journey.home / "sign-ins.txt").read_text().split()[:2]
    page = journey.web.submit(journey.web.get("/"), {"login": email, "password": password})
    if journey.web.get("/").has_field("password"):
        raise StepFailed(f"{email} could not sign in: {page.summary}")


def _order_file() -> bytes:
    lines = ["order number,date,customer number,email,first name,last name,product,quantity,unit price"]
    for n in range(1, CUSTOMERS + 1):
        person = f"C{n:03},c{n:03}@customer.example,Ana{n},Río"
        days = [f"2026-{month:02}-{n:02}" for month in range(1, 2 + n % 3)]
        lines += [f"{n}-{day},{day},{person},Tea “{n}”,{1 + n % 4},{4 + n / 2:.2f}" for day in days]
    return ("\n".join(lines) + "\n").encode()


def import_orders(journey: Journey) -> None:
    """The file goes up with the columns that were guessed; checking and importing it is the worker's."""
    page = journey.web.get("/imports/new/")
    page = journey.web.submit(page, {"file": ("orders.csv", _order_file())})
    form = page.form_to("/columns/")
    if form is None:
        raise StepFailed(f"the file was not taken: {page.summary}")
    journey.notes["import"] = journey.web.submit(page, {}, form=form).url


def score(journey: Journey) -> None:
    page, form = journey.wait_for_form(journey.notes["import"], "/start/", "the check of the order file")
    journey.web.submit(page, {}, form=form)
    page, form = journey.wait_for_form("/rfm/", "/rfm/score/", "the end of the import")
    journey.web.submit(page, {}, form=form)
    journey.wait("the scores", lambda: _is_scored(journey))


def _is_scored(journey: Journey) -> bool:
    return f"{CUSTOMERS} customers as of" in journey.web.get("/rfm/").body


def launch(journey: Journey) -> None:
    """A sender, a segment, a campaign to it with two subjects, and the test that compares them."""
    web = journey.web
    sender: Fields = {"name": "Shop", "from_name": "The Shop", "from_address": "shop@cauce.example"}
    web.submit(web.get("/email/settings/senders/new/"), sender)
    web.submit(web.get("/segments/new/?from=once"), {"name": "Bought once"})
    page = web.get("/campaigns/new/")
    form = page.form_with("name", "segment")
    plan: Fields = {"name": "Smoke", "objective": "A second order", "segment": form.option("segment")}
    campaign = web.submit(page, plan).url.rsplit("/", 2)[0]
    page = web.get(f"{campaign}/create/")
    web.submit(page, {"identity": page.form_with("identity").option("identity")})
    page = web.get(f"{campaign}/content/")
    starter = page.form_to("/content/template/")
    if starter is None:
        raise StepFailed("there is no template to start from")
    web.submit(page, {}, form=starter)
    for label in ("A", "B"):
        web.submit(web.get(f"{campaign}/content/?v={label}"), {"subject": f"Subject {label}"})
    page = web.get(f"{campaign}/test/")
    metric = page.form_with("metric").option("metric")
    web.submit(page, {"hypothesis": "B is read more", "metric": metric, "horizon": "10", "horizon_days": "7"})
    page = web.get(f"{campaign}/send/")
    form = page.form_with("expected", "when")
    journey.notes["recipients"] = int(form.fields["expected"][0])
    page = web.submit(page, {"when": "now"}, form=form)
    if not page.url.endswith("/monitor/"):
        raise StepFailed(f"the launch was refused: {page.summary}")
    journey.notes["campaign"] = campaign


def arrive(journey: Journey) -> None:
    """Every recipient has exactly one message, and both subjects went out."""
    expected: int = journey.notes["recipients"]
    caught: list[dict[str, Any]] = []

    def look() -> bool:
        caught[:] = journey.web.json("/mail/messages.json?limit=1000&to=customer.example")["messages"]
        return len(caught) >= int(expected)

    journey.wait(f"{expected} messages", look)
    addresses = [address for message in caught for address in message["to"]]
    if expected < 2 or len(addresses) != expected or len(set(addresses)) != expected:
        raise StepFailed(f"{expected} recipients, but messages to {sorted(addresses)}")
    if {message["subject"] for message in caught} != {"Subject A", "Subject B"}:
        raise StepFailed(f"other subjects than A and B: { {message['subject'] for message in caught} }")
    journey.notes["letter"] = Page("", caught[0]["html"])


def open_and_click(journey: Journey) -> None:
    """As a reader: no cookies, one picture, one link, then its count on the campaign."""
    reader = Browser(journey.web.address)
    letter: Page = journey.notes["letter"]
    ours = journey.web.address
    pixels = [source for source in letter.pictures if source.startswith(ours)]
    links = [link for link in letter.links if link.startswith(ours)]
    if not pixels or not links:
        raise StepFailed(f"the letter has {len(pixels)} pixels and {len(links)} links of ours")
    if not reader.fetch(pixels[-1]).startswith((b"GIF8", b"\x89PNG")):
        raise StepFailed("the pixel is no picture")
    journey.notes["clicked"] = reader.redirect_of(links[0])


def read_kpis(journey: Journey) -> None:
    """A token from the profile, then the chain from the API."""
    page = journey.web.get("/settings/tokens/new/")
    page = journey.web.submit(page, {"name": "Smoke", "scopes": ["kpis:read"]})
    token = re.search(r"cauce_[A-Za-z0-9_-]+", page.body)
    if token is None:
        raise StepFailed(f"no token was made: {page.summary}")
    api = Browser(journey.web.address)
    bearer = {"Authorization": f"Bearer {token.group()}"}
    answer = api.json("/api/v1/kpis/?metrics=cpl,cvr,cpa,nps,customers&from=2026-01-01&to=2026-12-31", bearer)
    customers = answer["total"]["values"]["customers"]["value"]
    if customers != CUSTOMERS:
        raise StepFailed(f"the API counts {customers} customers, not {CUSTOMERS}")


STEPS: list[Callable[[Journey], None]] = [sign_in, import_orders, score, launch, arrive, open_and_click, read_kpis]


def run(address: str, home: Path, seconds: dict[str, float]) -> dict[str, Any]:
    """Do every step. The last line of `--smoke`: `{"ok": true, "seconds": {step: s}}`, or which step failed and why."""
    journey = Journey(address, home)
    for step in STEPS:
        name, started = step.__name__, time.monotonic()
        print(f"{name}…", flush=True)  # noqa: T201
        try:
            step(journey)
        except (StepFailed, BrowserError, KeyError, ValueError, IndexError) as error:
            return {"ok": False, "failed": name, "why": f"{type(error).__name__}: {error}", "seconds": seconds}
        seconds[name] = round(time.monotonic() - started, 2)
    return {"ok": True, "seconds": seconds}
