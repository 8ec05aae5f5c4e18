"""Making events durable: waiting requests share one pipelined write to the Redis stream (a group commit).

Redis away, or no answer in time: the same entries go to Postgres. An entry that reached both is one event all the
same, by its key.
"""

import asyncio
import contextlib
from urllib.parse import unquote, urlsplit

import hiredis
import structlog
from django.conf import settings
from django.db import close_old_connections

from campaigns.models import EventInbox
from campaigns.tracking.entries import STREAM, Entry

log = structlog.get_logger(__name__)

ANSWER_SECONDS = 1.0
HEAD = b"*5\r\n$4\r\nXADD\r\n$%d\r\n%b\r\n$1\r\n*\r\n$1\r\ne\r\n" % (len(STREAM), STREAM.encode())


class Appender:
    """One per event loop. `append` returns when the entry is durable; raises what Postgres raised when both failed."""

    def __init__(self) -> None:
        self.pending: list[tuple[Entry, asyncio.Future[None]]] = []
        self.flushing: asyncio.Task[None] | None = None
        self.stream: tuple[asyncio.StreamReader, asyncio.StreamWriter] | None = None
        self.replies = hiredis.Reader()

    async def append(self, entry: Entry) -> None:
        done: asyncio.Future[None] = asyncio.get_running_loop().create_future()
        self.pending.append((entry, done))
        if self.flushing is None:
            self.flushing = asyncio.create_task(self._flush())
        await done

    async def _flush(self) -> None:
        try:
            while self.pending:
                group, self.pending = self.pending, []
                await self._keep(group)
        finally:
            self.flushing = None

    async def _keep(self, group: list[tuple[Entry, "asyncio.Future[None]"]]) -> None:
        error: BaseException | None = None
        try:
            await asyncio.wait_for(self._to_stream([entry.dump() for entry, _ in group]), ANSWER_SECONDS)
        except (OSError, TimeoutError, hiredis.HiredisError, EOFError):
            self._disconnect()
            try:
                await asyncio.to_thread(_to_postgres, [entry for entry, _ in group])
            except Exception as failure:
                log.error("event_not_kept", count=len(group), error=str(failure))
                error = failure
        for _entry, done in group:
            if not done.done():
                done.set_exception(error) if error else done.set_result(None)

    async def _to_stream(self, entries: list[bytes]) -> None:
        if self.stream is None:
            self.stream = await self._connect()
        reader, writer = self.stream
        writer.write(b"".join(b"%b$%d\r\n%b\r\n" % (HEAD, len(entry), entry) for entry in entries))
        await self._answers(reader, len(entries))

    async def _answers(self, reader: asyncio.StreamReader, count: int) -> None:
        while count:
            reply = self.replies.gets()
            if reply is False:
                chunk = await reader.read(65536)
                if not chunk:
                    raise EOFError
                self.replies.feed(chunk)
            elif isinstance(reply, Exception):
                raise OSError(str(reply))
            else:
                count -= 1

    async def _connect(self) -> tuple[asyncio.StreamReader, asyncio.StreamWriter]:
        parts = urlsplit(settings.REDIS_URL)
        self.replies = hiredis.Reader()
        reader, writer = await asyncio.open_connection(
            parts.hostname or "127.0.0.1", parts.port or 6379, ssl=parts.scheme == "rediss" or None
        )
        greeting = []
        if parts.password:
            user = unquote(parts.username) if parts.username else "default"
            greeting.append(_command("AUTH", user, unquote(parts.password)))
        greeting.append(_command("SELECT", parts.path.strip("/") or "0"))
        writer.write(b"".join(greeting))
        await self._answers(reader, len(greeting))
        return reader, writer

    def _disconnect(self) -> None:
        if self.stream is not None:
            with contextlib.suppress(OSError):
                self.stream[1].close()
            self.stream = None


def _command(*words: str) -> bytes:
    return b"*%d\r\n" % len(words) + b"".join(b"$%d\r\n%b\r\n" % (len(w.encode()), w.encode()) for w in words)


def _to_postgres(entries: list[Entry]) -> None:
    close_old_connections()
    EventInbox.objects.bulk_create(
        [EventInbox(event_key=entry.key, entry=entry.dump().decode()) for entry in entries], ignore_conflicts=True
    )
