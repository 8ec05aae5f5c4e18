"""Making events durable: waiting requests share one write to the Redis stream (a group commit).

A group is one stream entry: what Redis acknowledges is there whole. While one is on its way the next gathers, so groups
grow with the load. Redis away, or no answer in time: the same entries go to Postgres. An entry that reached both is one
event all the same, by its key.

Redis writes to its file before it answers, and may put that off for a moment while the disk is busy; one on another
machine may take its last second with it. So what was acknowledged lately is kept in mind, and goes to Postgres too when
the connection breaks.
"""

import asyncio
import secrets
from collections import deque
from collections.abc import Coroutine
from itertools import count
from typing import Any, cast
from urllib.parse import SplitResult, unquote, urlsplit

import hiredis
import structlog
from django.conf import settings
from django.db import close_old_connections

from delivery.tracking.entries import STREAM, line_key
from delivery.tracking.models import EventInbox

log = structlog.get_logger(__name__)

ANSWER_SECONDS = 1.0
AWAY_SECONDS = 0.5
MAX_CHUNK = 1000
LATELY_SECONDS = 3.0
HEAD = b"*5\r\n$4\r\nXADD\r\n$%d\r\n%b\r\n$1\r\n*\r\n$1\r\ne\r\n" % (len(STREAM), STREAM.encode())

Waiting = list["asyncio.Future[None]"]


class Appender:
    """One per event loop. `append` gives a future that is done when the entry with that line is durable; it raises what
    Postgres raised when neither could take it."""

    def __init__(self) -> None:
        self.loop = asyncio.get_running_loop()
        self.prefix, self.numbers = secrets.token_hex(8), count()
        self.lines: list[str] = []
        self.waiting: Waiting = []
        self.lately: deque[tuple[float, list[str]]] = deque()
        self.is_busy = False
        self.connection: _Connection | None = None
        self.away_until = 0.0
        self.rescues: set[asyncio.Task[None]] = set()

    def key(self) -> str:
        """A key no other event has: this process' own random prefix and a running number, in the order of its index."""
        return f"{self.prefix}{next(self.numbers):010x}"

    def append(self, line: str) -> "asyncio.Future[None]":
        done: asyncio.Future[None] = self.loop.create_future()
        self.lines.append(line)
        self.waiting.append(done)
        if not self.is_busy:
            self.is_busy = True
            self.loop.call_soon(self._flush)
        return done

    def _flush(self) -> None:
        lines, waiting = self.lines[:MAX_CHUNK], self.waiting[:MAX_CHUNK]
        del self.lines[:MAX_CHUNK], self.waiting[:MAX_CHUNK]
        connection = self.connection
        if connection is None or connection.is_lost:
            self._beside(self._without_connection(lines, waiting))
            return
        connection.write(lines, waiting)

    def kept(self, waiting: Waiting) -> None:
        """The group is durable: its requests are answered, and what gathered meanwhile goes next."""
        for done in waiting:
            if not done.done():
                done.set_result(None)
        self._next()

    def acknowledged(self, lines: list[str], waiting: Waiting) -> None:
        """Redis has the group."""
        now = self.loop.time()
        self.lately.append((now, lines))
        while self.lately[0][0] < now - LATELY_SECONDS:
            self.lately.popleft()
        self.kept(waiting)

    def failed(self, lines: list[str], waiting: Waiting) -> None:
        self.connection, self.away_until = None, self.loop.time() + AWAY_SECONDS
        self._beside(self._rescue(lines, waiting))

    def broken(self) -> None:
        """Redis may have forgotten what it acknowledged last."""
        since = self.loop.time() - LATELY_SECONDS
        doubtful = [line for at, lines in self.lately if at >= since for line in lines]
        self.lately.clear()
        if doubtful:
            self._beside(self._say_again(doubtful))

    def _beside(self, work: Coroutine[Any, Any, None]) -> None:
        task = self.loop.create_task(work)
        self.rescues.add(task)
        task.add_done_callback(self.rescues.discard)

    def _next(self) -> None:
        if self.lines:
            self._flush()
        else:
            self.is_busy = False

    async def _without_connection(self, lines: list[str], waiting: Waiting) -> None:
        """Connect and write; straight to Postgres while Redis was found away a moment ago."""
        if self.loop.time() < self.away_until:
            await self._rescue(lines, waiting)
            return
        try:
            self.connection = await asyncio.wait_for(self._connect(), ANSWER_SECONDS)
        except (OSError, TimeoutError, hiredis.HiredisError) as error:
            log.warning("event_stream_away", error=str(error))
            self.failed(lines, waiting)
            return
        self.connection.write(lines, waiting)

    async def _rescue(self, lines: list[str], waiting: Waiting) -> None:
        error: BaseException | None = None
        try:
            await asyncio.to_thread(_to_postgres, lines)
        except Exception as failure:
            log.error("event_not_kept", count=len(lines), error=str(failure))
            error = failure
        if error is None:
            self.kept(waiting)
            return
        for done in waiting:
            if not done.done():
                done.set_exception(error)
        self._next()

    async def _say_again(self, lines: list[str]) -> None:
        for start in range(0, len(lines), MAX_CHUNK):
            try:
                await asyncio.to_thread(_to_postgres, lines[start : start + MAX_CHUNK])
            except Exception as failure:
                log.error("event_not_kept_twice", count=len(lines) - start, error=str(failure))
                return

    async def _connect(self) -> "_Connection":
        parts = urlsplit(settings.REDIS_URL)
        _, made = await self.loop.create_connection(
            lambda: _Connection(self), parts.hostname or "127.0.0.1", parts.port or 6379,
            ssl=parts.scheme == "rediss" or None,
        )  # fmt: skip
        try:
            await made.greet(parts)
        except BaseException:
            made.transport.abort()
            raise
        return made


