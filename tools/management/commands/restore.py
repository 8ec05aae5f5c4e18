import contextlib
import os
from argparse import ArgumentParser
from pathlib import Path
from typing import Any

from django.core.management.base import BaseCommand, CommandError

from tools.backup.archive import Archive
from tools.backup.errors import BackupError
from tools.backup.home import RESTORING
from tools.backup.load import backup_load


class Command(BaseCommand):
    help = "Fills a new home from a backup: bin/manage [--home DIR] restore FILE [--passphrase-file FILE]."
    requires_system_checks = ()

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("file", type=Path, help="what bin/manage backup wrote")

    def handle(self, *args: Any, **options: Any) -> None:
        if not os.environ.get(RESTORING):
            raise CommandError("Start it as bin/manage restore FILE, which puts the backup's keys in place first.")
        try:
            with contextlib.closing(Archive(options["file"])) as archive:
                loaded = backup_load(archive, tell=self.say)
        except BackupError as error:
            raise CommandError(str(error)) from error
        self.say(
            f"Restored {loaded.rows:,} rows of {loaded.tables} tables, {loaded.media:,} media files, and "
            f"{loaded.events:,} events to collect."
        )
        for said in loaded.held:
            self.say(said)

    def say(self, text: str) -> None:
        self.stdout.write(text)
        self.stdout.flush()
