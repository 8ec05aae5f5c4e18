import hashlib
import os
import secrets
from argparse import ArgumentParser
from pathlib import Path
from typing import Any

from django.conf import settings
from django.core.management import call_command
from django.core.management.base import BaseCommand
from django.db import transaction
from django.utils.translation import gettext as _

from accounts.people.models import User
from accounts.people.services.people import user_create
from config.static_files import EXCLUDED

DIRECTOR = "director@cauce.example"


class Command(BaseCommand):
    help = "What bin/run does between the database and the web: tables, first people or demo company, static files."
    requires_system_checks = ()

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("--tables-only", action="store_true", help="only the tables: what bin/manage needs")
        parser.add_argument("--empty", action="store_true", help="no demo company: one director in an empty house")

    def handle(self, *args: Any, **options: Any) -> None:
        self.say("Preparing the database…")
        call_command("migrate", interactive=False, verbosity=0)
        if options["tables_only"]:
            return
        if not User.objects.exists():
            if not options["empty"]:
                self.say("Loading the demo company (about half a minute)…")
                call_command("demo_load")
            else:
                self.first_director()
        self.collect_static_files()

    def say(self, text: str) -> None:
        self.stdout.write(text)
        self.stdout.flush()

    @transaction.atomic
    def first_director(self) -> None:
        password = secrets.token_urlsafe(12)
        user_create(
            email=DIRECTOR, full_name=_("Marketing director"), role=User.Role.DIRECTOR, password=password, actor=None
        )
        save_sign_ins(f"{DIRECTOR}  {password}\n")

    def collect_static_files(self) -> None:
        """Only when a source is newer or other than last time: compressing them takes a while."""
        stamp, state = Path(settings.STATIC_ROOT) / ".made-from", _static_state()
        if stamp.is_file() and stamp.read_text() == state:
            return
        self.say("Collecting static files…")
        call_command("collectstatic", interactive=False, verbosity=0, clear=True, ignore_patterns=EXCLUDED)
        stamp.write_text(state)


def save_sign_ins(text: str) -> None:
    """Write the first sign-ins where `bin/run` reads them; only the home's owner can."""
    path = Path(settings.HOME) / "sign-ins.txt"
    with os.fdopen(os.open(path, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600), "w") as handle:
        handle.write(text)


def _static_state() -> str:
    """A hash over path, size and time of every source of static files."""
    digest = hashlib.blake2b()
    for entry in settings.STATICFILES_DIRS:
        folder = Path(entry[1] if isinstance(entry, tuple) else entry)
        for path in sorted(folder.rglob("*")):
            status = path.stat()
            digest.update(f"{path} {status.st_size} {status.st_mtime_ns}\n".encode())
    return digest.hexdigest()
