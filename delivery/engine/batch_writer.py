"""The batch writer: claims batches and writes results beside the event loop, so that no connection waits for Postgres.

A thread of the worker with a database connection of its own. The thread brings claimed batches (each with a journal and
its recipients) and takes a batch back when every recipient has a result. The journal of a batch ends when its results
are in the ledger, while the next batch is on the wire.
"""

import os
import time
from collections import deque
from collections.abc import Callable
from contextlib import suppress
from functools import partial
from itertools import islice
from queue import SimpleQueue
from threading import Thread

import structlog
from django.db import DatabaseError, InterfaceError, connection, transaction
from django.db.utils import Error

from core.errors import TransportError
from delivery.domains.daily_allowance import Allowance, give_back
from delivery.domains.dkim import Signer
from delivery.engine.claims import BatchReader, Claim, Recipient, batch_begin, batch_claim
from delivery.engine.compile import CompiledVariant
from delivery.engine.journal import Journal
from delivery.engine.ledger import Result, batch_recount, batch_release, results_apply, waiting_skip
from delivery.engine.merge import Merger
from delivery.sends.models import Delivery, Send, Variant
from delivery.transports.message import Message

log = structlog.get_logger(__name__)

DATABASE_PATIENCE = 60.0
CHECKPOINT_SECONDS = 2.0


class ClaimedBatch:
    """A claimed batch: its journal, the recipients that wait, how many are on the wire, the results of the others.

    `merged` holds the messages of the first recipients in `waiting`, as far as they were merged ahead. No message
    leaves before the batch `has_begun` in the database (`begin_requested` in time; `begin_refused` when another worker
    has the claim). In a batch that takes long, results are written meanwhile, last at `checkpoint_at`; `in_ledger` are
    the contacts whose result is written. `granted` recipients may leave under the domain's warm-up.
    """

    __slots__ = (
        "begin_refused",
        "begin_requested",
        "checkpoint_at",
        "claim",
        "day_id",
        "granted",
        "has_begun",
        "in_ledger",
        "is_cancelled",
        "is_submitted",
        "journal",
        "merged",
        "merger",
        "on_wire",
        "quota_reached",
        "results",
        "waiting",
    )

    def __init__(
        self, claim: Claim, journal: Journal, merger: Merger, waiting: deque[Recipient], *, begun: bool = True
    ) -> None:
        self.has_begun = self.begin_requested = begun
        self.begin_refused = False
        self.claim, self.journal, self.merger, self.waiting = claim, journal, merger, waiting
        self.merged: deque[Message] = deque()
        self.results: list[Result] = []
        self.checkpoint_at = time.monotonic()
        self.in_ledger: set[int] = set()
        self.on_wire = 0
        self.is_cancelled = False
        self.is_submitted = False
        self.granted, self.quota_reached = 0, False
        self.day_id: int | None = None

    def apply_quota(self, allowance: Allowance) -> None:
        """Keep as many recipients as the domain's warm-up allows today; the others wait in the ledger."""
        wanted = sum(1 for recipient in self.waiting if not recipient.skip)
        self.granted, self.day_id = allowance.take(wanted)
        self.quota_reached = self.granted < wanted
        room = self.granted
        for _turn in range(len(self.waiting)):
            recipient = self.waiting.popleft()
            if recipient.skip or room > 0:
                self.waiting.append(recipient)
                room -= not recipient.skip

    def merge_ahead(self, count: int) -> None:
        """Merge the next messages in one go, up to the first recipient that needs a check of its own: cheaper than one
        at a time between the answers of a server."""
        for recipient in islice(self.waiting, count):
            if recipient.skip or not recipient.address.isascii():
                return
            try:
                self.merged.append(self.merger.merge(recipient.contact_id, recipient.address, recipient.row))
            except TransportError:
                return

    def requeue(self, recipient: Recipient) -> None:
        """Put a recipient without an answer back, before all others."""
        self.merged.clear()
        self.waiting.appendleft(recipient)

    @property
    def unused(self) -> int:
        """How much of the warm-up's grant no message used."""
        return self.granted - sum(1 for result in self.results if result.state != Delivery.State.SKIPPED)

    def not_in_ledger(self, results: list[Result]) -> list[Result]:
        """The results that no checkpoint has written yet."""
        return [one for one in results if one.contact_id not in self.in_ledger] if self.in_ledger else results

    def add_result(self, result: Result) -> None:
        self.results.append(result)
        self.journal.result(self.claim.key, result)


