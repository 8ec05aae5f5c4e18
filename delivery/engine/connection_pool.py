"""The connections of one run to its mail server, and the poll that tells which of them has something to read."""

import select
import time
from collections.abc import Callable, Iterable

from core.errors import TransportError
from delivery.engine import dot_delay
from delivery.transports.message import Message
from delivery.transports.provider_api.transport import ApiConnection, ApiServer
from delivery.transports.smtp import Answer, Connection, Server

REOPEN_SECONDS = 5.0

AnyConnection = Connection | ApiConnection


class ConnectionPool:
    """Kept-alive connections by file number. `another_at`: when a server that gave no further connection is asked for
    one again (monotonic clock)."""

    def __init__(
        self,
        server: Server | ApiServer,
        *,
        helo: str,
        offer: Callable[[], Message | None],
        on_body: Callable[[Message], None],
        on_answer: Callable[[Message, Answer], None],
    ) -> None:
        self.server, self.helo = server, helo
        self.offer, self.on_body, self.on_answer = offer, on_body, on_answer
        self.connections: dict[int, AnyConnection] = {}
        self.poll = select.epoll()
        self.another_at = 0.0

    def open_one(self) -> AnyConnection | None:
        """One more connection; None when the server grants no more beside the open ones for now.

        Raises TransportError when there is none at all."""
        started_at = time.monotonic()
        if self.connections and started_at < self.another_at:
            return None
        try:
            one = self._connect()
        except TransportError:
            if not self.connections:
                raise
            took = time.monotonic() - started_at
            self.another_at = time.monotonic() + REOPEN_SECONDS + 10 * took
            return None
        if dot_delay.is_active(str(self.server)):
            one.delay_dots()
        self.connections[one.fileno()] = one
        self.poll.register(one.fileno(), select.EPOLLIN)
        return one

    def idle(self) -> list[AnyConnection]:
        return [one for one in self.connections.values() if not one.expected]

    def held(self) -> list[AnyConnection]:
        """Connections that wait before their final dot."""
        return [one for one in self.connections.values() if one.held_until is not None]

    def delay_dots(self) -> None:
        for one in self.connections.values():
            one.delay_dots()

    def push(self, touched: Iterable[AnyConnection]) -> None:
        """Send what these connections have to say; the poll is kept in step with them."""
        for one in touched:
            one.push()
            if one.closed:
                self.connections = {key: other for key, other in self.connections.items() if other is not one}
            elif (room := one.watch_for_room()) is not None:
                self.poll.modify(one.fileno(), select.EPOLLIN | select.EPOLLOUT if room else select.EPOLLIN)

    def fail_overdue(self, now: float) -> tuple[list[AnyConnection], int]:
        """Fail the connections that kept us waiting too long; they, and how many of them awaited a verdict."""
        overdue = [one for one in self.connections.values() if one.overdue(now)]
        silent = 0
        for one in overdue:
            silent += one.awaits_verdict
            one.fail("no answer in time")
        return overdue, silent

    def close(self) -> None:
        for one in self.connections.values():
            one.close()

    def _connect(self) -> AnyConnection:
        if isinstance(self.server, ApiServer):
            return ApiConnection(self.server, offer=self.offer, on_body=self.on_body, on_answer=self.on_answer)
        return Connection(self.server, helo=self.helo, offer=self.offer, on_body=self.on_body, on_answer=self.on_answer)
