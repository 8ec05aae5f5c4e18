"""Delivering: one run of a worker on one send. Claim a batch, merge, hand over, journal, write the results, again.

A run lasts some seconds and then makes room for others; the task that called it calls again. Pause, cancel and a
limit reached take hold between two messages.
"""

import select
import time
from datetime import timedelta

import structlog
from django.conf import settings
from django.db import DatabaseError, InterfaceError, connection, transaction
from django.utils import timezone
from django.utils.translation import gettext as _

from campaigns.engine.claims import Claim, Waiting, batch_claim, batch_read, claim_refresh
from campaigns.engine.compile import CompiledVariant
from campaigns.engine.dkim import signer_of
from campaigns.engine.journal import Journal
from campaigns.engine.ledger import Result, batch_release, results_apply, waiting_skip
from campaigns.engine.merge import Merger, Message
from campaigns.engine.recover import orphans_recover
from campaigns.engine.smtp import Answer, Connection, Server
from campaigns.engine.throttle import Throttle
from campaigns.engine.trouble import sender_refused, trouble_note, trouble_over
from campaigns.engine.verdict import verdict
from campaigns.models import Delivery, Send, SendingPolicy, Variant
from core.errors import TransportError

log = structlog.get_logger(__name__)

LOOK_SECONDS = 0.4
DATABASE_PATIENCE = 60.0
REFUSALS_IN_A_ROW = 50
CAREFUL_FOR = 600.0
IN_BODY = frozenset({"body", "part"})
State = Delivery.State
# Mail servers that broke off in a body, and until when this process is careful with them.
unreliable: dict[str, float] = {}


