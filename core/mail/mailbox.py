"""Caught messages on disk: appended to a spool, one line each in an index beside it.

A segment is the pair `00000001.spool` / `00000001.index`; a full one is followed by the next, and the oldest beyond
`SEGMENTS` go. A message's id is `<segment>-<place of its line in the index>`. One process writes, any number read.
"""

import email
import email.policy
import json
import os
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from email.message import EmailMessage
from functools import cached_property
from pathlib import Path

SEGMENT_BYTES = 256 * 2**20
MAX_SEGMENTS = 8
BLOCK = 1 << 16


@dataclass(frozen=True)
class CaughtMessage:
    """One message as it came over SMTP: the envelope, and `raw`, the bytes between DATA and the final dot."""

    id: str
    at: datetime
    sender: str
    recipients: tuple[str, ...]
    raw: bytes

    @cached_property
    def parsed(self) -> EmailMessage:
        message = email.message_from_bytes(self.raw, policy=email.policy.default)
        assert isinstance(message, EmailMessage)  # noqa: S101
        return message

    @property
    def subject(self) -> str:
        return self.header("Subject")

    def header(self, name: str) -> str:
        """A header's text, "" when it is missing or cannot be read."""
        try:
            return str(self.parsed.get(name, ""))
        except (ValueError, IndexError, LookupError):
            return ""

    @property
    def html(self) -> str:
        return self._body("html")

    @property
    def text(self) -> str:
        return self._body("plain")

    def _body(self, kind: str) -> str:
        part = self.parsed.get_body((kind,))
        if part is None:
            return ""
        try:
            return str(part.get_content())
        except (LookupError, UnicodeError, KeyError):
            payload = part.get_payload(decode=True)
            return payload.decode("utf-8", "replace") if isinstance(payload, bytes) else ""


class MailboxWriter:
    def __init__(self, folder: Path) -> None:
        self.folder = folder
        folder.mkdir(parents=True, exist_ok=True)
        self._open(max(_segments(folder), default=1))

    def _open(self, segment: int) -> None:
        self.segment = segment
        self._spool = (self.folder / f"{segment:08}.spool").open("ab", buffering=0)
        self._index = (self.folder / f"{segment:08}.index").open("ab+", buffering=0)
        self._drop_torn_line()
        self._offset = os.fstat(self._spool.fileno()).st_size

    def _drop_torn_line(self) -> None:
        """After a power cut the last line may be half written."""
        size = os.fstat(self._index.fileno()).st_size
        self._index.seek(max(0, size - BLOCK))
        end = self._index.read()
        if end and not end.endswith(b"\n"):
            self._index.truncate(size - len(end) + end.rfind(b"\n") + 1)

    def append(self, sender: str, recipients: Sequence[str], raw: bytes) -> None:
        """Raises OSError when the disk is full; the message is then not in the index."""
        if self._offset >= SEGMENT_BYTES:
            self.close()
            self._open(self.segment + 1)
            for old in sorted(_segments(self.folder))[:-MAX_SEGMENTS]:
                (self.folder / f"{old:08}.spool").unlink(missing_ok=True)
                (self.folder / f"{old:08}.index").unlink(missing_ok=True)
        offset = self._offset
        view = memoryview(raw)
        while view:
            written = self._spool.write(view) or 0
            self._offset += written
            view = view[written:]
        at = datetime.now(UTC).timestamp()
        line = json.dumps([at, offset, len(raw), sender, list(recipients)], ensure_ascii=False)
        self._index.write(line.encode("utf-8", "surrogateescape") + b"\n")

    def close(self) -> None:
        self._spool.close()
        self._index.close()


class Mailbox:
    """Reading what was caught."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder

    def newest(self, *, limit: int = 50, before: str = "", recipient: str = "") -> list[CaughtMessage]:
        """The latest messages, newest first; those older than the id `before`; those to an address that contains
        `recipient`, whatever its case."""
        wanted, found = recipient.strip().casefold(), []
        last = _split(before)
        for segment in sorted(_segments(self.folder), reverse=True):
            if last and segment > last[0]:
                continue
            end = last[1] if last and segment == last[0] else None
            for place, line in _lines_backwards(self.folder / f"{segment:08}.index", end):
                if wanted and not any(wanted in address.casefold() for address in json.loads(line)[4]):
                    continue
                found.append(self._read(segment, place, line))
                if len(found) == limit:
                    return found
        return found

    def get(self, message_id: str) -> CaughtMessage | None:
        place = _split(message_id)
        if place is None:
            return None
        try:
            with (self.folder / f"{place[0]:08}.index").open("rb") as index:
                index.seek(place[1])
                return self._read(place[0], place[1], index.readline())
        except (OSError, ValueError, IndexError, TypeError):
            return None

    def position(self) -> tuple[int, int]:
        """Where the next message will stand; give it to `since`."""
        segment = max(_segments(self.folder), default=1)
        index = self.folder / f"{segment:08}.index"
        return segment, index.stat().st_size if index.exists() else 0

    def since(self, position: tuple[int, int]) -> list[CaughtMessage]:
        """What came at or after `position`, oldest first."""
        found = []
        for segment in sorted(number for number in _segments(self.folder) if number >= position[0]):
            with (self.folder / f"{segment:08}.index").open("rb") as index:
                place = position[1] if segment == position[0] else 0
                index.seek(place)
                for line in index:
                    if line.endswith(b"\n"):
                        found.append(self._read(segment, place, line))
                    place += len(line)
        return found

    def count(self, *, position: tuple[int, int] = (0, 0)) -> int:
        """How many came since `position`, without reading them."""
        total = 0
        for segment in (number for number in _segments(self.folder) if number >= position[0]):
            with (self.folder / f"{segment:08}.index").open("rb") as index:
                index.seek(position[1] if segment == position[0] else 0)
                total += sum(block.count(b"\n") for block in iter(lambda: index.read(BLOCK), b""))
        return total

    def _read(self, segment: int, place: int, line: bytes) -> CaughtMessage:
        at, offset, length, sender, recipients = json.loads(line)
        with (self.folder / f"{segment:08}.spool").open("rb") as spool:
            spool.seek(offset)
            raw = spool.read(length)
        return CaughtMessage(
            id=f"{segment}-{place}",
            at=datetime.fromtimestamp(at, UTC),
            sender=sender,
            recipients=tuple(recipients),
            raw=raw,
        )


def _segments(folder: Path) -> list[int]:
    return [int(path.stem) for path in folder.glob("*.index")]


def _split(message_id: str) -> tuple[int, int] | None:
    segment, dash, place = message_id.partition("-")
    digits = segment.isascii() and place.isascii() and segment.isdigit() and place.isdigit()
    return (int(segment), int(place)) if dash and digits else None


def _lines_backwards(path: Path, end: int | None) -> Iterator[tuple[int, bytes]]:
    """The lines of a file before byte `end`, last first, each with the place where it begins."""
    with path.open("rb") as handle:
        place = handle.seek(0, os.SEEK_END) if end is None else end
        rest = b""
        while place > 0:
            step = min(BLOCK, place)
            place -= step
            handle.seek(place)
            block = handle.read(step) + rest
            lines = block.split(b"\n")
            rest = lines[0]
            start = place + len(block)
            for line in reversed(lines[1:]):
                start -= len(line)
                if line:
                    yield start, line
                start -= 1
        if rest:
            yield 0, rest
