"""Clicks, measured: durable answers a second beside the same server answering a constant, and that none is lost.

`bin/bench tracking`. One granian worker as in production, a Valkey of its own with its append-only file on, the
collector running beside it. In the last part Valkey is stopped and started again. Every acknowledged click is looked
up in the event table at the end.
"""

import argparse
import json
import os
import shutil
import subprocess
import sys
import tempfile
import threading
import time
from collections import Counter
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import psutil

from config.services.home import Home, free_port, port_is_free
from config.services.process import Process
from config.services.valkey import Valkey

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "config.settings")
LINKS = 5


async def constant(scope: Any, receive: Any, send: Any) -> None:
    """What the server could do at most: a redirect without looking at anything."""
    headers = [(b"location", b"https://shop.example/p/1"), (b"content-length", b"0")]
    await send({"type": "http.response.start", "status": 302, "headers": headers})
    await send({"type": "http.response.body", "body": b""})


@contextmanager
def server(target: str, log: Path) -> Iterator[tuple[int, psutil.Process]]:
    port = free_port()
    command = [sys.executable, "-m", "granian", "--interface", "asgi", "--host", "127.0.0.1", "--port", str(port)]
    with log.open("ab") as file:
        process = subprocess.Popen(
            [*command, "--no-ws", "--workers", "1", "--log-level", "warning", target], stdout=file, stderr=file
        )
    try:
        while port_is_free(port):
            if process.poll() is not None:
                raise SystemExit(log.read_text())
            time.sleep(0.1)
        yield port, psutil.Process(process.pid)
    finally:
        process.terminate()
        process.wait()


def load(port: int, folder: Path, first: int, seconds: float, *, rate: float = 0) -> dict[str, Any]:
    out = folder / f"answers-{first}-{rate}"
    command = [sys.executable, "-m", "bench.load", str(port), str(folder / "paths"), str(first), str(seconds)]
    made = subprocess.run(
        [*command, "--rate", str(rate), "--out", str(out)], stdout=subprocess.PIPE, text=True, check=True
    )
    report: dict[str, Any] = json.loads(made.stdout)
    report["statuses"] = Counter()
    report["kept"] = []
    for line in out.read_text().splitlines():
        number, status = line.split("\t")
        report["statuses"][status] += 1
        if status == "302":
            report["kept"].append(int(number))
    return report


def processor(process: psutil.Process) -> float:
    times = [each.cpu_times() for each in (process, *process.children(recursive=True))]
    return sum(each.user + each.system for each in times)


class Meters:
    """Processor seconds of everybody at work between its making and `stop`; the collector runs in this process."""

    def __init__(self, server: psutil.Process, valkey: Process) -> None:
        from bench.send import PostgresMeter

        assert valkey.popen
        self.parts = {"server": server, "valkey": psutil.Process(valkey.popen.pid)}
        self.before = {name: processor(each) for name, each in self.parts.items()}
        self.collector = time.process_time()
        self.postgres = PostgresMeter()
        self.postgres.start()

    def stop(self) -> dict[str, float]:
        spent = {name: processor(each) - self.before[name] for name, each in self.parts.items()}
        return spent | {"collector": time.process_time() - self.collector, "postgres": self.postgres.stop()}


class Collector(threading.Thread):
    """What beat does every two seconds, without the pause."""

    def __init__(self) -> None:
        super().__init__(daemon=True)
        self.running = True

    def run(self) -> None:
        from campaigns.tracking.collect import events_collect

        while self.running:
            if not events_collect():
                time.sleep(0.5)


def paths_make(folder: Path, recipients: int) -> list[tuple[int, int]]:
    """A frozen send, and one address for each of its recipients' links; who and which link they stand for."""
    from bench.send import freeze, make_contacts, make_send
    from campaigns.engine.tokens import token_make
    from campaigns.models import Delivery

    make_contacts(recipients)
    send = make_send("smtp://127.0.0.1:1")
    freeze(send)
    contacts = list(Delivery.objects.filter(send_id=send.pk).values_list("contact_id", flat=True))
    wanted = [(contact, link) for link in range(1, LINKS + 1) for contact in contacts]
    paths = [f"/c/{token_make('click', send.pk, contact, link)}" for contact, link in wanted]
    (folder / "paths").write_text("\n".join(paths))
    return wanted


