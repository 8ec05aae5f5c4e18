"""The batches of one run: which message leaves next, and when the next batch is fetched, begun or submitted."""

import time
from collections import deque

from core.errors import TransportError
from delivery.engine.batch_writer import BatchWriter, ClaimedBatch
from delivery.engine.claims import Recipient
from delivery.engine.ledger import Result
from delivery.engine.run_state import RunState
from delivery.engine.throttle import Throttle
from delivery.sends.models import Delivery
from delivery.transports.message import Message

FETCH_BELOW = 250
BEGUN_AHEAD = 16
MERGED_AHEAD = 8
State = Delivery.State


class BatchQueue:
    """Claimed batches, the oldest first. `on_wire` leads from a contact to the batch and recipient of a message that
    was given to a connection; `opens_at` is when the throttle lets the next message go (monotonic clock)."""

    def __init__(self, writer: BatchWriter, throttle: Throttle, state: RunState, *, connections: int) -> None:
        self.writer, self.throttle, self.state = writer, throttle, state
        self.begin_below = BEGUN_AHEAD * connections
        self.batches: list[ClaimedBatch] = []
        self.on_wire: dict[int, tuple[ClaimedBatch, Recipient]] = {}
        self.is_fetching = False
        self.opens_at = 0.0
        self.eight_bit = self.international = False

    @property
    def waiting(self) -> int:
        """Claimed recipients that no connection has yet."""
        return sum([len(batch.waiting) for batch in self.batches])

    # --- Messages ---------------------------------------------------------------------------------------------------

    def next_message(self) -> Message | None:
        """The next message; None when no recipient waits, the run is stopping, or a limit holds."""
        if self.state.is_stopping:
            return None
        for batch in self.batches:
            waiting, merged = batch.waiting, batch.merged
            while waiting and batch.has_begun:
                wait = self.throttle.wait()
                if wait > 0:
                    self.opens_at = time.monotonic() + wait
                    return None
                if not merged and not self.throttle.domains:
                    batch.merge_ahead(MERGED_AHEAD)
                recipient = waiting.popleft() if merged else self._next_recipient(waiting)
                if recipient is None:
                    break
                message = merged.popleft() if merged else self._merged(batch, recipient)
                if message is None:
                    continue
                self.throttle.take(message.recipient)
                self.on_wire[recipient.contact_id] = (batch, recipient)
                batch.on_wire += 1
                return message
        return None

    def begin(self, message: Message) -> None:
        """Write a message to its journal, which is on file before the body leaves."""
        batch = self.on_wire[message.contact_id][0]
        batch.journal.begin(batch.claim.key, message.contact_id)

    def take_off_wire(self, message: Message) -> tuple[ClaimedBatch, Recipient]:
        batch, recipient = self.on_wire.pop(message.contact_id)
        batch.on_wire -= 1
        return batch, recipient

    def follow_capabilities(self, *, eight_bit: bool, international: bool) -> None:
        """Merge for what the newest connection can carry; what was merged for another kind is merged again."""
        self.international = international
        for batch in self.batches:
            batch.merger.eight_bit = eight_bit
            if eight_bit != self.eight_bit:
                batch.merged.clear()
        self.eight_bit = eight_bit

    def _merged(self, batch: ClaimedBatch, recipient: Recipient) -> Message | None:
        """The message of one recipient; None when the recipient gets none, which is a result."""
        if recipient.skip:
            result = Result(recipient.contact_id, State.SKIPPED, recipient.skip)
        elif not (self.international or recipient.address.isascii()):
            # The server would refuse the sender (RFC 6531), which would look as if it wanted nobody's mail.
            result = Result(recipient.contact_id, State.FAILED, "not_ascii")
        else:
            try:
                return batch.merger.merge(recipient.contact_id, recipient.address, recipient.row)
            except TransportError as error:
                result = Result(recipient.contact_id, State.FAILED, "not_merged", None, str(error)[:200])
        batch.add_result(result)
        return None

    def _next_recipient(self, waiting: deque[Recipient]) -> Recipient | None:
        """The first in the queue whose domain may be written to now."""
        if not self.throttle.domains:
            return waiting.popleft()
        for _turn in range(len(waiting)):
            recipient = waiting.popleft()
            wait = self.throttle.domain_wait(recipient.address.rpartition("@")[2])
            if wait <= 0:
                return recipient
            waiting.append(recipient)
            self.opens_at = time.monotonic() + wait
        return None

    # --- Batches ----------------------------------------------------------------------------------------------------

    def fetch(self) -> None:
        """Ask for the next batch when few claimed recipients are left."""
        if self.is_fetching or self.state.is_drained or self.state.is_stopping:
            return
        left = self.waiting
        if left < FETCH_BELOW:
            self.is_fetching = True
            self.writer.fetch(begun=left < self.begin_below)

    def collect(self) -> int:
        """Take over the batches that the writer has fetched and drop those it has written; how many were written."""
        self.writer.drain_bell()
        if self.writer.error is not None:
            raise self.writer.error
        while self.writer.fetched:
            batch = self.writer.fetched.popleft()
            self.is_fetching = False
            if batch is None:
                self.state.drain()
            else:
                batch.merger.eight_bit = self.eight_bit
                self.batches.append(batch)
        written = 0
        while self.writer.written:
            self.batches.remove(self.writer.written.popleft())
            written += 1
        return written

    def submit_finished(self) -> None:
        """Submit every batch that is through or that will not go on; begin the next one when the one before comes to
        its end, not sooner: of a batch that has not begun nobody is unknown when this host is lost."""
        left = 0
        for batch in self.batches:
            if batch.is_submitted:
                continue
            if not batch.on_wire and (self.state.is_stopping or batch.begin_refused or not batch.waiting):
                batch.journal.flush()
                batch.is_cancelled = self.state.is_cancelled
                self.state.has_waiting = self.state.has_waiting or bool(batch.waiting)
                self.writer.submit(batch)
            elif batch.begin_requested:
                left += len(batch.waiting)
            elif left < self.begin_below:
                self.writer.begin(batch)

    def flush_journals(self) -> None:
        for batch in self.batches:
            if batch.journal.lines:
                batch.journal.flush()

    def checkpoint(self) -> list[str]:
        """Write results of batches that take long; the owners of the claims."""
        for batch in self.batches:
            self.writer.checkpoint(batch)
        return [batch.claim.owner for batch in self.batches if not batch.is_submitted]

    def abandon_unwritten(self) -> None:
        """What is not in the ledger by now stays in its journal: recovery replays it."""
        for batch in (*self.batches, *self.writer.fetched):
            if batch is not None and batch not in self.writer.written:
                batch.journal.abandon()
