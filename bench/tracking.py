"""Clicks, measured: durable answers a second beside the same server answering a constant, and that none is lost.

`bin/bench tracking`. One granian worker as in production, a Valkey of its own with its append-only file on, the
collector running beside it. Constant and durable answers take turns; the figures are the middle ones. Then half the
load by the clock, then Valkey is stopped and started again, and last it is frozen for longer than an answer may take.
Every acknowledged click is looked up in the event table at the end, and every event must be one of ours: each run signs
with a key of its own, so nobody else's load generator can be taken for this one's.
"""

import argparse
import json
import os
import secrets
import shutil
import signal
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
from statistics import median
from typing import Any

import psutil

from tools.servers.home import Home, free_port
from tools.servers.process import Process
from tools.servers.valkey import Valkey

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "config.settings")
LINKS = 5
CONNECTIONS, CROWD = 64, 256
ROUNDS = 3
# For so much of the last part Valkey neither answers nor hangs up.
FROZEN_SECONDS = 1.5


# A click's own answer, byte for byte.
ANSWER = {
    "type": "http.response.start",
    "status": 302,
    "headers": [
        (b"location", b"https://shop.example/p/0"),
        (b"content-length", b"0"),
        (b"referrer-policy", b"no-referrer"),
        (b"cache-control", b"no-store, max-age=0"),
        (b"x-robots-tag", b"noindex, nofollow"),
    ],
}
EMPTY = {"type": "http.response.body", "body": b""}


async def constant(scope: Any, receive: Any, send: Any) -> None:
    """What the server could do at most: the same redirect without looking at anything."""
    await send(ANSWER)
    await send(EMPTY)


@contextmanager
def server(target: str, log: Path) -> Iterator[tuple[int, psutil.Process]]:
    port = free_port()
    command = [sys.executable, "-m", "granian", "--interface", "asgi", "--host", "127.0.0.1", "--port", str(port)]
    with log.open("ab") as file:
        process = subprocess.Popen(
            [*command, "--no-ws", "--workers", "1", "--log-level", "warning", target], stdout=file, stderr=file
        )
    try:
        found = psutil.Process(process.pid)
        while not listens(found, port):
            if process.poll() is not None:
                raise SystemExit(log.read_text())
            time.sleep(0.1)
        yield port, found
    finally:
        process.terminate()
        process.wait()


def listens(process: psutil.Process, port: int) -> bool:
    """Whether it is this very server that answers at `port`: others on the machine look for free ones too."""
    return any(
        each.laddr.port == port and each.status == psutil.CONN_LISTEN
        for part in (process, *process.children(recursive=True))
        for each in part.net_connections("tcp")
    )