def main() -> None:
    parser = argparse.ArgumentParser()
    parser.add_argument("--recipients", type=int, default=100_000)
    parser.add_argument("--seconds", type=float, default=6)
    arguments = parser.parse_args()
    folder = Path(tempfile.mkdtemp(prefix="cauce-tracking-"))
    home = Home(folder / "servers")
    home.path.mkdir()
    home.open()
    store = Valkey(home)
    valkey = store.start()
    os.environ["REDIS_URL"] = store.url
    os.environ["LOG_LEVEL"] = "ERROR"
    try:
        print(json.dumps(measure(arguments, folder, valkey)))
    finally:
        valkey.stop()
        shutil.rmtree(folder, ignore_errors=True)


def measure(arguments: Any, folder: Path, valkey: Process) -> dict[str, Any]:
    import django
    from django.core.management import call_command

    django.setup()
    call_command("migrate", verbosity=0)
    wanted = paths_make(folder, arguments.recipients)
    seconds: float = arguments.seconds
    with server("bench.tracking:constant", folder / "constant.log") as (port, _process):
        load(port, folder, 0, 1)
        limit = load(port, folder, 0, seconds)
    collector = Collector()
    collector.start()
    kept: list[int] = []
    with server("config.asgi:application", folder / "web.log") as (port, process):
        reports = [load(port, folder, 0, 1)]
        meters = Meters(process, valkey)
        reports.append(full := load(port, folder, reports[-1]["next"], seconds))
        spent = meters.stop() | {"load_generator": full["cpu"]}
        reports.append(half := load(port, folder, full["next"], seconds, rate=full["per_second"] / 2))
        third = seconds / 3
        with ThreadPoolExecutor(1) as beside:
            later = beside.submit(load, port, folder, half["next"], seconds, rate=full["per_second"] / 8)
            # In this thread: a server ends with the thread that started it.
            time.sleep(third)
            valkey.stop()
            time.sleep(third)
            valkey.start()
            reports.append(away := later.result())
        valkey.wait_until_ready()
        for report in reports:
            kept += report["kept"]
    collector.running = False
    collector.join()
    missing, repeated, uncounted = verdict(wanted, kept)
    return {
        "durable_per_second": round(full["per_second"]),
        "constant_per_second": round(limit["per_second"]),
        "ratio_to_constant": round(full["per_second"] / limit["per_second"], 3),
        "server_us_per_click": round(spent["server"] / max(full["answers"], 1) * 1e6, 1),
        "processor_share": {name: round(each / sum(spent.values()), 2) for name, each in spent.items()},
        "processors_busy": round(sum(spent.values()) / full["seconds"], 2),
        "load_average": round(os.getloadavg()[0], 1),
        "p50_ms": half["p50_ms"],
        "p99_ms": half["p99_ms"],
        "half_load_per_second": round(half["per_second"]),
        "acknowledged": len(kept),
        "missing": missing,
        "repeated": repeated,
        "uncounted": uncounted,
        "while_valkey_was_away": dict(away["statuses"]),
        "p99_ms_while_away": away["p99_ms"],
        "broken_connections": sum(report["broken"] for report in reports),
    }


def verdict(wanted: list[tuple[int, int]], kept: list[int]) -> tuple[int, int, int]:
    """Acknowledged clicks that are not in the event table, events beyond one for each, and clicks the roll-up lacks."""
    from django.db.models import Sum

    from campaigns.engine.throttle import shared
    from campaigns.models import Engagement, Event, EventInbox, Link
    from campaigns.tracking.collect import events_collect
    from campaigns.tracking.entries import STREAM

    while shared().xlen(STREAM) or EventInbox.objects.exists():
        events_collect()
    places = dict(Link.objects.values_list("pk", "position"))
    found = Counter(
        (contact, places[link]) for contact, link in Event.objects.values_list("contact_id", "link_id") if link
    )
    again = {pair for pair, count in found.items() if count > 1}
    for event in Event.objects.filter(contact_id__in=[contact for contact, _link in again]).order_by(
        "contact_id", "at"
    ):
        if (event.contact_id, places.get(event.link_id or 0)) in again:
            print("stored twice:", event.contact_id, event.link_id, event.event_key, event.at, file=sys.stderr)
    missing = sum(1 for number in kept if wanted[number] not in found)
    clicks = Engagement.objects.aggregate(total=Sum("clicks"))["total"] or 0
    return missing, sum(count - 1 for count in found.values()), sum(found.values()) - clicks


if __name__ == "__main__":
    main()
