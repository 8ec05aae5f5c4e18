"""The file of a backup: a zip of its parts, with their checksums in the last one, `manifest.json`.

The zip's directory stands at its end, so a file that was cut off cannot be opened; checksums find what changed since.
Any unzip takes it apart: `unzip -p FILE database.dump | pg_restore …`.
"""

import fcntl
import hashlib
import json
import os
import time
import zipfile
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import asdict, dataclass, field
from datetime import datetime
from pathlib import Path, PurePosixPath
from typing import IO, BinaryIO, Protocol

from tools.backup.errors import BackupError

FORMAT = 1
MANIFEST, DATABASE, EVENTS, KEYS, MEDIA = "manifest.json", "database.dump", "events.tsv", "keys.json", "media/"
CHUNK = 1 << 20


@dataclass(frozen=True)
class Manifest:
    """What a backup holds and when it was taken; `rows` by table, `migrations` by app, `parts` as (bytes, SHA-256)."""

    taken_at: datetime
    postgres: int
    migrations: dict[str, list[str]]
    rows: dict[str, int]
    has_sealed_keys: bool
    parts: dict[str, tuple[int, str]] = field(default_factory=dict)
    format: int = FORMAT

    def dump(self) -> str:
        return json.dumps(asdict(self) | {"taken_at": self.taken_at.isoformat()}, indent=1)


class Writable(Protocol):
    def write(self, data: bytes, /) -> object: ...


class Part:
    """One part while it is written; it counts and sums up what passes."""

    def __init__(self, file: IO[bytes]) -> None:
        self.file, self.size, self.digest = file, 0, hashlib.sha256()

    def write(self, data: bytes, /) -> None:
        self.file.write(data)
        self.size += len(data)
        self.digest.update(data)


class ArchiveWriter:
    def __init__(self, file: BinaryIO) -> None:
        self.zip = zipfile.ZipFile(file, "w", zipfile.ZIP_STORED)
        self.parts: dict[str, tuple[int, str]] = {}

    @contextmanager
    def part(self, name: str) -> Iterator[Writable]:
        entry = zipfile.ZipInfo(name, time.localtime()[:6])
        entry.compress_type = zipfile.ZIP_STORED if name == DATABASE else zipfile.ZIP_DEFLATED
        with self.zip.open(entry, "w", force_zip64=True) as file:
            part = Part(file)
            yield part
        self.parts[name] = (part.size, part.digest.hexdigest())

    def finish(self, manifest: Manifest) -> None:
        self.zip.writestr(MANIFEST, manifest.dump())
        self.zip.close()


@contextmanager
def archive_write(path: Path) -> Iterator[ArchiveWriter]:
    """A new file that only its owner reads. It has its name when it is whole and on the disk; before it is `FILE.part`.

    Raises BackupError when there is a file of that name, or another backup writes it.
    """
    if path.exists():
        raise BackupError(f"{path} exists already. Choose another name: a backup replaces none.")
    draft = path.with_name(f"{path.name}.part")
    try:
        file = os.fdopen(os.open(draft, os.O_RDWR | os.O_CREAT, 0o600), "r+b")
    except OSError as error:
        raise BackupError(f"Cannot write to {draft}: {error.strerror}.") from error
    with file:
        try:
            fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except OSError as error:
            raise BackupError(f"Another backup writes {draft} now.") from error
        try:
            os.fchmod(file.fileno(), 0o600)
            file.truncate(0)
            yield ArchiveWriter(file)
            file.flush()
            os.fsync(file.fileno())
            draft.rename(path)
        except OSError as error:
            raise BackupError(f"The backup could not be written to {draft}: {error.strerror or error}.") from error
        finally:
            draft.unlink(missing_ok=True)
    folder = os.open(path.parent, os.O_RDONLY)
    os.fsync(folder)
    os.close(folder)


class Archive:
    """A backup's file, open for reading. Raises BackupError when it is none, unfinished, or of a newer version."""

    def __init__(self, path: Path) -> None:
        self.path = path
        try:
            self.zip = zipfile.ZipFile(path)
            content = json.loads(self.zip.read(MANIFEST))
        except OSError as error:
            raise BackupError(f"{path} cannot be read: {error.strerror}.") from error
        except (zipfile.BadZipFile, KeyError, ValueError) as error:
            raise BackupError(
                f"{path} is not a finished backup: it was cut off, or it is another kind of file."
            ) from error
        if content.get("format", 0) > FORMAT:
            raise BackupError(f"{path} was made by a newer version of Cauce. Install that version, then restore it.")
        content["taken_at"] = datetime.fromisoformat(content["taken_at"])
        self.manifest = Manifest(**content)

    def check(self) -> None:
        """Read everything once. Raises BackupError when a part is missing, was added, or is not what was written."""
        names = self.zip.namelist()
        expected = [*self.manifest.parts, MANIFEST]
        if sorted(names) != sorted(expected):
            odd = ", ".join(sorted(set(names) ^ set(expected))[:5]) or "a part twice"
            raise BackupError(f"{self.path} was changed after the backup: {odd}.")
        for name, (size, checksum) in self.manifest.parts.items():
            digest, count = hashlib.sha256(), 0
            try:
                for chunk in self.chunks(name):
                    digest.update(chunk)
                    count += len(chunk)
            except (zipfile.BadZipFile, OSError, EOFError) as error:
                raise BackupError(f"{self.path} is damaged in {name}: {error}.") from error
            if (count, digest.hexdigest()) != (size, checksum):
                raise BackupError(f"{self.path} is damaged in {name}: its checksum is another.")

    def chunks(self, name: str) -> Iterator[bytes]:
        with self.zip.open(name) as file:
            while chunk := file.read(CHUNK):
                yield chunk

    def read(self, name: str) -> bytes:
        return self.zip.read(name)

    def extract_media(self, folder: Path) -> int:
        """Write the media below `folder`; how many files. Raises BackupError for a name that leads out of it."""
        count = 0
        for name in self.manifest.parts:
            if not name.startswith(MEDIA):
                continue
            inside = PurePosixPath(name.removeprefix(MEDIA))
            if inside.is_absolute() or ".." in inside.parts or not inside.parts:
                raise BackupError(f"{self.path} holds a file with a name that leads elsewhere: {name}.")
            target = folder / inside
            target.parent.mkdir(parents=True, exist_ok=True)
            with target.open("wb") as file:
                for chunk in self.chunks(name):
                    file.write(chunk)
            count += 1
        return count

    def close(self) -> None:
        self.zip.close()