def load(
    port: int, folder: Path, first: int, seconds: float, *, rate: float = 0, connections: int = 64
) -> dict[str, Any]:
    out = folder / f"answers-{first}-{rate}"
    command = [sys.executable, "-m", "bench.load", str(port), str(folder / "paths"), str(first), str(seconds)]
    made = subprocess.run(
        [*command, "--rate", str(rate), "--connections", str(connections), "--out", str(out)],
        stdout=subprocess.PIPE,
        text=True,
        check=True,
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
        from delivery.tracking.collect import events_collect

        while self.running:
            if not events_collect(seconds=1):
                time.sleep(0.5)


@contextmanager
def collecting() -> Iterator[None]:
    collector = Collector()
    collector.start()
    yield
    collector.running = False
    collector.join()


def drain() -> float:
    """Collect all there is, without rests; events a second."""
    from delivery.engine.throttle import shared
    from delivery.tracking.collect import events_collect
    from delivery.tracking.entries import STREAM
    from delivery.tracking.models import EventInbox

    started, total = time.perf_counter(), 0
    while shared().xlen(STREAM) or EventInbox.objects.exists():
        total += events_collect(rest=0)
    return total / (time.perf_counter() - started)


def paths_make(folder: Path, recipients: int) -> list[tuple[int, int]]:
    """A frozen send, and one address for each of its recipients' links; who and which link they stand for."""
    from bench.send import freeze, make_contacts, make_send
    from delivery.engine.tokens import token_make
    from delivery.sends.models import Delivery

    make_contacts(recipients)
    send = make_send("smtp://127.0.0.1:1")
    freeze(send)
    contacts = list(Delivery.objects.filter(send_id=send.pk).values_list("contact_id", flat=True))
    wanted = [(contact, link) for link in range(1, LINKS + 1) for contact in contacts]
    if len(set(wanted)) < len(wanted):
        raise SystemExit("An address stands in the list twice: the verdict would take it for a click stored twice.")
    paths = [f"/c/{token_make('click', send.pk, contact, link)}" for contact, link in wanted]
    (folder / "paths").write_text("\n".join(paths))
    return wanted


def main() -> None:
    parser = argparse.ArgumentParser()
    parser.add_argument("--recipients", type=int, default=160_000)
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
    os.environ["SECRET_KEY"] = secrets.token_urlsafe(32)
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
    with (
        server("bench.tracking:constant", folder / "constant.log") as (constant_port, _),
        server("config.asgi:application", folder / "web.log") as (port, process),
    ):
        load(constant_port, folder, 0, 1)
        reports = [load(port, folder, 0, 1)]
        rounds = []
        for connections in (*[CONNECTIONS] * ROUNDS, CROWD):
            collected = drain()
            limit = load(constant_port, folder, 0, seconds / 2, connections=connections)
            with collecting():
                meters = Meters(process, valkey)
                first = reports[-1]["next"]
                reports.append(full := load(port, folder, first, seconds / 2, connections=connections))
                rounds.append(Round(limit, full, meters.stop() | {"load_generator": full["cpu"]}, gathered()))
        *rounds, crowd = rounds
        durable = median(each.durable for each in rounds)
        with collecting():
            reports.append(half := load(port, folder, reports[-1]["next"], seconds, rate=durable / 2))
            reports.append(away := stopped(valkey, port, folder, half["next"], seconds, durable / 8))
            reports.append(frozen := still(valkey, port, folder, away["next"], seconds / 2, durable / 8))
    return (
        summed(rounds)
        | {"ratio_at_256_connections": crowd.ratio, "durable_at_256_connections": round(crowd.durable)}
        | {"collected_per_second": round(collected), "load_average": round(os.getloadavg()[0], 1)}
        | {"p50_ms": half["p50_ms"], "p99_ms": half["p99_ms"], "half_load_per_second": round(half["per_second"])}
        | verdict(wanted, [number for report in reports for number in report["kept"]])
        | {"while_valkey_was_away": dict(away["statuses"]), "p99_ms_while_away": away["p99_ms"]}
        | {"while_valkey_was_frozen": dict(frozen["statuses"]), "p99_ms_while_frozen": frozen["p99_ms"]}
        | {"broken_connections": sum(report["broken"] for report in reports)}
    )


class Round:
    """Constant and durable answers, one after the other: how many a second, what the durable ones cost everybody in
    processor seconds, and how many of them were not yet in the event table at the end."""

    def __init__(self, limit: dict[str, Any], full: dict[str, Any], spent: dict[str, float], waiting: int) -> None:
        self.constant: float = limit["per_second"]
        self.durable: float = full["per_second"]
        self.ratio = round(self.durable / self.constant, 3)
        self.us = {name: round(each / full["answers"] * 1e6, 1) for name, each in spent.items()}
        self.busy = round(sum(spent.values()) / full["seconds"], 2)
        self.waiting = round(waiting / full["answers"], 2)


def summed(rounds: list[Round]) -> dict[str, Any]:
    """The middle of the rounds, and how far apart they are."""
    ratios = sorted(each.ratio for each in rounds)
    middle = sorted(rounds, key=lambda each: each.durable)[len(rounds) // 2]
    return {
        "durable_per_second": round(middle.durable),
        "constant_per_second": round(median(each.constant for each in rounds)),
        "ratio_to_constant": median(ratios),
        "ratio_lowest": ratios[0],
        "ratio_highest": ratios[-1],
        "us_per_click": middle.us,
        "processors_busy": middle.busy,
        "left_waiting": middle.waiting,
    }


def gathered() -> int:
    """Events that wait in the stream."""
    from delivery.engine.throttle import shared
    from delivery.tracking.entries import STREAM

    groups: Any = shared().xrange(STREAM)
    return sum(fields[b"e"].count(b"\n") for _, fields in groups)


def stopped(valkey: Process, port: int, folder: Path, first: int, seconds: float, rate: float) -> dict[str, Any]:
    """Load while Valkey is stopped for the second third of the time."""
    with ThreadPoolExecutor(1) as beside:
        later = beside.submit(load, port, folder, first, seconds, rate=rate)
        # In this thread: a server ends with the thread that started it.
        time.sleep(seconds / 3)
        valkey.stop()
        time.sleep(seconds / 3)
        valkey.start()
        valkey.wait_until_ready()
        return later.result()


def still(valkey: Process, port: int, folder: Path, first: int, seconds: float, rate: float) -> dict[str, Any]:
    """Load while Valkey is frozen, with groups on their way, until after they were given up and taken elsewhere."""
    assert valkey.popen
    with ThreadPoolExecutor(1) as beside:
        later = beside.submit(load, port, folder, first, seconds, rate=rate)
        time.sleep(seconds / 3)
        valkey.popen.send_signal(signal.SIGSTOP)
        time.sleep(FROZEN_SECONDS)
        valkey.popen.send_signal(signal.SIGCONT)
        return later.result()


def verdict(wanted: list[tuple[int, int]], kept: list[int]) -> dict[str, int]:
    """Acknowledged clicks that are not in the event table, events beyond one for each, and clicks the roll-up lacks."""
    from django.db.models import Sum

    from delivery.sends.models import Link
    from delivery.tracking.models import Engagement, Event

    drain()
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
    return {
        "acknowledged": len(kept),
        "missing": missing,
        "repeated": sum(count - 1 for count in found.values()),
        "uncounted": sum(found.values()) - clicks,
    }


if __name__ == "__main__":
    main()
