"""Taking a backup while everything runs: events first, then one snapshot of the database, then media and keys."""

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path

import redis
from django.conf import settings

from delivery.tracking.collect import events_at_rest, events_catch_up, events_waiting
from tools.backup.archive import CHUNK, DATABASE, EVENTS, KEYS, MEDIA, ArchiveWriter, Manifest, archive_write
from tools.backup.database import dump, server_version, snapshot_open
from tools.backup.errors import BackupError
from tools.backup.keys import Keys, keys_dump
from tools.servers.home import KEYS as KEY_NAMES

CATCH_UP_SECONDS = 120.0

Tell = Callable[[str], None]


@dataclass(frozen=True)
class Made:
    """What a backup holds."""

    taken_at: datetime
    tables: int
    rows: int
    media: int
    events: int
    size: int


def backup_make(path: Path, *, passphrase: str | None, tell: Tell, has_events: bool = True) -> Made:
    """Write a backup to `path`. Raises BackupError; then there is no file.

    An open or click that was acknowledged before the snapshot is in the snapshot, or among the events beside it: while
    the snapshot opens and the stream is read, nobody moves any.
    """
    with archive_write(path) as archive:
        if has_events:
            tell("Collecting opens and clicks…")
            if not events_catch_up(seconds=CATCH_UP_SECONDS):
                tell("Not all are in the database yet; the rest is kept beside it.")
        with snapshot_open() as snapshot:
            with events_at_rest():
                snapshot.open()
                events = _events(archive, events_waiting() if has_events else ())
            tell("Reading the database…")
            with archive.part(DATABASE) as part:
                dump(snapshot, part)
            rows, migrations = snapshot.rows(), snapshot.migrations()
        tell("Reading media…")
        media = _media(archive, Path(settings.MEDIA_ROOT))
        with archive.part(KEYS) as part:
            part.write(keys_dump(keys_now(), passphrase))
        archive.finish(
            Manifest(
                taken_at=snapshot.taken_at,
                postgres=server_version(),
                migrations=migrations,
                rows=rows,
                has_sealed_keys=passphrase is not None,
                parts=archive.parts,
            )
        )
    return Made(snapshot.taken_at, len(rows), sum(rows.values()), media, events, path.stat().st_size)


def keys_now() -> Keys:
    """The keys this installation works with."""
    values = {name: getattr(settings, name) for name in KEY_NAMES}
    return values | {"SECRET_KEY_FALLBACKS": ",".join(settings.SECRET_KEY_FALLBACKS)}


def _events(archive: ArchiveWriter, waiting: Iterable[bytes]) -> int:
    """What Redis acknowledged and Postgres does not have yet."""
    count = 0
    with archive.part(EVENTS) as part:
        try:
            for lines in waiting:
                part.write(lines)
                count += lines.count(b"\n")
        except redis.RedisError as error:
            raise BackupError(
                f"Redis cannot be read, and opens and clicks may wait in it: {error}. --without-events goes on."
            ) from error
    return count


def _media(archive: ArchiveWriter, folder: Path) -> int:
    """The files below `folder`; one that goes meanwhile was not in the snapshot's use any more."""
    count = 0
    for path in sorted(folder.rglob("*")):
        try:
            file = path.open("rb") if path.is_file() and not path.is_symlink() else None
        except FileNotFoundError:
            continue
        if file is None:
            continue
        with file, archive.part(f"{MEDIA}{path.relative_to(folder).as_posix()}") as part:
            while chunk := file.read(CHUNK):
                part.write(chunk)
        count += 1
    return count
