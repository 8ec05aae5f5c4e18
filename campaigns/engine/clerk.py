"""The clerk: claims batches and writes results down beside the conversation, so that no connection waits for Postgres.

A thread of the worker with a database connection of its own. It brings hands (a claimed batch with its journal and its
people) and takes them back when everybody in them has an answer. Each hand has a journal of its own: it ends when the
hand's results are in the ledger, while the next hand is on the wire.
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

from campaigns.engine.claims import Claim, Reader, Waiting, batch_begin, batch_claim
from campaigns.engine.compile import CompiledVariant
from campaigns.engine.dkim import Signer
from campaigns.engine.journal import Journal
from campaigns.engine.ledger import Result, batch_recount, batch_release, results_apply, waiting_skip
from campaigns.engine.merge import Merger, Message
from campaigns.engine.warmup import Allowance, give_back
from campaigns.models.sends import Delivery, Send, Variant
from core.errors import TransportError

log = structlog.get_logger(__name__)

DATABASE_PATIENCE = 60.0
KEEP_SECONDS = 2.0


class Hand:
    """A batch in our hands: its journal, who still waits, how many are on the wire, what became of the others.

    `merged` are the messages of the first in `waiting`, as far as they have been made ahead. Nothing of it leaves
    before it has `begun` in the database, which is `asked` for in time; `refused` when that cannot be had. Of a batch
    that takes long, those who got it are written down meanwhile, last at `kept_at`; whoever is `ledgered` stands in the
    ledger.
    """

    __slots__ = (
        "asked",
        "begun",
        "cancelled",
        "claim",
        "day_id",
        "granted",
        "journal",
        "kept_at",
        "ledgered",
        "merged",
        "merger",
        "on_wire",
        "refused",
        "rests",
        "results",
        "waiting",
        "written",
    )  # fmt: skip

    def __init__(
        self, claim: Claim, journal: Journal, merger: Merger, waiting: deque[Waiting], *, begun: bool = True
    ) -> None:
        self.begun = self.asked = begun
        self.refused = False
        self.claim, self.journal, self.merger, self.waiting = claim, journal, merger, waiting
        self.merged: deque[Message] = deque()
        self.results: list[Result] = []
        self.kept_at = time.monotonic()
        self.ledgered: set[int] = set()
        self.on_wire = 0
        self.cancelled = False
        self.written = False
        self.granted, self.rests = 0, False
        self.day_id: int | None = None

    def keep_to(self, allowance: Allowance) -> None:
        """Only as many as the domain's warm-up has left today; the others wait in the ledger."""
        wanted = sum(1 for recipient in self.waiting if not recipient.skip)
        self.granted, self.day_id = allowance.take(wanted)
        self.rests = self.granted < wanted
        room = self.granted
        for _turn in range(len(self.waiting)):
            recipient = self.waiting.popleft()
            if recipient.skip or room > 0:
                self.waiting.append(recipient)
                room -= not recipient.skip

    def merge_ahead(self, most: int) -> None:
        """Make the next few messages in one go, up to whoever needs a closer look: cheaper than one at a time between
        the answers of a server."""
        for recipient in islice(self.waiting, most):
            if recipient.skip or not recipient.address.isascii():
                return
            try:
                self.merged.append(self.merger.merge(recipient.contact_id, recipient.address, recipient.row))
            except TransportError:
                return

    def back(self, recipient: Waiting) -> None:
        """Nothing was said of them: they wait again, before all others."""
        self.merged.clear()
        self.waiting.appendleft(recipient)

    @property
    def unused(self) -> int:
        return self.granted - sum(1 for result in self.results if result.state != Delivery.State.SKIPPED)

    def left(self, results: list[Result]) -> list[Result]:
        """Those of them that are not in the ledger yet."""
        return [result for result in results if result.contact_id not in self.ledgered] if self.ledgered else results

    def done(self, result: Result) -> None:
        self.results.append(result)
        self.journal.result(self.claim.key, result)