class Run:
    """One worker on one send: its journal, its connections, the batch in its hands."""

    def __init__(self, send: Send, *, seconds: float) -> None:
        self.send = send
        self.until = time.monotonic() + seconds
        self.server = Server.of(send.identity.smtp_url or settings.EMAIL_URL)
        self.throttle = Throttle(
            {f"identity:{send.identity_id}": send.identity.per_second, f"send:{send.pk}": send.per_second},
            SendingPolicy.get().domain_limits,
        )
        self.deadline = (send.launched_at or timezone.now()) + timedelta(hours=settings.SENDING_GIVE_UP_HOURS)
        self.mergers: dict[int, Merger] = {}
        self.connections: dict[int, Connection] = {}
        self.poll = select.epoll()
        self.refusals = 0
        self.eight_bit = False
        self.signer = signer_of(send.identity.from_address, at=timezone.now())
        self.trouble: TransportError | None = None
        self.journal = Journal()

    # --- A run ------------------------------------------------------------------------------------------------------

    def go(self) -> bool:
        """Deliver batches until the time is up. True when this send may have more for us now."""
        try:
            more = self._batches()
        except BaseException:
            # Whatever happened, the journal is the truth about this batch: recovery replays it.
            self.journal.abandon()
            raise
        finally:
            for open_connection in self.connections.values():
                open_connection.close()
            self.poll.close()
        self.journal.close()
        return more

    def _batches(self) -> bool:
        while time.monotonic() < self.until and self.trouble is None:
            claim = batch_claim(send_id=self.send.pk, owner=self.journal.owner)
            if claim is None:
                return False
            self._batch(claim)
        return self.trouble is None

    def _batch(self, claim: Claim) -> None:
        self.claim = claim
        self.results: list[Result] = []
        self.stopping = False
        self.cancelled = False
        self.opens_at = 0.0
        self.seen_at = self.looked_at = time.monotonic()
        self.now = timezone.now()
        self.on_wire: dict[int, Waiting] = {}
        self.waiting = batch_read(claim, self.send, self._merger(claim.variant_id).compiled.fields)
        self._converse()
        self._write_down()

    def _merger(self, variant_id: int) -> Merger:
        merger = self.mergers.get(variant_id)
        if merger is None:
            stored = Variant.objects.values_list("compiled", flat=True).get(pk=variant_id)
            merger = self.mergers[variant_id] = Merger(
                CompiledVariant.load(bytes(stored or b"")), eight_bit=self.eight_bit, signer=self.signer
            )
        return merger

    # --- The conversation -------------------------------------------------------------------------------------------

    def _converse(self) -> None:
        """Hand over the batch until nobody waits, or we are told to stop; then until the wire is quiet."""
        while True:
            if not self.stopping:
                self._connect_enough()
            for idle in [one for one in self.connections.values() if not one.busy]:
                idle.start()
                self._watch(idle)
            self.journal.flush()
            if not any(one.busy for one in self.connections.values()):
                if self.stopping or not self.waiting or (self.trouble is not None and not self.connections):
                    return
                time.sleep(min(max(self.opens_at - time.monotonic(), 0.001), LOOK_SECONDS))
            else:
                self._listen()
            if time.monotonic() - self.looked_at > LOOK_SECONDS:
                self._look_around()

    def _listen(self) -> None:
        held = [one for one in self.connections.values() if one.held_until is not None]
        soon = min((one.held_until or 0.0 for one in held), default=0.0) - time.monotonic() if held else LOOK_SECONDS
        for number, event in self.poll.poll(min(max(soon, 0.0), LOOK_SECONDS)):
            one = self.connections[number]
            if event & select.EPOLLOUT:
                one.writable()
            if event & ~select.EPOLLOUT:
                one.readable()
            self._watch(one, number)
        for one in held:
            one.release(time.monotonic())
            self._watch(one)
        self.journal.flush()

    def _watch(self, one: Connection, number: int | None = None) -> None:
        """Keep the poll in step with a connection: gone when closed, watched for room while bytes are left over."""
        if one.closed:
            self.connections = {key: other for key, other in self.connections.items() if other is not one}
        elif one.watched != bool(one.out):
            one.watched = bool(one.out)
            events = select.EPOLLIN | select.EPOLLOUT if one.out else select.EPOLLIN
            self.poll.modify(number if number is not None else one.fileno(), events)

    def _connect_enough(self) -> None:
        wanted = min(self.server.connections, max(1, len(self.waiting)))
        while self.trouble is None and self.waiting and len(self.connections) < wanted:
            try:
                one = Connection(
                    self.server,
                    helo=self.send.identity.from_address.rpartition("@")[2] or "localhost",
                    offer=self._offer,
                    on_body=self._begin,
                    on_answer=self._answered,
                )
            except TransportError as error:
                self.trouble = error
                self.stopping = not self.connections
                return
            if unreliable.get(str(self.server), 0.0) > time.monotonic():
                one.be_careful()
            self.eight_bit = self._merger(self.claim.variant_id).eight_bit = one.eight_bit
            self.connections[one.fileno()] = one
            self.poll.register(one.fileno(), select.EPOLLIN)

    def _offer(self) -> Message | None:
        """The next message, merged now; None when nobody waits, we are stopping, or a limit holds."""
        while self.waiting and not self.stopping:
            wait = self.throttle.wait()
            if wait > 0:
                self.opens_at = time.monotonic() + wait
                return None
            recipient = self._next()
            if recipient is None:
                return None
            if recipient.skip:
                self._done(Result(recipient.contact_id, State.SKIPPED, recipient.skip))
                continue
            try:
                message = self._merger(self.claim.variant_id).merge(
                    recipient.contact_id, recipient.address, recipient.row
                )
            except TransportError as error:
                self._done(Result(recipient.contact_id, State.FAILED, "not_merged", None, str(error)[:200]))
                continue
            self.throttle.take(message.domain)
            self.on_wire[recipient.contact_id] = recipient
            return message
        return None

    def _next(self) -> Waiting | None:
        """The first in the queue whose domain may be written to now."""
        if not self.throttle.domains:
            return self.waiting.popleft()
        for _turn in range(len(self.waiting)):
            recipient = self.waiting.popleft()
            wait = self.throttle.domain_wait(recipient.address.rpartition("@")[2])
            if wait <= 0:
                return recipient
            self.waiting.append(recipient)
            self.opens_at = time.monotonic() + wait
        return None

    def _begin(self, message: Message) -> None:
        self.journal.begin(self.claim.key, message.contact_id)
        self.journal.flush()

    def _answered(self, message: Message, answer: Answer) -> None:
        recipient = self.on_wire.pop(message.contact_id)
        if answer.stage in {"mail", "rset"} or (answer.code == 0 and answer.stage not in IN_BODY):
            # Nothing was said about the recipient: back into the queue.
            self.waiting.appendleft(recipient)
            if answer.code >= 500:
                self.stopping = sender_refused(self.send, answer)
            elif answer.code:
                self.stopping, self.trouble = True, TransportError(answer.text, permanent=False)
            return
        if answer.code == 0:
            unreliable[str(self.server)] = time.monotonic() + CAREFUL_FOR
            for one in self.connections.values():
                one.be_careful()
        self._done(
            verdict(message.contact_id, answer, attempts=recipient.attempts, now=self.now, deadline=self.deadline)
        )
        self.refusals = self.refusals + 1 if answer.code >= 500 else 0
        if self.refusals >= REFUSALS_IN_A_ROW:
            self.stopping = True
            self.trouble = TransportError(
                _("The mail server refused %(count)s recipients in a row: %(answer)s")
                % {"count": self.refusals, "answer": answer.text[:120]},
                permanent=True,
            )

    def _done(self, result: Result) -> None:
        self.results.append(result)
        self.journal.result(self.claim.key, result)

    def _look_around(self) -> None:
        """Twice a second: is the send still on, is the claim still ours, has a server kept us waiting, is time up?"""
        now = self.looked_at = time.monotonic()
        for one in list(self.connections.values()):
            if one.overdue(now):
                one.fail("no answer in time")
                self._watch(one)
        try:
            state = claim_refresh(self.claim)
            self.seen_at = now
        except (DatabaseError, InterfaceError):
            connection.close()
            # Others will count us as lost: send nothing more that they could not know of.
            state = Send.State.SENDING if now - self.seen_at < settings.SENDING_LOST_SECONDS * 0.7 else None
        self.cancelled = state == Send.State.CANCELLED
        self.stopping = self.stopping or state != Send.State.SENDING or now > self.until

    # --- Writing down -----------------------------------------------------------------------------------------------

    def _write_down(self) -> None:
        """Results into the ledger and the claim released, in one transaction; the database may be away for a while."""
        self.journal.flush()
        patience = time.monotonic() + DATABASE_PATIENCE
        while True:
            try:
                self._commit()
                break
            except (DatabaseError, InterfaceError):
                connection.close()
                if time.monotonic() > patience:
                    raise
                time.sleep(0.5)
        self.journal.forget()
        if self.trouble is not None:
            trouble_note(self.send, self.trouble)
        elif self.send.trouble_since is not None:
            trouble_over(self.send)

    def _commit(self) -> None:
        key = self.claim.key
        with transaction.atomic(), connection.cursor() as cursor:
            results_apply(cursor, send_id=key.send_id, batch=key.batch, results=self.results)
            if self.cancelled:
                waiting_skip(cursor, send_id=key.send_id, batches=[key.batch], reason=Delivery.Skip.CANCELLED)
            if not batch_release(cursor, send_id=key.send_id, batch=key.batch, owner=self.claim.owner):
                batch_release(cursor, send_id=key.send_id, batch=key.batch)


def deliver(*, send_id: int, seconds: float | None = None) -> bool:
    """One run on a send. True when it may have more for us now. Must not run inside a transaction."""
    orphans_recover()
    send = Send.objects.select_related("identity").filter(pk=send_id, state=Send.State.SENDING).first()
    if send is None:
        return False
    try:
        run = Run(send, seconds=seconds or settings.SENDING_RUN_SECONDS)
    except TransportError as error:
        trouble_note(send, error)
        return False
    return run.go()
