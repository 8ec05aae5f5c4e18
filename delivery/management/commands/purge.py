"""`manage.py purge`: let go of events and ledgers older than the company keeps them; `--dry-run` only says which."""

from typing import Any

from django.core.management.base import BaseCommand, CommandParser

from delivery.sends.retention import outdated, purge


class Command(BaseCommand):
    help = "Let go of single opens, clicks and ledgers that are older than the settings keep them. All sums stay."

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("--dry-run", action="store_true", help="only say what would go")

    def handle(self, *args: Any, **options: Any) -> None:
        found = outdated()
        for month, count in found.months:
            self.stdout.write(f"events of {month:%Y-%m}: {count}")
        for send, count in found.sends:
            self.stdout.write(f"ledger of {send} ({send.public_id}): {count}")
        if not found.months and not found.sends:
            self.stdout.write("Nothing is older than it is kept.")
        elif not options["dry_run"]:
            months, sends = purge()
            self.stdout.write(f"Let go of {months} months of events and {sends} ledgers.")