class Clerk(Thread):
    """`bell` becomes readable whenever something was brought, written or has failed. What ends the clerk is in `error`;
    a claim that failed because of the database is in `away`, and what is in hand can still be written down."""

    def __init__(
        self,
        send: Send,
        *,
        signer: Signer | None = None,
        provider_id: int | None = None,
        allowance: Allowance | None = None,
    ) -> None:
        super().__init__(name="clerk", daemon=True)
        self.send, self.signer, self.provider_id = send, signer, provider_id
        self.allowance, self.resting = allowance, False
        self.mergers: dict[int, Merger] = {}
        self.reader = Reader(send)
        self.orders: SimpleQueue[Callable[[], None] | None] = SimpleQueue()
        self.bell = os.eventfd(0, os.EFD_NONBLOCK | os.EFD_CLOEXEC)
        self.brought: deque[Hand | None] = deque()
        self.written: deque[Hand] = deque()
        self.error: BaseException | None = None
        self.away: Error | None = None
        self.patience = DATABASE_PATIENCE

    # --- Asked by the worker ----------------------------------------------------------------------------------------

    def fetch(self, *, begun: bool) -> None:
        """Bring the next hand, or None when none is due; `begun` when its first message may leave at once."""
        self.orders.put(partial(self._fetch, begun=begun))

    def begin(self, hand: Hand) -> None:
        """Commit that messages of this hand may leave from now on."""
        hand.asked = True
        self.orders.put(partial(self._begin, hand))

    def keep(self, hand: Hand) -> None:
        """Write down who got it so far, where a batch takes long: for whoever looks on, and for the day we are lost."""
        now = time.monotonic()
        if hand.written or now - hand.kept_at < KEEP_SECONDS:
            return
        hand.kept_at = now
        self.orders.put(partial(self._keep, hand, list(hand.results)))

    def write(self, hand: Hand) -> None:
        """Write a hand's results into the ledger and let go of its claim."""
        hand.written = True
        self.orders.put(partial(self._write, hand))

    def end(self) -> None:
        """Do what was asked so far, and go."""
        self.orders.put(None)
        self.join()
        os.close(self.bell)

    def hear(self) -> None:
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
        if self.resting:
            self.brought.append(None)
            return
        journal = Journal()
        try:
            claim = batch_claim(send_id=self.send.pk, owner=journal.owner, begun=begun)
            if claim is None:
                journal.close()
                self.brought.append(None)
                return
            journal.provider(claim.key, self.provider_id)
            merger = self._merger(claim.variant_id)
            people = self.reader.read(claim, merger.compiled.fields)
            hand = Hand(claim, journal, merger, people, begun=begun)
            if self.allowance is not None:
                hand.keep_to(self.allowance)
                self.resting = hand.rests
            self.brought.append(hand)
        except (DatabaseError, InterfaceError) as error:
            # The claim may have been committed all the same: recovery finds the journal without an owner.
            journal.abandon()
            connection.close()
            self.away = error
            self.brought.append(None)
        except BaseException:
            journal.abandon()
            raise

    def _begin(self, hand: Hand) -> None:
        try:
            hand.begun = batch_begin(hand.claim)
        except (DatabaseError, InterfaceError) as error:
            connection.close()
            self.away = error
        hand.refused = not hand.begun

    def _merger(self, variant_id: int) -> Merger:
        merger = self.mergers.get(variant_id)
        if merger is None:
            stored = Variant.objects.values_list("compiled", flat=True).get(pk=variant_id)
            merger = self.mergers[variant_id] = Merger(CompiledVariant.load(bytes(stored or b"")), signer=self.signer)
        return merger

    def _keep(self, hand: Hand, results: list[Result]) -> None:
        """What cannot be written now is when the hand is through, and so is who did not get it."""
        key, sent = hand.claim.key, [result for result in hand.left(results) if result.state == Delivery.State.SENT]
        if not sent:
            return
        try:
            with transaction.atomic(), connection.cursor() as cursor:
                results_apply(cursor, send_id=key.send_id, batch=key.batch, results=sent, provider_id=self.provider_id)
                batch_recount(cursor, send_id=key.send_id, batch=key.batch, owner=hand.claim.owner)
        except (DatabaseError, InterfaceError):
            connection.close()
        else:
            hand.ledgered.update([result.contact_id for result in sent])

    def _write(self, hand: Hand) -> None:
        """In one transaction; the database may be away for a while."""
        until = time.monotonic() + self.patience
        while True:
            try:
                self._commit(hand)
                break
            except (DatabaseError, InterfaceError):
                connection.close()
                if time.monotonic() > until:
                    raise
                time.sleep(0.5)
        hand.journal.close()
        self.written.append(hand)

    def _commit(self, hand: Hand) -> None:
        key, results = hand.claim.key, hand.left(hand.results)
        with transaction.atomic(), connection.cursor() as cursor:
            results_apply(cursor, send_id=key.send_id, batch=key.batch, results=results, provider_id=self.provider_id)
            if hand.cancelled:
                waiting_skip(cursor, send_id=key.send_id, batches=[key.batch], reason=Delivery.Skip.CANCELLED)
            was_ours = batch_release(cursor, send_id=key.send_id, batch=key.batch, owner=hand.claim.owner)
            if not was_ours:
                # Given up in the meantime: late answers count, and a claim that others have on it by now stays theirs.
                batch_release(cursor, send_id=key.send_id, batch=key.batch, owner="")
            # Once: a commit whose answer was lost is done again.
            if was_ours and hand.day_id is not None:
                give_back(cursor, hand.day_id, hand.unused)
            if self.allowance is not None and hand.rests:
                self.allowance.rest(cursor, self.send)
