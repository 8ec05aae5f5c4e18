"""Celery workers on homes of their own (as on several hosts) and beats, and what the mail server's file proves."""

import os
import random
import subprocess
import sys
import time
from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import psutil

from tools.servers.process import Process

ROOT = Path(__file__).resolve().parents[1]


def say(*words: object) -> None:
    print(*words, file=sys.stderr, flush=True)


@dataclass
class Worker:
    """A Celery worker with a home of its own; `kills` counts processes that could have had mail in hand."""

    number: int
    folder: Path
    processes: int = 2
    process: Process | None = None
    kills: int = 0
    exits: int = 0
    restarts: list[float] = field(default_factory=list)

    def start(self) -> None:
        home = self.folder / f"host-{self.number}"
        home.mkdir(exist_ok=True)
        log = self.folder / f"worker-{self.number}.log"
        log.write_text("")
        node = f"bench{self.number}@{os.getpid()}"
        options = ["-n", node, "-Q", "default,send", "-c", str(self.processes), "--loglevel", "INFO"]
        self.process = Process(
            name="Celery worker",
            command=[sys.executable, "-m", "celery", "-A", "config", "worker", *options, "--without-gossip"],
            log=log,
            ready=lambda: f"{node} ready." in log.read_text(errors="replace"),
            environment=os.environ | {"CAUCE_HOME": str(home), "LOG_LEVEL": "INFO"},
            folder=ROOT,
            patience=10,
        )
        self.process.start()

    def keep_alive(self) -> None:
        """As the supervisor of `bin/run` or systemd does: a worker that ended is started again."""
        if self.process and not self.process.is_alive():
            self.exits += 1
            self.start()

    def kill(self, *, whole: bool) -> None:
        """kill -9: one of its processes, or all of them at once and a new worker in their place."""
        self.keep_alive()
        assert self.process
        assert self.process.popen
        parent = psutil.Process(self.process.popen.pid)
        children = parent.children(recursive=True)
        if not whole and children:
            random.choice(children).kill()
            self.kills += 1
            return
        started = time.monotonic()
        parent.suspend()
        for victim in (*children, parent):
            victim.kill()
        self.process.popen.wait()
        self.kills += len(children)
        self.start()
        self.process.wait_until_ready(120)
        self.restarts.append(time.monotonic() - started)


class Fleet:
    """Two workers of two processes each, on two homes, and two beats: the least that more than one can mean."""

    def __init__(self, folder: Path, homes: int = 2) -> None:
        self.folder = folder
        self.workers = [Worker(number, folder) for number in range(homes)]
        self.beats: list[subprocess.Popen[Any]] = []

    def start(self) -> None:
        for worker in self.workers:
            worker.start()
        for worker in self.workers:
            assert worker.process
            worker.process.wait_until_ready(120)
        for number in range(2):
            self._beat(number)

    def _beat(self, number: int) -> None:
        schedule = str(self.folder / f"beat-{number}")
        command = [sys.executable, "-m", "celery", "-A", "config", "beat", "-s", schedule, "--pidfile", ""]
        with (self.folder / f"beat-{number}.log").open("ab") as log:
            self.beats.append(subprocess.Popen(command, cwd=ROOT, stdout=log, stderr=log))

    def keep_alive(self) -> None:
        for worker in self.workers:
            worker.keep_alive()

    @property
    def processes(self) -> int:
        return sum(worker.processes for worker in self.workers)

    def stop(self) -> None:
        for beat in self.beats:
            beat.kill()
            beat.wait()
        for worker in self.workers:
            if worker.process:
                worker.process.stop()


class MailServer:
    """A mail server in a process of its own; killed and started again, it is at the same port with the same files."""

    def __init__(self, module: str, log: Path, *options: str) -> None:
        self.module, self.log, self.options = module, log, options
        self.port = 0
        self.popen: subprocess.Popen[str] | None = None

    def start(self) -> None:
        command = [sys.executable, "-m", self.module, "--log", str(self.log), "--port", str(self.port), *self.options]
        self.popen = subprocess.Popen(command, cwd=ROOT, stdout=subprocess.PIPE, text=True)
        assert self.popen.stdout
        self.port = int(self.popen.stdout.readline())

    def kill(self) -> None:
        if self.popen is not None:
            self.popen.kill()
            self.popen.wait()

    def url(self, **options: object) -> str:
        return f"smtp://127.0.0.1:{self.port}?" + "&".join(f"{name}={value}" for name, value in options.items())

    def arrived(self) -> int:
        return self.log.read_bytes().count(b"\n") if self.log.exists() else 0


def compared(sends: Iterable[int], *logs: Path) -> "Counter[str]":
    """The ledger of these sends beside what mail servers took: rows by state, `duplicates`, `lost`, `false_sent`,
    `unknown_at_sink`, `rows`."""
    from delivery.engine.tokens import message_id
    from delivery.sends.channels import identity_of
    from delivery.sends.models import Delivery, Send

    lines = [line for log in logs if log.exists() for line in log.read_text().splitlines()]
    taken = Counter(line.split("\t")[0] for line in lines)
    total: Counter[str] = Counter(duplicates=sum(count - 1 for count in taken.values()))
    for send_id in sends:
        domain = identity_of(Send.objects.get(pk=send_id)).from_address.rpartition("@")[2]
        for contact_id, state in Delivery.objects.filter(send_id=send_id).values_list("contact_id", "state"):
            at_sink = message_id(send_id, contact_id, domain) in taken
            total["rows"] += 1
            total[state] += 1
            total["unknown_at_sink"] += state == "unknown" and at_sink
            total["failed_at_sink"] += state in {"failed", "skipped"} and at_sink
            if not at_sink:
                total["lost"] += state not in {"failed", "skipped", "unknown"}
                total["false_sent"] += state == "sent"
    return total
