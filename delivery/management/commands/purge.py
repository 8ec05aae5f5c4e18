"""`manage.py purge`: delete events and ledgers past their retention; `--dry-run` only says which."""

from typing import Any

from django.core.management.base import BaseCommand, CommandParser

from delivery.sends.retention import outdated, purge


class Command(BaseCommand):
    help = "Purge single opens, clicks and ledgers past their retention. All sums stay."

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("--dry-run", action="store_true", help="only say what would go")

    def handle(self, *args: Any, **options: Any) -> None:
        found = outdated()
        for month, count in found.months:
            self.stdout.write(f"events of {month:%Y-%m}: {count}")
        for send, count in found.sends:
            self.stdout.write(f"ledger of {send} ({send.public_id}): {count}")
        if not found.months and not found.sends:
            self.stdout.write("No data is older than the retention.")
        elif not options["dry_run"]:
            months, sends = purge()
            self.stdout.write(f"Purged {months} months of events and {sends} ledgers.")
