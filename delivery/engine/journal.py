"""The local journal: what a worker had on the wire. After a kill -9 one message per connection is unknown, no more.

One file per claim, under `HOME/journal`, held with a lock (flock) by its living owner: a file whose lock can
be taken belongs to nobody any more. Before a body leaves, `begin` is on file; after its last answer, the result. Both
go to the kernel with a write and without a sync: they survive the process, not the machine. A machine that is lost
with its disk is found by the heartbeat of its claims instead (`delivery.engine.recover`).

A line is `P send batch provider`, `B send batch contact` or
`R send batch contact state reason code next_attempt reply`, separated by tabs.
"""

import fcntl
import os
import secrets
import time
from collections.abc import Iterator
from contextlib import suppress
from dataclasses import dataclass
from datetime import datetime
from functools import cache
from pathlib import Path
from typing import Self

from django.conf import settings

from delivery.engine.ledger import Result

KEPT_SECONDS = 24 * 3600


def journal_folder() -> Path:
    folder: Path = settings.HOME / "journal"
    folder.mkdir(parents=True, exist_ok=True)
    return folder


@cache
def host_id() -> str:
    """The name of this home: a claim's journal is found only by workers that share it."""
    path = journal_folder() / "host"
    try:
        with path.open("x") as file:
            file.write(secrets.token_hex(12))
    except FileExistsError:
        pass
    return path.read_text().strip()


@dataclass(frozen=True)
class Key:
    send_id: int
    batch: int


class Journal:
    """The journal of one claim. Lines gather in memory until `flush`, which must come before a body leaves."""

    def __init__(self) -> None:
        self.lines: list[str] = []
        while not self._made():
            os.close(self.file)

    def _made(self) -> bool:
        """Make the file and lock it; False when recovery came in between and took it for an orphan."""
        self.owner = f"{host_id()}-{os.getpid()}-{secrets.token_hex(4)}"
        self.path = journal_folder() / f"{self.owner}.log"
        self.file = os.open(self.path, os.O_CREAT | os.O_EXCL | os.O_WRONLY | os.O_APPEND | os.O_CLOEXEC, 0o600)
        fcntl.flock(self.file, fcntl.LOCK_EX)
        return self.path.exists()

    def begin(self, key: Key, contact_id: int) -> None:
        self.lines.append(f"B\t{key.send_id}\t{key.batch}\t{contact_id}\n")

    def provider(self, key: Key, provider_id: int | None) -> None:
        """By whom the messages of this claim go."""
        if provider_id is not None:
            self.lines.append(f"P\t{key.send_id}\t{key.batch}\t{provider_id}\n")

    def result(self, key: Key, result: Result) -> None:
        contact_id, state, reason, code, reply, next_attempt_at = result
        again = next_attempt_at.isoformat() if next_attempt_at else ""
        words = f"{state}\t{reason}\t{'' if code is None else code}\t{again}\t{reply}"
        self.lines.append(f"R\t{key.send_id}\t{key.batch}\t{contact_id}\t{words}\n")

    def flush(self) -> None:
        if self.lines:
            os.write(self.file, "".join(self.lines).encode("utf-8", "replace"))
            self.lines.clear()

    def close(self) -> None:
        """Everything in it is in the ledger, and nothing is claimed any more."""
        self.path.unlink(missing_ok=True)
        os.close(self.file)

    def abandon(self) -> None:
        """Leave the file for recovery."""
        self.flush()
        os.close(self.file)


@dataclass
class Replay:
    """What an orphaned journal says of one batch: the known results, who was on the wire, and by which provider."""

    results: dict[int, Result]
    in_flight: set[int]
    provider_id: int | None = None


class Orphan:
    """A journal whose owner is gone, locked by us while we read it."""

    def __init__(self, path: Path, file: int) -> None:
        self.path, self.file, self.owner = path, file, path.stem

    @classmethod
    def take(cls, path: Path) -> Self | None:
        """None while the owner lives, or when another worker took it first."""
        try:
            file = os.open(path, os.O_RDONLY | os.O_CLOEXEC)
        except FileNotFoundError:
            return None
        try:
            fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            os.close(file)
            return None
        if not path.exists():
            os.close(file)
            return None
        return cls(path, file)

    def replay(self) -> dict[Key, Replay]:
        batches: dict[Key, Replay] = {}
        for line in self._lines():
            kind, send_id, batch, contact, *rest = line.split("\t")
            replay = batches.setdefault(Key(int(send_id), int(batch)), Replay({}, set()))
            contact_id = int(contact)
            if kind == "P":
                replay.provider_id = contact_id
            elif kind == "B":
                replay.in_flight.add(contact_id)
                replay.results.pop(contact_id, None)
            else:
                state, reason, code, again, reply = rest
                replay.in_flight.discard(contact_id)
                replay.results[contact_id] = Result(
                    contact_id, state, reason, int(code) if code else None, reply,
                    datetime.fromisoformat(again) if again else None,
                )  # fmt: skip
        return batches

    def _lines(self) -> Iterator[str]:
        """Whole lines only: one that was cut short by the end of the process never reached the wire."""
        text = self.path.read_bytes().decode("utf-8", "replace")
        yield from text.split("\n")[:-1]

    def remove(self) -> None:
        """Everything in it is in the ledger. Its name stays for a while: a claim that its owner had sent to the
        database with its last breath may be committed only now, and then nobody of it was on the wire."""
        self.path.replace(closed_out(self.owner))
        os.close(self.file)

    def release(self) -> None:
        os.close(self.file)


def journals() -> list[Path]:
    return sorted(journal_folder().glob("*.log"))


def closed_out(owner: str) -> Path:
    """Where an orphan's journal lies once it was closed out."""
    return journal_folder() / f"{owner}.done"


def closed_out_forget() -> None:
    """Forget the names of those closed out a day ago."""
    before = time.time() - KEPT_SECONDS
    for path in journal_folder().glob("*.done"):
        with suppress(FileNotFoundError):
            if path.stat().st_mtime < before:
                path.unlink()
