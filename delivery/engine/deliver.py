"""Delivering: one run of a worker on one send. Claim batches, merge, send, journal, write the results, again.

The event loop never waits for Postgres: the batch writer (`delivery.engine.batch_writer`) brings the next batch while
one is on the wire and writes the one before. A run lasts some seconds and then makes room for others; the task that
called it calls again. Pause, cancel and a limit reached take hold between two messages.

The parts: `RunState` (the phase), `BatchQueue` (which message is next), `ConnectionPool` (the server's connections),
`ServerHealth` (when the server is left alone), `BatchWriter` (the database).
"""

import select
import time
from datetime import timedelta

from django.conf import settings
from django.db import DatabaseError, InterfaceError, connection
from django.utils import timezone

from core.errors import TransportError
from delivery.domains.daily_allowance import Allowance
from delivery.domains.dkim import signer_of
from delivery.engine.batch_queue import BatchQueue
from delivery.engine.batch_writer import BatchWriter
from delivery.engine.circuit_breaker import server_failure_clear, server_failure_record
from delivery.engine.claims import claims_refresh
from delivery.engine.classify import classify
from delivery.engine.connection_pool import AnyConnection, ConnectionPool
from delivery.engine.recover import orphans_recover
from delivery.engine.run_state import RunState
from delivery.engine.server_health import ServerHealth
from delivery.engine.stale import send_heartbeat
from delivery.engine.throttle import Throttle
from delivery.guardrails.models import SendingPolicy
from delivery.sends.channels import identity_of
from delivery.sends.models import Send
from delivery.transports.message import Message
from delivery.transports.provider_api.transport import ApiServer
from delivery.transports.routing import breaker_close, breaker_open, route_of
from delivery.transports.smtp import Answer

CHECK_SECONDS = 0.4


