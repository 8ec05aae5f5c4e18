"""Filling an empty database and media folder from a backup, so that nothing in it goes on by itself."""

from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

import psycopg2
from django.conf import settings
from django.core.management import call_command
from django.db import DatabaseError, connection, transaction
from django.db.migrations.loader import MigrationLoader
from django.db.models import Model

from accounts.audit.services import audit_record
from accounts.company.models import Company
from accounts.people.models import User
from core.restored import restore_holds
from crm.contacts.models import Contact
from delivery.tracking.collect import events_take_in
from tools.backup.archive import DATABASE, EVENTS, Archive
from tools.backup.database import (
    counters_advance,
    database_is_in_use,
    database_tables,
    load,
    rows_that_differ,
    server_version,
)
from tools.backup.errors import BackupError

Tell = Callable[[str], None]


@dataclass(frozen=True)
class Loaded:
    """What was restored, and what was held, in sentences."""

    tables: int
    rows: int
    media: int
    events: int
    held: tuple[str, ...]


def backup_load(archive: Archive, *, tell: Tell) -> Loaded:
    """Load a checked archive. Raises BackupError; then the database is as empty as it was.

    The data and its holds become visible in one commit: a worker that starts too early finds nothing, or nothing to do.
    """
    manifest = archive.manifest
    refuse_newer(manifest.migrations, manifest.postgres)
    refuse_unless_empty()
    tell("Restoring media…")
    media = archive.extract_media(Path(settings.MEDIA_ROOT))
    tell("Restoring the database…")
    held = _load_and_hold(archive)
    tell("Bringing the tables up to this version…")
    try:
        events = _bring_up(archive)
    except Exception as error:
        raise BackupError(
            f"The data is in the database, but then this went wrong: {error}. Empty the database, then try again."
        ) from error
    return Loaded(len(manifest.rows), sum(manifest.rows.values()), media, events, held)


def _load_and_hold(archive: Archive) -> tuple[str, ...]:
    manifest = archive.manifest
    try:
        with transaction.atomic(), connection.cursor() as cursor:
            load(archive.chunks(DATABASE))
            if different := list(rows_that_differ(cursor, manifest.rows)):
                raise BackupError(f"Tables do not have the rows they had: {', '.join(different[:5])}.")
            counters_advance(cursor)
            return tuple(said for hold in restore_holds for said in hold.hold(manifest.taken_at))
    except (DatabaseError, psycopg2.Error) as error:
        raise BackupError(f"The database did not take the backup: {error}") from error
    finally:
        connection.close()  # with the settings of the dump's script


def _bring_up(archive: Archive) -> int:
    """What needs the tables of this version; how many events wait to be collected."""
    call_command("migrate", interactive=False, verbosity=0)
    lines = archive.read(EVENTS).decode().splitlines(keepends=True)
    with transaction.atomic():
        events = events_take_in(lines)
        taken_at = archive.manifest.taken_at
        audit_record(
            actor=None, action="backup_restore", subject=Company.get(), changes={"backup_taken_at": (None, taken_at)}
        )
    with connection.cursor() as cursor:
        cursor.execute("ANALYZE")
    return events


def refuse_newer(migrations: dict[str, list[str]], postgres: int) -> None:
    """Raises BackupError when the backup knows steps this version does not, or is of a newer PostgreSQL."""
    known = MigrationLoader(None).disk_migrations.keys()
    unknown = [f"{app}.{name}" for app, names in migrations.items() for name in names if (app, name) not in known]
    if unknown:
        raise BackupError(
            f"The backup was made by a newer version of Cauce, or another one ({unknown[-1]} is not here). "
            "Install that version, restore, then upgrade."
        )
    if server_version() < postgres:
        raise BackupError(
            f"The backup is of PostgreSQL {postgres}, and this server is {server_version()}. Use {postgres} or newer."
        )


def refuse_unless_empty() -> None:
    """Raises BackupError when the database holds anything, or other programs are connected to it."""
    if tables := database_tables():
        raise BackupError(f"The database is not empty: {_contents(set(tables))}. Restore into a new, empty database.")
    if count := database_is_in_use():
        raise BackupError(f"{count} other programs use the database. Stop web, workers and scheduler first.")


def _contents(tables: set[str]) -> str:
    kinds: dict[type[Model], str] = {Company: "a company", User: "users", Contact: "contacts"}
    found = [
        words for model, words in kinds.items() if model._meta.db_table in tables and model._default_manager.exists()
    ]
    return "it has " + ", ".join(found or [f"{len(tables)} tables"])
