"""A mail server that puts off, refuses, hangs, hangs up and turns away: whoever can be reached gets it once.

`bin/bench faults --recipients 20000`. Real Celery workers on two homes send through `bench.faulty` until the send is
finished; what is put off comes again after two seconds (SENDING_RETRY_SECONDS) instead of a minute, and an answer may
take two (`?timeout=2`). The verdict is read from the server's own file of (Message-ID, recipient), written before its
250, against the ledger. `--no-pipelining` and `--no-8bitmime` take extensions away; `--outage 15` kills the server in
mid-send and starts it again so many seconds later.
"""

import argparse
import json
import os
import shutil
import tempfile
import time
from collections import Counter
from pathlib import Path
from typing import Any

from bench.faulty import AMBIGUOUS, is_refused
from bench.fleet import Fleet, MailServer, compared, say
from bench.send import freeze, make_contacts, make_send

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "config.settings")
MAX_SECONDS = 900


class Outage:
    """The server is away for some seconds in the middle; what the send's page says, and when mail comes again."""

    def __init__(self, server: MailServer, *, seconds: float, after: int) -> None:
        self.server, self.seconds, self.after = server, seconds, after
        self.began = self.ended = self.back = 0.0
        self.at_end = 0
        self.reasons: set[str] = set()

    def step(self, send_id: int) -> None:
        now = time.monotonic()
        if not self.began and self.server.arrived() >= self.after:
            self.began = now
            self.server.kill()
            say(f"  the mail server is gone at {self.server.arrived()}")
        elif self.began and not self.ended:
            self.reasons |= breaker_words(send_id)
            if now - self.began >= self.seconds:
                self.at_end = self.server.arrived()
                self.server.start()
                self.ended = now
                say("  the mail server is back")
        elif self.ended and not self.back and self.server.arrived() > self.at_end:
            self.back = now

    def found(self, send_id: int) -> dict[str, Any]:
        return {
            "outage": self.seconds,
            "breaker_seen": bool(self.reasons),
            "breaker_said": sorted(self.reasons)[:1],
            "breaker_closed": not breaker_words(send_id),
            "mail_again_s": round(self.back - self.ended, 1),
        }


def breaker_words(send_id: int) -> set[str]:
    """What the send and its provider say is wrong now."""
    from delivery.sends.models import Send
    from delivery.transports.models import ProviderUse

    words = set(ProviderUse.objects.exclude(broken_until=None).values_list("broken_reason", flat=True))
    words |= set(Send.objects.filter(pk=send_id, failing_since__isnull=False).values_list("state_reason", flat=True))
    return words


def measure(arguments: argparse.Namespace, folder: Path) -> dict[str, Any]:
    from delivery.engine.tick import wake
    from delivery.sends.models import Delivery, Send

    options = [name for name in ("--no-pipelining", "--no-8bitmime") if getattr(arguments, name[2:].replace("-", "_"))]
    events = folder / "events"
    server = MailServer("bench.faulty", folder / "sink.log", "--events", str(events), *options)
    fleet = Fleet(folder)
    try:
        server.start()
        fleet.start()
        send = make_send(server.url(connections=arguments.connections, timeout=2))
        freeze(send)
        wake(send.pk)
        say("frozen:", send.audience)
        began, told = time.monotonic(), 0.0
        outage = Outage(server, seconds=arguments.outage, after=arguments.recipients * 2 // 5)
        while time.monotonic() - began < MAX_SECONDS:
            state = Send.objects.get(pk=send.pk).state
            if state != Send.State.SENDING:
                break
            fleet.keep_alive()
            if arguments.outage:
                outage.step(send.pk)
            if time.monotonic() - told > 10:
                told = time.monotonic()
                say(f"  {told - began:.0f} s: {server.arrived()} arrived")
            time.sleep(0.1)
        seconds = time.monotonic() - began
    finally:
        fleet.stop()
        server.kill()
    send.refresh_from_db()
    say(send.state, send.state_reason)
    total = compared([send.pk], server.log)
    done = Counter(events.read_text().split())
    rows = Delivery.objects.filter(send_id=send.pk).values_list("address", "state")
    undelivered = [
        address for address, state in rows if state not in {"sent", "unknown"} and not is_refused(address.encode())
    ]
    say("not delivered:", undelivered[:10])
    open_at_once = fleet.processes * arguments.connections
    # A server that breaks off is met unprepared once per connection; whatever is killed has one message on each.
    allowed = sum(done[how] for how in AMBIGUOUS) + open_at_once * (2 if arguments.outage else 1)
    return {
        "recipients": arguments.recipients,
        "sent": total["sent"],
        "failed": total["failed"],
        "unknown": total["unknown"],
        "unknown_allowed": allowed,
        "unknown_at_sink": total["unknown_at_sink"],
        "deferred_tries": done["t454"] + done["t451"],
        "drops": done["drop"] + done["gone"] + done["lost"],
        "hangs": done["hang"] + done["stall"] + done["mute"],
        "turned_away": done["turned_away"],
        "events": dict(sorted(done.items())),
        "duplicates": total["duplicates"],
        "lost": total["lost"] + arguments.recipients - total["rows"],
        "false_sent": total["false_sent"],
        "undelivered": len(undelivered),
        "seconds": round(seconds, 1),
        "finished": send.state == Send.State.FINISHED,
        "messages_per_second": round(total["sent"] / seconds),
        "connections": open_at_once,
        **(outage.found(send.pk) if arguments.outage else {}),
        "sink": "bench.faulty (asyncio on uvloop)" + "".join(f" {option}" for option in options),
    }


def main() -> None:
    parser = argparse.ArgumentParser()
    parser.add_argument("--recipients", type=int, default=20_000)
    parser.add_argument("--connections", type=int, default=4)
    parser.add_argument("--outage", type=float, default=0.0, help="seconds without the mail server, in mid-send")
    parser.add_argument("--no-pipelining", action="store_true")
    parser.add_argument("--no-8bitmime", action="store_true")
    parser.add_argument("--keep", action="store_true", help="leave the folder with all logs")
    arguments = parser.parse_args()
    os.environ.setdefault("SENDING_RETRY_SECONDS", "2")
    import django

    django.setup()
    from django.core.management import call_command

    from delivery.guardrails.models import SendingPolicy

    call_command("migrate", verbosity=0)
    make_contacts(arguments.recipients)
    SendingPolicy.objects.update_or_create(pk=1, defaults={"cap_messages": 10_000})
    folder = Path(tempfile.mkdtemp(prefix="cauce-faults-"))
    folder.chmod(0o711)
    try:
        result = measure(arguments, folder)
    finally:
        if arguments.keep:
            say("logs:", folder)
        else:
            shutil.rmtree(folder, ignore_errors=True)
    print(json.dumps(result))


if __name__ == "__main__":
    main()