class _Connection(asyncio.Protocol):
    """A connection to Redis with one group on its way at most."""

    def __init__(self, appender: Appender) -> None:
        self.appender = appender
        self.replies = hiredis.Reader()
        self.group: tuple[list[str], Waiting] | None = None
        self.greeting: asyncio.Future[None] | None = None
        self.due = 0
        self.is_lost = False
        self.alarm: asyncio.TimerHandle | None = None

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        self.transport = cast(asyncio.Transport, transport)

    async def greet(self, parts: SplitResult) -> None:
        words = [("SELECT", parts.path.strip("/") or "0")]
        if parts.password:
            user = unquote(parts.username) if parts.username else "default"
            words.insert(0, ("AUTH", user, unquote(parts.password)))  # type: ignore[arg-type]
        self.greeting, self.due = self.appender.loop.create_future(), len(words)
        self.transport.write(b"".join(_command(*each) for each in words))
        await self.greeting

    def write(self, lines: list[str], waiting: Waiting) -> None:
        if self.is_lost:
            self.appender.failed(lines, waiting)
            return
        self.group = lines, waiting
        data = "".join(lines).encode()
        self.transport.write(b"%b$%d\r\n%b\r\n" % (HEAD, len(data), data))
        self.alarm = self.appender.loop.call_later(ANSWER_SECONDS, self._lose, "no answer in time")

    def data_received(self, data: bytes) -> None:
        self.replies.feed(data)
        while not self.is_lost and (reply := self.replies.gets()) is not False:
            if isinstance(reply, Exception):
                self._lose(str(reply))
            elif self.group is not None:
                group, self.group = self.group, None
                if self.alarm is not None:
                    self.alarm.cancel()
                self.appender.acknowledged(*group)
            elif self.greeting is not None and (due := self.due - 1) >= 0:
                self.due = due
                if not due and not self.greeting.done():
                    self.greeting.set_result(None)

    def connection_lost(self, error: Exception | None) -> None:
        self._lose(str(error or "closed"))

    def _lose(self, why: str) -> None:
        """Whatever was on its way may or may not have arrived: its entries go to Postgres under the same keys."""
        if self.is_lost:
            return
        self.is_lost = True
        self.transport.abort()
        if self.alarm is not None:
            self.alarm.cancel()
        if self.greeting is not None and not self.greeting.done():
            self.greeting.set_exception(OSError(why))
        self.appender.broken()
        if self.group is not None:
            log.warning("event_stream_away", error=why)
            group, self.group = self.group, None
            self.appender.failed(*group)


def _command(*words: str) -> bytes:
    return b"*%d\r\n" % len(words) + b"".join(b"$%d\r\n%b\r\n" % (len(w.encode()), w.encode()) for w in words)


def _to_postgres(lines: list[str]) -> None:
    close_old_connections()
    EventInbox.objects.bulk_create(
        [EventInbox(event_key=line_key(line), entry=line) for line in lines],
        ignore_conflicts=True,
    )