class BatchWriter(Thread):
    """The thread beside the event loop. `bell` becomes readable whenever a batch was `fetched`, `written` or has
    failed. The error that ended the thread is in `error`; a claim that failed because of the database is in
    `database_error`, and claimed batches can still be written."""

    def __init__(
        self,
        send: Send,
        *,
        signer: Signer | None = None,
        provider_id: int | None = None,
        allowance: Allowance | None = None,
    ) -> None:
        super().__init__(name="batch-writer", daemon=True)
        self.send, self.signer, self.provider_id = send, signer, provider_id
        self.allowance, self.quota_is_used = allowance, False
        self.mergers: dict[int, Merger] = {}
        self.reader = BatchReader(send)
        self.orders: SimpleQueue[Callable[[], None] | None] = SimpleQueue()
        self.bell = os.eventfd(0, os.EFD_NONBLOCK | os.EFD_CLOEXEC)
        self.fetched: deque[ClaimedBatch | None] = deque()
        self.written: deque[ClaimedBatch] = deque()
        self.error: BaseException | None = None
        self.database_error: Error | None = None
        self.patience = DATABASE_PATIENCE

    # --- Called by the event loop -----------------------------------------------------------------------------------

    def fetch(self, *, begun: bool) -> None:
        """Bring the next batch, or None when none is due; `begun` when its first message may leave at once."""
        self.orders.put(partial(self._fetch, begun=begun))

    def begin(self, batch: ClaimedBatch) -> None:
        """Commit that messages of this batch may leave from now on."""
        batch.begin_requested = True
        self.orders.put(partial(self._begin, batch))

    def checkpoint(self, batch: ClaimedBatch) -> None:
        """Write the results so far of a batch that takes long: for the progress on screen, and for a lost host."""
        now = time.monotonic()
        if batch.is_submitted or now - batch.checkpoint_at < CHECKPOINT_SECONDS:
            return
        batch.checkpoint_at = now
        self.orders.put(partial(self._checkpoint, batch, list(batch.results)))

    def submit(self, batch: ClaimedBatch) -> None:
        """Write a batch's results into the ledger and release its claim."""
        batch.is_submitted = True
        self.orders.put(partial(self._write, batch))

    def close(self) -> None:
        """Do the orders so far, then end the thread."""
        self.orders.put(None)
        self.join()
        os.close(self.bell)

    def drain_bell(self) -> None:
        with suppress(BlockingIOError):
            os.eventfd_read(self.bell)

    # --- The thread -------------------------------------------------------------------------------------------------

    def run(self) -> None:
        try:
            while (order := self.orders.get()) is not None:
                order()
                os.eventfd_write(self.bell, 1)
        except BaseException as error:
            self.error = error
            os.eventfd_write(self.bell, 1)
        finally:
            connection.close()

    def _fetch(self, *, begun: bool) -> None:
        if self.quota_is_used:
            self.fetched.append(None)
            return
        journal = Journal()
        try:
            claim = batch_claim(send_id=self.send.pk, owner=journal.owner, begun=begun)
            if claim is None:
                journal.close()
                self.fetched.append(None)
                return
            journal.provider(claim.key, self.provider_id)
            merger = self._merger(claim.variant_id)
            recipients = self.reader.read(claim, merger.compiled.fields)
            batch = ClaimedBatch(claim, journal, merger, recipients, begun=begun)
            if self.allowance is not None:
                batch.apply_quota(self.allowance)
                self.quota_is_used = batch.quota_reached
            self.fetched.append(batch)
        except (DatabaseError, InterfaceError) as error:
            # The claim may have been committed all the same: recovery finds the journal without an owner.
            journal.abandon()
            connection.close()
            self.database_error = error
            self.fetched.append(None)
        except BaseException:
            journal.abandon()
            raise

    def _begin(self, batch: ClaimedBatch) -> None:
        try:
            batch.has_begun = batch_begin(batch.claim)
        except (DatabaseError, InterfaceError) as error:
            connection.close()
            self.database_error = error
        batch.begin_refused = not batch.has_begun

    def _merger(self, variant_id: int) -> Merger:
        merger = self.mergers.get(variant_id)
        if merger is None:
            stored = Variant.objects.values_list("compiled", flat=True).get(pk=variant_id)
            merger = self.mergers[variant_id] = Merger(CompiledVariant.load(bytes(stored or b"")), signer=self.signer)
        return merger

    def _checkpoint(self, batch: ClaimedBatch, results: list[Result]) -> None:
        """Only what was sent: the rest, and what cannot be written now, is written with the whole batch."""
        key = batch.claim.key
        sent = [result for result in batch.not_in_ledger(results) if result.state == Delivery.State.SENT]
        if not sent:
            return
        try:
            with transaction.atomic(), connection.cursor() as cursor:
                results_apply(cursor, send_id=key.send_id, batch=key.batch, results=sent, provider_id=self.provider_id)
                batch_recount(cursor, send_id=key.send_id, batch=key.batch, owner=batch.claim.owner)
        except (DatabaseError, InterfaceError):
            connection.close()
        else:
            batch.in_ledger.update([result.contact_id for result in sent])

    def _write(self, batch: ClaimedBatch) -> None:
        """In one transaction; the database may be away for a while."""
        until = time.monotonic() + self.patience
        while True:
            try:
                self._commit(batch)
                break
            except (DatabaseError, InterfaceError):
                connection.close()
                if time.monotonic() > until:
                    raise
                time.sleep(0.5)
        batch.journal.close()
        self.written.append(batch)

    def _commit(self, batch: ClaimedBatch) -> None:
        key, results = batch.claim.key, batch.not_in_ledger(batch.results)
        with transaction.atomic(), connection.cursor() as cursor:
            results_apply(cursor, send_id=key.send_id, batch=key.batch, results=results, provider_id=self.provider_id)
            if batch.is_cancelled:
                waiting_skip(cursor, send_id=key.send_id, batches=[key.batch], reason=Delivery.Skip.CANCELLED)
            was_ours = batch_release(cursor, send_id=key.send_id, batch=key.batch, owner=batch.claim.owner)
            if not was_ours:
                # Marked lost in the meantime: late answers count, and a claim that another worker has by now stays.
                batch_release(cursor, send_id=key.send_id, batch=key.batch, owner="")
            # Once: a commit whose answer was lost is done again.
            if was_ours and batch.day_id is not None:
                give_back(cursor, batch.day_id, batch.unused)
            if self.allowance is not None and batch.quota_reached:
                self.allowance.rest(cursor, self.send)
