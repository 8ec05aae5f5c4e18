"""Exactness under fire: sends while workers are killed, Postgres and Valkey restarted, and tasks delivered twice.

`bin/bench chaos --recipients 20000 --rounds 20`. Real Celery workers on two homes (as on two hosts), two beats, and a
PostgreSQL and a Valkey of its own that it may restart. The verdict is read from the mail server's own file of
(Message-ID, recipient), written before its 250, against the ledger.
"""

import argparse
import json
import os
import random
import shutil
import subprocess
import sys
import tempfile
import time
from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import psutil
import psycopg2
import redis

from config.services.errors import StartError
from config.services.home import Home
from config.services.postgres import Postgres
from config.services.process import Process
from config.services.valkey import Valkey

ROOT = Path(__file__).resolve().parents[1]
PROCESSES = 2
HOMES = 2
ROUND_SECONDS = 300


def say(*words: object) -> None:
    print(*words, file=sys.stderr, flush=True)


@dataclass
class Worker:
    """A Celery worker with a home of its own; `kills` counts processes that could have had mail in hand."""

    number: int
    folder: Path
    process: Process | None = None
    kills: int = 0
    exits: int = 0
    restarts: list[float] = field(default_factory=list)

    def start(self) -> None:
        home = self.folder / f"host-{self.number}"
        home.mkdir(exist_ok=True)
        log = self.folder / f"worker-{self.number}.log"
        log.write_text("")
        node = f"chaos{self.number}@{os.getpid()}"
        options = ["-n", node, "-Q", "default,send", "-c", str(PROCESSES), "--loglevel", "INFO", "--without-gossip"]
        self.process = Process(
            name="Celery worker",
            command=[sys.executable, "-m", "celery", "-A", "config", "worker", *options],
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


class Chaos:
    """One installation and everything that happens to it."""

    def __init__(self, folder: Path, arguments: argparse.Namespace) -> None:
        self.folder, self.arguments = folder, arguments
        self.log = folder / "sink.log"
        self.home = Home(folder / "servers")
        self.home.path.mkdir(mode=0o711)
        self.home.open()
        self.postgres, self.valkey = Postgres(self.home), Valkey(self.home)
        self.servers: dict[str, Process] = {}
        self.others: list[subprocess.Popen[Any]] = []
        self.workers = [Worker(number, folder) for number in range(HOMES)]
        self.done: Counter[str] = Counter()

    def start(self) -> None:
        self.servers["postgres"] = self.postgres.start()
        self.servers["valkey"] = self.valkey.start()
        sink = subprocess.Popen(
            [sys.executable, "-m", "campaigns.tests.sink", "--log", str(self.log)], stdout=subprocess.PIPE, text=True
        )
        self.others.append(sink)
        assert sink.stdout
        self.port = int(sink.stdout.readline())
        os.environ |= {
            "DJANGO_SETTINGS_MODULE": "config.settings",
            "DATABASE_URL": self.postgres.url,
            "REDIS_URL": self.valkey.url,
            "SECRET_KEY": "chaos-" * 10,
            "CAUCE_HOME": str(self.folder / "host-0"),
            "LOG_LEVEL": "WARNING",
            "EMAIL_URL": f"smtp://127.0.0.1:{self.port}?connections={self.arguments.connections}",
        }
        (self.folder / "host-0").mkdir()
        import django
        from django.core.management import call_command

        django.setup()
        call_command("migrate", verbosity=0)
        for worker in self.workers:
            worker.start()
        for worker in self.workers:
            assert worker.process
            worker.process.wait_until_ready(120)
        for number in range(2):
            self.beat(number)

    def beat(self, number: int) -> None:
        schedule = str(self.folder / f"beat-{number}")
        command = [sys.executable, "-m", "celery", "-A", "config", "beat", "-s", schedule, "--pidfile", ""]
        with (self.folder / f"beat-{number}.log").open("ab") as log:
            self.others.append(subprocess.Popen(command, cwd=ROOT, stdout=log, stderr=log))

    def stop(self) -> None:
        for other in self.others:
            other.kill()
            other.wait()
        for worker in self.workers:
            if worker.process:
                worker.process.stop()
        for server in reversed(self.servers.values()):
            server.stop()

    # --- What happens ---

    def kill_process(self) -> None:
        random.choice(self.workers).kill(whole=False)

    def kill_worker(self) -> None:
        random.choice(self.workers).kill(whole=True)

    def restart_postgres(self) -> None:
        self.servers["postgres"].stop()
        time.sleep(random.uniform(0, 2))
        self.servers["postgres"] = self.postgres.start()

    def restart_valkey(self) -> None:
        self.servers["valkey"].stop()
        time.sleep(random.uniform(0, 2))
        self.servers["valkey"] = self.valkey.start()

    def empty_valkey(self) -> None:
        redis.Redis.from_url(self.valkey.url).flushall()

    def deliver_twice(self, send_id: int) -> None:
        """Every task a second time, whether or not it is needed."""
        from celery import current_app

        for task, arguments in (("deliver", {"send_id": send_id}), ("tick", {}), ("wake", {"send_id": send_id})):
            for _again in range(2):
                try:
                    current_app.send_task(f"campaigns.{task}", kwargs=arguments, retry=False)
                except Exception as error:
                    say("  not delivered:", error)

    # --- Rounds ---

    def arrived(self) -> int:
        return self.log.read_bytes().count(b"\n") if self.log.exists() else 0

    def round(self, number: int) -> int:
        from bench.send import freeze, make_send
        from campaigns.models import Send

        recipients: int = self.arguments.recipients
        events: list[Callable[[], None]] = [
            self.kill_worker, self.kill_process, self.kill_process, self.restart_postgres, self.restart_valkey,
        ]  # fmt: skip
        if number == self.arguments.rounds // 2:
            events.append(self.empty_valkey)
        random.shuffle(events)
        send = make_send("", per_second=self.arguments.per_second or None)
        freeze(send)
        before = self.arrived()
        at = sorted(random.uniform(0.02, 0.9) * recipients for _event in events)
        deadline = time.monotonic() + ROUND_SECONDS
        while time.monotonic() < deadline:
            for worker in self.workers:
                worker.keep_alive()
            if events and (self.arrived() - before >= at[0] or not self.is_running(send.pk)):
                at.pop(0)
                event = events.pop()
                say(f"  at {self.arrived() - before}: {event.__name__}")
                event()
                self.done[event.__name__] += 1
                self.deliver_twice(send.pk)
            elif self.is_running(send.pk):
                time.sleep(0.05)
            elif not events:
                break
        self.ask(lambda: Send.objects.filter(pk=send.pk).update(per_second=None))
        state = self.ask(lambda: Send.objects.get(pk=send.pk))
        say(f"round {number + 1}: {state.state} {state.state_reason} {self.arrived() - before} arrived")
        return int(send.pk)

    def is_running(self, send_id: int) -> bool:
        from campaigns.models import Send

        return bool(self.ask(lambda: Send.objects.filter(pk=send_id, state="sending").exists()))

    def ask(self, question: Callable[[], Any]) -> Any:
        """Asked again until Postgres answers."""
        from django import db

        for _again in range(120):
            try:
                return question()
            except (db.DatabaseError, db.InterfaceError, psycopg2.Error):
                db.connection.close()
                time.sleep(0.5)
        raise StartError("PostgreSQL does not come back")

    # --- The verdict ---

    def verdict(self, sends: list[int]) -> dict[str, Any]:
        from campaigns.engine.tokens import message_id
        from campaigns.models import Delivery, Send

        taken = Counter(line.split("\t")[0] for line in self.log.read_text().splitlines())
        total: Counter[str] = Counter(duplicates=sum(count - 1 for count in taken.values()))
        for send_id in sends:
            domain = Send.objects.get(pk=send_id).identity.from_address.rpartition("@")[2]
            rows = Delivery.objects.filter(send_id=send_id).values_list("contact_id", "state")
            total["missing_rows"] += self.arguments.recipients - len(rows)
            for contact_id, state in rows:
                at_sink = message_id(send_id, contact_id, domain) in taken
                total[state] += 1
                total["unknown_at_sink"] += state == "unknown" and at_sink
                if not at_sink:
                    total["lost"] += state not in {"failed", "skipped", "unknown"}
                    total["false_sent"] += state == "sent"
        unfinished = Send.objects.filter(pk__in=sends).exclude(state="finished").count()
        kills = sum(worker.kills for worker in self.workers)
        allowed = kills * self.arguments.connections
        restarts = [seconds for worker in self.workers for seconds in worker.restarts]
        return {
            "recipients": self.arguments.recipients,
            "rounds": len(sends),
            "kills": kills,
            "events": dict(self.done),
            "duplicates": total["duplicates"],
            "lost": total["lost"] + total["missing_rows"],
            "false_sent": total["false_sent"],
            "unknown": total["unknown"],
            "unknown_allowed": allowed,
            "unknown_over_allowed": max(0, total["unknown"] - allowed),
            "unknown_at_sink": total["unknown_at_sink"],
            "sent": total["sent"],
            "unfinished": unfinished,
            "worker_exits": sum(worker.exits for worker in self.workers),
            "worker_restart_s": round(max(restarts, default=0.0), 1),
            "sink": "campaigns.tests.sink (asyncio on uvloop)",
        }


def main() -> None:
    parser = argparse.ArgumentParser()
    parser.add_argument("--recipients", type=int, default=20_000)
    parser.add_argument("--rounds", type=int, default=20)
    parser.add_argument("--connections", type=int, default=2)
    parser.add_argument("--per-second", type=int, default=0, help="slow the sends down, so that more happens in each")
    parser.add_argument("--seed", type=int, default=None)
    parser.add_argument("--keep", action="store_true", help="leave the folder with all logs")
    arguments = parser.parse_args()
    random.seed(arguments.seed)
    folder = Path(tempfile.mkdtemp(prefix="cauce-chaos-"))
    folder.chmod(0o711)
    chaos = Chaos(folder, arguments)
    try:
        chaos.start()
        from bench.send import make_contacts
        from campaigns.models import SendingPolicy

        make_contacts(arguments.recipients)
        SendingPolicy.objects.update_or_create(pk=1, defaults={"cap_messages": 10_000})
        sends = [chaos.round(number) for number in range(arguments.rounds)]
        result = chaos.ask(lambda: chaos.verdict(sends))
    finally:
        chaos.stop()
        if arguments.keep:
            say("logs:", folder)
        else:
            shutil.rmtree(folder, ignore_errors=True)
    print(json.dumps(result))


if __name__ == "__main__":
    main()
