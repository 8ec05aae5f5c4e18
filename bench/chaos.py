"""Exactness under fire: sends while workers are killed, Postgres and Valkey restarted, and tasks delivered twice.

`bin/bench chaos --recipients 20000 --rounds 20`. Real Celery workers on two homes (as on two hosts), two beats, and a
PostgreSQL and a Valkey of its own that it may restart. Mail goes by two providers; in every round the one in use is
killed and started again. The verdict is read from the mail servers' own files of (Message-ID, recipient), written
before their 250, against the ledger.
"""

import argparse
import json
import os
import random
import shutil
import tempfile
import time
from collections import Counter
from collections.abc import Callable
from pathlib import Path
from typing import Any

import psycopg2
import redis

from bench.fleet import Fleet, MailServer, compared, say
from tools.servers.errors import StartError
from tools.servers.home import Home
from tools.servers.postgres import Postgres
from tools.servers.process import Process
from tools.servers.valkey import Valkey

ROOT = Path(__file__).resolve().parents[1]
ROUND_SECONDS = 300


class Chaos:
    """One installation and everything that happens to it."""

    def __init__(self, folder: Path, arguments: argparse.Namespace) -> None:
        self.folder, self.arguments = folder, arguments
        self.home = Home(folder / "servers")
        self.home.path.mkdir(mode=0o711)
        self.home.open()
        self.postgres, self.valkey = Postgres(self.home), Valkey(self.home)
        self.servers: dict[str, Process] = {}
        self.fleet = Fleet(folder)
        self.mail = [MailServer("delivery.transports.tests.sink", folder / f"sink-{number}.log") for number in range(2)]
        self.mail_kills = 0
        self.done: Counter[str] = Counter()

    def start(self) -> None:
        self.servers["postgres"] = self.postgres.start()
        self.servers["valkey"] = self.valkey.start()
        for server in self.mail:
            server.log.touch()
            server.start()
        os.environ |= {
            "DJANGO_SETTINGS_MODULE": "config.settings",
            "DATABASE_URL": self.postgres.url,
            "REDIS_URL": self.valkey.url,
            "SECRET_KEY": "chaos-" * 10,
            "CAUCE_HOME": str(self.folder / "host-0"),
            "LOG_LEVEL": "WARNING",
            "EMAIL_URL": "smtp://127.0.0.1:1",
        }
        (self.folder / "host-0").mkdir()
        import django
        from django.core.management import call_command

        django.setup()
        call_command("migrate", verbosity=0)
        self.fleet.start()

    def stop(self) -> None:
        self.fleet.stop()
        for mail in self.mail:
            mail.kill()
        for server in reversed(self.servers.values()):
            server.stop()

    # --- What happens ---

    def kill_process(self) -> None:
        random.choice(self.fleet.workers).kill(whole=False)

    def kill_worker(self) -> None:
        random.choice(self.fleet.workers).kill(whole=True)

    def kill_mail_server(self) -> None:
        """The one that took a message last."""
        server = max(self.mail, key=lambda one: one.log.stat().st_mtime)
        server.kill()
        self.mail_kills += 1
        time.sleep(random.uniform(0, 2))
        server.start()

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
        return sum(server.arrived() for server in self.mail)

    def round(self, number: int) -> int:
        from bench.send import freeze, make_send
        from delivery.sends.models import Send
        from delivery.transports.tests.factories import through

        recipients: int = self.arguments.recipients
        events: list[Callable[[], None]] = [
            self.kill_worker, self.kill_process, self.kill_process, self.restart_postgres, self.restart_valkey,
            self.kill_mail_server,
        ]  # fmt: skip
        if number == self.arguments.rounds // 2:
            events.append(self.empty_valkey)
        random.shuffle(events)
        send = make_send("", per_second=self.arguments.per_second or None)
        if number == 0:
            through(send.identity, *[server.url(connections=self.arguments.connections) for server in self.mail])
        freeze(send)
        before = self.arrived()
        at = sorted(random.uniform(0.02, 0.9) * recipients for _event in events)
        deadline = time.monotonic() + ROUND_SECONDS
        while time.monotonic() < deadline:
            self.fleet.keep_alive()
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
        from delivery.sends.models import Send

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
        from delivery.sends.models import Send

        total = compared(sends, *[server.log for server in self.mail])
        total["missing_rows"] = self.arguments.recipients * len(sends) - total["rows"]
        unfinished = Send.objects.filter(pk__in=sends).exclude(state="finished").count()
        kills = sum(worker.kills for worker in self.fleet.workers)
        # A killed mail server had connections of every worker's processes.
        allowed = (kills + self.mail_kills * self.fleet.processes) * self.arguments.connections
        restarts = [seconds for worker in self.fleet.workers for seconds in worker.restarts]
        return {
            "recipients": self.arguments.recipients,
            "rounds": len(sends),
            "kills": kills,
            "mail_server_kills": self.mail_kills,
            "by_server": [server.arrived() for server in self.mail],
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
            "worker_exits": sum(worker.exits for worker in self.fleet.workers),
            "worker_restart_s": round(max(restarts, default=0.0), 1),
            "sink": "two of delivery.transports.tests.sink (asyncio on uvloop)",
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
        from delivery.guardrails.models import SendingPolicy

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
