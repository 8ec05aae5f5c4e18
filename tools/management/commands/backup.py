from argparse import ArgumentParser
from pathlib import Path
from typing import Any

from django.core.management.base import BaseCommand, CommandError

from accounts.audit.services import audit_record
from accounts.company.models import Company
from tools.backup.errors import BackupError
from tools.backup.keys import PASSPHRASE, passphrase_given
from tools.backup.make import backup_make


class Command(BaseCommand):
    help = "Writes database, media and keys into one file that only its owner can read, while everything runs."

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("file", type=Path, help="to be made; one that exists is refused")
        parser.add_argument("--passphrase-file", type=Path, help=f"its first line seals the keys (or {PASSPHRASE})")
        parser.add_argument(
            "--without-events",
            action="store_true",
            help="go on though Redis is away: opens and clicks in it stay there",
        )

    def handle(self, *args: Any, **options: Any) -> None:
        try:
            passphrase = passphrase_given(options["passphrase_file"])
            made = backup_make(
                options["file"], passphrase=passphrase, has_events=not options["without_events"], tell=self.say
            )
        except BackupError as error:
            raise CommandError(str(error)) from error
        audit_record(
            actor=None, action="backup_make", subject=Company.get(), changes={"backup_file": (None, options["file"])}
        )
        self.say(
            f"Backup of {made.taken_at:%Y-%m-%d %H:%M:%S} UTC in {options['file']}: {made.size / 1e6:,.1f} MB; "
            f"{made.rows:,} rows of {made.tables} tables, {made.media:,} media files, {made.events:,} waiting events."
        )
        if passphrase is None:
            self.say("Its keys are not sealed: whoever reads the file reads them. Seal them with --passphrase-file.")

    def say(self, text: str) -> None:
        self.stdout.write(text)
        self.stdout.flush()
