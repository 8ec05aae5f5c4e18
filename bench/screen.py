"""A campaign's live screen while a large send is on its way: does it keep up, and does looking slow the send down?

`bin/bench screen --recipients 100000 --viewers 10`. The same send four times: with nobody looking, with viewers whose
page asks for its progress every two seconds as the real one does, again so, and with nobody looking. The web server is
up all the time. The slowdown compares the means of the two and two.
"""

import argparse
import http.client
import json
import os
import shutil
import tempfile
import threading
import time
from pathlib import Path
from typing import Any

import psutil

from bench.send import freeze, make_contacts, make_send, run_workers, start_sink
from bench.tracking import processor, server

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "config.settings")
EVERY = 2.0


class Viewer(threading.Thread):
    """Somebody who has the page open: asks, waits two seconds, asks again."""

    def __init__(self, port: int, cookie: str, path: str, wait: float) -> None:
        super().__init__(daemon=True)
        self.port, self.cookie, self.path, self.wait = port, cookie, path, wait
        self.times: list[float] = []
        self.shown: list[str] = []
        self.running = True

    def run(self) -> None:
        time.sleep(self.wait)
        connection = http.client.HTTPConnection("127.0.0.1", self.port, timeout=30)
        while self.running:
            started = time.perf_counter()
            self.shown.append(ask(self.port, self.cookie, self.path, connection))
            self.times.append(time.perf_counter() - started)
            time.sleep(max(0.0, EVERY - (time.perf_counter() - started)))


def ask(port: int, cookie: str, path: str, connection: http.client.HTTPConnection | None = None) -> str:
    connection = connection or http.client.HTTPConnection("127.0.0.1", port, timeout=30)
    connection.request("GET", path, headers={"Cookie": f"sessionid={cookie}", "HX-Request": "true"})
    answer = connection.getresponse()
    page = answer.read().decode()
    if answer.status not in {200, 286}:
        raise SystemExit(f"{answer.status}: {page[:500]}")
    return page


def session_cookie() -> str:
    """A signed-in director."""
    from django.conf import settings
    from django.test import Client

    from accounts.people.models import User

    person = User.objects.create_user(email="director@bench.example", password="x", role="director")  # noqa: S106
    client = Client()
    client.force_login(person)
    return client.cookies[settings.SESSION_COOKIE_NAME].value


def one_send(smtp: int, arguments: Any) -> tuple[Any, Any]:
    """A frozen send with its campaign, ready for the workers."""
    from campaigns.campaigns.models import Campaign

    send = make_send(f"smtp://127.0.0.1:{smtp}?connections={arguments.connections}")
    freeze(send)
    return send, Campaign.objects.create(name=f"Bench {send.pk}", send=send)


def measure(arguments: Any, smtp: int, folder: Path) -> dict[str, Any]:
    make_contacts(arguments.recipients)
    rates: dict[bool, list[float]] = {False: [], True: []}
    times: list[float] = []
    pages: list[str] = []
    web_seconds = 0.0
    with server("config.asgi:application", folder / "web.log") as (port, process):
        cookie = session_cookie()
        for is_watched in (False, True, True, False):
            send, campaign = one_send(smtp, arguments)
            path = f"/campaigns/{campaign.public_id}/progress/"
            ask(port, cookie, path)  # the server's first answer loads what later ones have
            viewers = [
                Viewer(port, cookie, path, place * EVERY / arguments.viewers)
                for place in range(arguments.viewers if is_watched else 0)
            ]
            before = processor(process)
            for viewer in viewers:
                viewer.start()
            run = run_workers(send.pk, arguments.workers)
            for viewer in viewers:
                viewer.running = False
            rates[is_watched].append(arguments.recipients / run["seconds"])
            if is_watched:
                web_seconds += processor(process) - before
            for viewer in viewers:
                viewer.join()
                times += viewer.times
                pages += viewer.shown
    alone, watched = (sum(rates[which]) / len(rates[which]) for which in (False, True))
    times.sort()
    return {
        "recipients": arguments.recipients,
        "viewers": arguments.viewers,
        "messages_per_second_alone": round(alone),
        "messages_per_second_watched": round(watched),
        "slower_by_percent": round((1 - watched / alone) * 100, 1),
        "runs": {"alone": [round(rate) for rate in rates[False]], "watched": [round(rate) for rate in rates[True]]},
        "polls": len(times),
        "poll_p50_ms": round(times[len(times) // 2] * 1000, 1),
        "poll_p99_ms": round(times[int(len(times) * 0.99)] * 1000, 1),
        "web_ms_per_poll": round(web_seconds / max(len(times), 1) * 1000, 1),
        "pages_with_a_rate": sum(" a second" in page for page in pages),
        "load_average": round(os.getloadavg()[0], 1),
    }


def main() -> None:
    parser = argparse.ArgumentParser()
    parser.add_argument("--recipients", type=int, default=100_000)
    parser.add_argument("--viewers", type=int, default=10)
    parser.add_argument("--workers", type=int, default=2)
    parser.add_argument("--connections", type=int, default=4)
    arguments = parser.parse_args()
    import django

    django.setup()
    from django.core.management import call_command

    from delivery.guardrails.models import SendingPolicy

    call_command("migrate", verbosity=0)
    # Everybody gets the same send four times.
    SendingPolicy.objects.update_or_create(pk=1, defaults={"cap_messages": 100})
    folder = Path(tempfile.mkdtemp(prefix="cauce-screen-"))
    sink, smtp, name = start_sink(folder)
    try:
        result = measure(arguments, smtp, folder) | {"sink": name}
    finally:
        psutil.Process(sink.pid).terminate()
        sink.wait()
        shutil.rmtree(folder, ignore_errors=True)
    print(json.dumps(result))


if __name__ == "__main__":
    main()