class SendRun:
    """One worker on one send."""

    def __init__(self, send: Send, *, seconds: float) -> None:
        self.send = send
        self.until = time.monotonic() + seconds
        self.identity = identity_of(send)
        self.route = route_of(self.identity)
        self.server = self.route.server
        self.deadline = (send.launched_at or timezone.now()) + timedelta(hours=settings.SENDING_GIVE_UP_HOURS)
        self.state = RunState()
        # A provider's API makes the message anew and signs it itself.
        by_api = isinstance(self.server, ApiServer)
        signer = None if by_api else signer_of(self.identity.from_address, at=timezone.now())
        allowance = Allowance.of(self.identity)
        self.writer = BatchWriter(send, signer=signer, provider_id=self.route.provider_id, allowance=allowance)
        self.queue = BatchQueue(self.writer, self._throttle(), self.state, connections=self.server.connections)
        self.health = ServerHealth(self.server)
        self.pool = ConnectionPool(
            self.server,
            helo=self.identity.from_address.rpartition("@")[2] or "localhost",
            offer=self.queue.next_message,
            on_body=self.queue.begin,
            on_answer=self._answered,
        )
        self.heartbeat_at = self.checked_at = time.monotonic()
        self.now = timezone.now()

    def _throttle(self) -> Throttle:
        policy = SendingPolicy.get()
        return Throttle(
            {
                "all": policy.per_second,
                f"identity:{self.identity.pk}": self.identity.per_second,
                f"send:{self.send.pk}": self.send.per_second,
                **self.route.buckets,
            },
            policy.domain_limits,
        )

    def go(self) -> bool:
        """Deliver batches until the time is up. True when this send may have more for us now."""
        self.writer.start()
        self.pool.poll.register(self.writer.bell, select.EPOLLIN)
        try:
            self._event_loop()
        except BaseException:
            self.writer.patience = 0.0
            raise
        finally:
            self.pool.close()
            self.writer.close()
            self.queue.abandon_unwritten()
            self.pool.poll.close()
        if self.state.failure is not None:
            if breaker_open(self.send, self.route, self.state.failure):
                return True
            server_failure_record(self.send, self.state.failure)
            return False
        if self.writer.database_error is not None:
            raise self.writer.database_error
        return self.state.has_more

    # --- The event loop ---------------------------------------------------------------------------------------------

    def _event_loop(self) -> None:
        """Send batch after batch until no recipient waits or the run stops; then until all is written."""
        self.queue.fetch()
        while self.queue.batches or self.queue.is_fetching:
            if not self.state.is_stopping:
                self._connect_enough()
            idle = self.pool.idle()
            if idle:
                for one in idle:
                    one.start()
                self._flush(idle)
            if self.queue.batches:
                self._submit_finished()
            self._listen()
            if time.monotonic() - self.checked_at > CHECK_SECONDS:
                self._periodic_checks()

    def _submit_finished(self) -> None:
        self.queue.submit_finished()
        self._fetch_in_time()

    def _fetch_in_time(self) -> None:
        if time.monotonic() < self.until:
            self.queue.fetch()

    def _listen(self) -> None:
        now = time.monotonic()
        held = self.pool.held()
        soon = min([CHECK_SECONDS, *[(one.held_until or now) - now for one in held]]) if held else CHECK_SECONDS
        if self.queue.opens_at > now and self.queue.waiting:
            soon = min(soon, max(self.queue.opens_at - now, 0.001))
        touched: list[AnyConnection] = []
        for number, event in self.pool.poll.poll(max(soon, 0.0)):
            if number == self.writer.bell:
                self._collect()
                continue
            one = self.pool.connections[number]
            touched.append(one)
            if event & ~select.EPOLLOUT:
                one.readable()
        if held:
            now = time.monotonic()
            for one in held:
                one.release(now)
            touched += held
        self._flush(touched)

    def _collect(self) -> None:
        """Take over what the batch writer has fetched and written."""
        for _batch in range(self.queue.collect()):
            if self.state.failure is None:
                breaker_close(self.route)
                if self.send.failing_since is not None:
                    server_failure_clear(self.send)
        self._fetch_in_time()

    def _flush(self, touched: list[AnyConnection]) -> None:
        """The journals first, then what these connections have to say."""
        self.queue.flush_journals()
        self.pool.push(touched)

    def _connect_enough(self) -> None:
        if len(self.pool.connections) >= self.server.connections:
            return
        wanted = min(self.server.connections, self.queue.waiting)
        while len(self.pool.connections) < wanted:
            try:
                one = self.pool.open_one()
            except TransportError as error:
                self.state.stop(error)
                return
            if one is None:
                return
            self.queue.follow_capabilities(eight_bit=one.eight_bit, international=one.international)

    def _answered(self, message: Message, answer: Answer) -> None:
        """The server's last word on a message: a result, or back into the queue when it says nothing of a recipient."""
        batch, recipient = self.queue.take_off_wire(message)
        if answer.accepted:
            self.health.accepted()
        elif self.health.says_nothing_of_recipient(recipient.contact_id, answer):
            batch.requeue(recipient)
            self.health.server_answered(answer)
            self._stop_on_failure()
            return
        else:
            if self.health.broke_in_body(answer):
                self.pool.delay_dots()
            self.health.not_accepted(answer)
            self._stop_on_failure()
        batch.add_result(
            classify(message.contact_id, answer, attempts=recipient.attempts, now=self.now, deadline=self.deadline)
        )

    def _stop_on_failure(self) -> None:
        if self.health.failure is not None:
            self.state.stop(self.health.failure)

    def _periodic_checks(self) -> None:
        """Twice a second: is the send still on, are the claims still ours, is a server silent, is the time up?"""
        now = self.checked_at = time.monotonic()
        self.now = timezone.now()
        overdue, silent = self.pool.fail_overdue(now)
        self.health.count_silences(silent)
        self._flush(overdue)
        self._stop_on_failure()
        owners = self.queue.checkpoint()
        try:
            state, held = claims_refresh(send_id=self.send.pk, owners=owners)
            self.heartbeat_at = now
            if not held.issuperset(owners):
                self.state.stop()
        except (DatabaseError, InterfaceError):
            connection.close()
            # Others will count us as lost: send nothing more that they could not know of.
            is_known = now - self.heartbeat_at < settings.SENDING_LOST_SECONDS * 0.7
            state = Send.State.SENDING if is_known else None
        self.state.is_cancelled = state == Send.State.CANCELLED
        if state != Send.State.SENDING or now > self.until:
            self.state.stop()


def deliver(*, send_id: int, seconds: float | None = None) -> bool:
    """One run on a send. True when it may have more for us now. Must not run inside a transaction."""
    orphans_recover()
    if not send_heartbeat(send_id=send_id):
        return False
    send = Send.objects.select_related("identity").get(pk=send_id)
    try:
        run = SendRun(send, seconds=seconds or settings.SENDING_RUN_SECONDS)
    except TransportError as error:
        server_failure_record(send, error)
        return False
    return run.go()
