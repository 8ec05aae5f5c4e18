"""`bin/run --smoke`: the main job once, over HTTP as a browser would, through worker and mail server."""

import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

from config.browsing import Browsing, BrowsingError
from core.mail.mailbox import Mailbox

WORKER_MAY_BE_DOWN = 8.0  # seconds


class StepFailed(Exception):
    """A step of the smoke test did not come to its end; the message says what was seen."""


class Journey:
    """What the steps share: the browser, the home, and what earlier steps found out."""

    def __init__(self, address: str, home: Path) -> None:
        self.web = Browsing(address)
        self.home = home
        self.mailbox = Mailbox(home / "mail")
        self.notes: dict[str, Any] = {}

    def wait(self, what: str, condition: Callable[[], Any], *, seconds: float = 60) -> Any:
        """The first true value. Raises StepFailed at the end of `seconds`, or as soon as a part is known to be down."""
        deadline, down_since = time.monotonic() + seconds, None
        while not (value := condition()):
            now = time.monotonic()
            down = self._down()
            down_since = (down_since or now) if down else None
            if down_since and now - down_since > WORKER_MAY_BE_DOWN:
                raise StepFailed(f"waited for {what}, and {down}")
            if now > deadline:
                raise StepFailed(f"waited {seconds:.0f} s in vain for {what}")
            time.sleep(0.1)
        return value

    def _down(self) -> str:
        health = self.web.json("/healthz", any_status=True)
        return "; ".join(f"the {part} is {state}" for part, state in health.items() if str(state).startswith("down"))


def sign_in(journey: Journey) -> None:
    email, password = (journey.home / "sign-ins.txt").read_text().split()[:2]
    page = journey.web.get("/")
    page = journey.web.submit(page, {"login": email, "password": password})
    if journey.web.get("/").has_field("password"):
        raise StepFailed(f"{email} could not sign in: {page.summary}")


STEPS: list[Callable[[Journey], None]] = [sign_in]


def run(address: str, home: Path, seconds: dict[str, float]) -> dict[str, Any]:
    """Do every step. The last line of `--smoke`: `{"ok": true, "seconds": {step: s}}`, or which step failed and why."""
    journey = Journey(address, home)
    for step in STEPS:
        name, started = step.__name__, time.monotonic()
        print(f"{name}…", flush=True)  # noqa: T201
        try:
            step(journey)
        except (StepFailed, BrowsingError) as error:
            return {"ok": False, "failed": name, "why": str(error), "seconds": seconds}
        seconds[name] = round(time.monotonic() - started, 2)
    return {"ok": True, "seconds": seconds}
