"""Delivering: one run of a worker on one send. Claim batches, merge, hand over, journal, write the results, again.

The conversation never waits for Postgres: a clerk (`campaigns.engine.clerk`) brings the next hand while one is on the
wire and writes down the one before. A run lasts some seconds and then makes room for others; the task that called it
calls again. Pause, cancel and a limit reached take hold between two messages.
"""

import select
import time
from collections import deque
from datetime import timedelta

from django.conf import settings
from django.db import DatabaseError, InterfaceError, connection
from django.utils import timezone
from django.utils.translation import gettext as _

from campaigns.engine import careful
from campaigns.engine.api import ApiConnection, ApiServer
from campaigns.engine.claims import Waiting, claims_refresh
from campaigns.engine.clerk import Clerk, Hand
from campaigns.engine.dkim import signer_of
from campaigns.engine.ledger import Result
from campaigns.engine.merge import Message
from campaigns.engine.providers import breaker_close, breaker_open, route_of
from campaigns.engine.recover import orphans_recover
from campaigns.engine.sight import send_in_sight
from campaigns.engine.smtp import Answer, Connection
from campaigns.engine.throttle import Throttle
from campaigns.engine.trouble import sender_refused, trouble_note, trouble_over
from campaigns.engine.verdict import verdict
from campaigns.engine.warmup import Allowance
from campaigns.models.identities import SendingPolicy
from campaigns.models.sends import Delivery, Send
from core.errors import TransportError

LOOK_SECONDS = 0.4
FETCH_BELOW = 250
BEGUN_AHEAD = 16
MERGED_AHEAD = 8
REFUSALS_IN_A_ROW = 50
SILENCES_IN_A_ROW = 3
BREAKS_IN_A_ROW = 20
ANOTHER_AFTER = 5.0
IN_BODY = frozenset({"body", "part"})
NOTHING_SAID = frozenset({"mail", "rset"})
State = Delivery.State


class Run:
    """One worker on one send: its connections, and the batches in its hands, the oldest first."""

    def __init__(self, send: Send, *, seconds: float) -> None:
        self.send = send
        self.until = time.monotonic() + seconds
        self.route = route_of(send.identity)
        self.server = self.route.server
        policy = SendingPolicy.get()
        self.throttle = Throttle(
            {
                "all": policy.per_second,
                f"identity:{send.identity_id}": send.identity.per_second,
                f"send:{send.pk}": send.per_second,
                **self.route.buckets,
            },
            policy.domain_limits,
        )
        self.deadline = (send.launched_at or timezone.now()) + timedelta(hours=settings.SENDING_GIVE_UP_HOURS)
        # A provider's API makes the message anew and signs it itself.
        by_api = isinstance(self.server, ApiServer)
        signer = None if by_api else signer_of(send.identity.from_address, at=timezone.now())
        allowance = Allowance.of(send.identity)
        self.begin_below = BEGUN_AHEAD * self.server.connections
        self.clerk = Clerk(send, signer=signer, provider_id=self.route.provider_id, allowance=allowance)
        self.hands: list[Hand] = []
        self.on_wire: dict[int, tuple[Hand, Waiting]] = {}
        self.connections: dict[int, Connection | ApiConnection] = {}
        self.poll = select.epoll()
        self.refusals = self.silences = self.breaks = self.vanished = 0
        self.broken_at: set[int] = set()
        self.eight_bit = self.international = False
        self.trouble: TransportError | None = None
        self.fetching = self.drained = self.stopping = self.cancelled = self.left = False
        self.opens_at = self.another_at = 0.0
        self.seen_at = self.looked_at = time.monotonic()
        self.now = timezone.now()

    # --- A run ------------------------------------------------------------------------------------------------------

    def go(self) -> bool:
        """Deliver batches until the time is up. True when this send may have more for us now."""
        self.clerk.start()
        self.poll.register(self.clerk.bell, select.EPOLLIN)
        try:
            self._converse()
        except BaseException:
            self.clerk.patience = 0.0
            raise
        finally:
            for open_connection in self.connections.values():
                open_connection.close()
            self.clerk.end()
            # What is not in the ledger by now stays in its journal: recovery replays it.
            for hand in (*self.hands, *self.clerk.brought):
                if hand is not None and hand not in self.clerk.written:
                    hand.journal.abandon()
            self.poll.close()
        if self.trouble is not None:
            if breaker_open(self.send, self.route, self.trouble):
                return True
            trouble_note(self.send, self.trouble)
            return False
        if self.clerk.away is not None:
            raise self.clerk.away
        return self.left or not self.drained

    # --- The conversation -------------------------------------------------------------------------------------------

    def _converse(self) -> None:
        """Hand over batch after batch until nobody waits, or we are told to stop; then until all is written down."""
        self._fetch(first=True)
        while self.hands or self.fetching:
            if not self.stopping:
                self._connect_enough()
            idle = [one for one in self.connections.values() if not one.expected]
            if idle:
                for one in idle:
                    one.start()
                self._flush(idle)
            if self.hands:
                self._hand_in()
            self._listen()
            if time.monotonic() - self.looked_at > LOOK_SECONDS:
                self._look_around()

    def _fetch(self, *, first: bool = False) -> None:
        """Ask for the next hand when there is little left to do and time to do it."""
        if self.fetching or self.drained or self.stopping or self.trouble is not None:
            return
        if first or time.monotonic() < self.until:
            left = sum([len(hand.waiting) for hand in self.hands])
            if left < FETCH_BELOW:
                self.fetching = True
                self.clerk.fetch(begun=left < self.begin_below)

    def _take_in(self) -> None:
        """What the clerk has brought, and what it has written down."""
        self.clerk.hear()
        if self.clerk.error is not None:
            raise self.clerk.error
        while self.clerk.brought:
            hand = self.clerk.brought.popleft()
            self.fetching = False
            if hand is None:
                self.drained = True
            else:
                hand.merger.eight_bit = self.eight_bit
                self.hands.append(hand)
        while self.clerk.written:
            self.hands.remove(self.clerk.written.popleft())
            if self.trouble is None:
                breaker_close(self.route)
                if self.send.trouble_since is not None:
                    trouble_over(self.send)
        self._fetch()

    def _hand_in(self) -> None:
        """Give the clerk every hand that is through, or that we will not go on with; have the next one begun when the
        one before comes to its end, not sooner: of what has not begun nobody is unknown when this host is lost."""
        left = 0
        for hand in self.hands:
            if hand.written:
                continue
            if not hand.on_wire and (self.stopping or hand.refused or not hand.waiting):
                hand.journal.flush()
                hand.cancelled = self.cancelled
                self.left = self.left or bool(hand.waiting)
                self.clerk.write(hand)
            elif hand.asked:
                left += len(hand.waiting)
            elif left < self.begin_below:
                self.clerk.begin(hand)
        self._fetch()

    def _listen(self) -> None:
        now = time.monotonic()
        held = [one for one in self.connections.values() if one.held_until is not None]
        soon = min([LOOK_SECONDS, *[(one.held_until or now) - now for one in held]]) if held else LOOK_SECONDS
        if self.opens_at > now and any(hand.waiting for hand in self.hands):
            soon = min(soon, max(self.opens_at - now, 0.001))
        touched = []
        for number, event in self.poll.poll(max(soon, 0.0)):
            if number == self.clerk.bell:
                self._take_in()
                continue
            one = self.connections[number]
            touched.append(one)
            if event & ~select.EPOLLOUT:
                one.readable()
        if held:
            now = time.monotonic()
            for one in held:
                one.release(now)
            touched += held
        self._flush(touched)

    def _flush(self, touched: list[Connection | ApiConnection]) -> None:
        """The journals first, then what these connections have to say; the poll is kept in step with them."""
        for hand in self.hands:
            if hand.journal.lines:
                hand.journal.flush()
        for one in touched:
            one.push()
            if one.closed:
                self.connections = {key: other for key, other in self.connections.items() if other is not one}
            elif (room := one.watch_for_room()) is not None:
                self.poll.modify(one.fileno(), select.EPOLLIN | select.EPOLLOUT if room else select.EPOLLIN)

    def _connect_enough(self) -> None:
        if len(self.connections) >= self.server.connections:
            return
        wanted = min(self.server.connections, sum(len(hand.waiting) for hand in self.hands))
        while len(self.connections) < wanted:
            asked_at = time.monotonic()
            if self.connections and asked_at < self.another_at:
                return
            try:
                one = self._connect()
            except TransportError as error:
                if self.connections:
                    # It wants no more at a time than it has given: those go on.
                    took = time.monotonic() - asked_at
                    self.another_at = time.monotonic() + ANOTHER_AFTER + 10 * took
                else:
                    self.stopping, self.trouble = True, error
                return
            if careful.is_needed(str(self.server)):
                one.be_careful()
            self.international = one.international
            for hand in self.hands:
                hand.merger.eight_bit = one.eight_bit
                if one.eight_bit != self.eight_bit:
                    hand.merged.clear()
            self.eight_bit = one.eight_bit
            self.connections[one.fileno()] = one
            self.poll.register(one.fileno(), select.EPOLLIN)

    def _connect(self) -> Connection | ApiConnection:
        if isinstance(self.server, ApiServer):
            return ApiConnection(self.server, offer=self._offer, on_body=self._begin, on_answer=self._answered)
        return Connection(
            self.server,
            helo=self.send.identity.from_address.rpartition("@")[2] or "localhost",
            offer=self._offer,
            on_body=self._begin,
            on_answer=self._answered,
        )

    def _offer(self) -> Message | None:
        """The next message; None when nobody waits, we are stopping, or a limit holds."""
        if self.stopping:
            return None
        for hand in self.hands:
            waiting, merged = hand.waiting, hand.merged
            while waiting and hand.begun:
                wait = self.throttle.wait()
                if wait > 0:
                    self.opens_at = time.monotonic() + wait
                    return None
                if not merged and not self.throttle.domains:
                    hand.merge_ahead(MERGED_AHEAD)
                recipient = waiting.popleft() if merged else self._next(waiting)
                if recipient is None:
                    break
                message = merged.popleft() if merged else self._merged(hand, recipient)
                if message is None:
                    continue
                self.throttle.take(message.recipient)
                self.on_wire[recipient.contact_id] = (hand, recipient)
                hand.on_wire += 1
                return message
        return None

    def _merged(self, hand: Hand, recipient: Waiting) -> Message | None:
        """The message of one recipient; None when they get none, which is written down."""
        if recipient.skip:
            result = Result(recipient.contact_id, State.SKIPPED, recipient.skip)
        elif not (self.international or recipient.address.isascii()):
            # The server would refuse the sender (RFC 6531), which would look as if it wanted nobody's mail.
            result = Result(recipient.contact_id, State.FAILED, "not_ascii")
        else:
            try:
                return hand.merger.merge(recipient.contact_id, recipient.address, recipient.row)
            except TransportError as error:
                result = Result(recipient.contact_id, State.FAILED, "not_merged", None, str(error)[:200])
        hand.done(result)
        return None

    def _next(self, waiting: deque[Waiting]) -> Waiting | None:
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

    def _begin(self, message: Message) -> None:
        """Written to the journal, which is on file before the body leaves."""
        hand = self.on_wire[message.contact_id][0]
        hand.journal.begin(hand.claim.key, message.contact_id)

    def _answered(self, message: Message, answer: Answer) -> None:
        hand, recipient = self.on_wire.pop(message.contact_id)
        hand.on_wire -= 1
        if answer.accepted:
            self.refusals = self.silences = self.breaks = self.vanished = 0
        elif self._says_nothing_of_them(recipient, answer):
            # Nothing was said about the recipient (421: the server as a whole wants no more): back into the queue.
            hand.back(recipient)
            if answer.code >= 500:
                self.stopping, self.trouble = True, sender_refused(answer)
            elif answer.code:
                self.stopping, self.trouble = True, TransportError(answer.text, permanent=False, wait=answer.wait)
            return
        else:
            self._not_taken(answer)
        hand.done(
            verdict(message.contact_id, answer, attempts=recipient.attempts, now=self.now, deadline=self.deadline)
        )

    def _says_nothing_of_them(self, recipient: Waiting, answer: Answer) -> bool:
        """Whether an answer is about the server or the sender. A connection that ends before the body is no word on the
        recipient once; at whom it ends again is given time, for the others' sake."""
        if answer.code or answer.stage in IN_BODY:
            return answer.stage in NOTHING_SAID or (answer.code == 421 and answer.stage not in IN_BODY)
        self._judge_break()
        again = recipient.contact_id in self.broken_at
        self.broken_at.add(recipient.contact_id)
        return not again

    def _not_taken(self, answer: Answer) -> None:
        """Look out for a server that breaks off in bodies, and for one that refuses everybody."""
        if answer.code == 0 and isinstance(self.server, ApiServer):
            self.silences += answer.stage == "body"
            self._judge_silence()
        elif answer.code == 0 and answer.stage in IN_BODY:
            careful.note(str(self.server))
            for one in self.connections.values():
                one.be_careful()
            self.vanished += answer.stage == "body"
            self._judge_break()
        self.refusals = self.refusals + 1 if answer.code >= 500 else 0
        if self.refusals >= REFUSALS_IN_A_ROW:
            self.stopping = True
            self.trouble = TransportError(
                _("The mail server refused %(count)s recipients in a row: %(answer)s")
                % {"count": self.refusals, "answer": answer.text[:120]},
                permanent=True,
            )

    def _judge_break(self) -> None:
        """A server whose connections end and end is left alone: soon where each costs an unknown (once per connection
        it may have been started again), later where it costs nothing but time."""
        self.breaks += 1
        trouble = None
        if self.vanished > max(SILENCES_IN_A_ROW - 1, self.server.connections):
            words = _("The mail server takes messages and hangs up: %(count)s in a row.")
            trouble = TransportError(words % {"count": self.vanished}, permanent=True)
        elif self.breaks >= BREAKS_IN_A_ROW:
            words = _("The mail server hangs up before it has a message: %(count)s in a row.")
            trouble = TransportError(words % {"count": self.breaks}, permanent=False)
        if trouble is not None:
            self.stopping, self.trouble = True, trouble

    def _judge_silence(self) -> None:
        """A server that says of nobody whether it has the message is left alone: each costs an unknown."""
        if self.silences >= max(SILENCES_IN_A_ROW, self.server.connections):
            self.stopping = True
            self.trouble = TransportError(
                _("The mail server takes messages and does not say whether it has: %(count)s in a row.")
                % {"count": self.silences},
                permanent=True,
            )

    def _look_around(self) -> None:
        """Twice a second: is the send still on, are the claims still ours, has a server kept us waiting, is time up?"""
        now = self.looked_at = time.monotonic()
        self.now = timezone.now()
        overdue = [one for one in self.connections.values() if one.overdue(now)]
        for one in overdue:
            self.silences += one.awaits_verdict
            one.fail("no answer in time")
        self._flush(overdue)
        self._judge_silence()
        for hand in self.hands:
            self.clerk.keep(hand)
        owners = [hand.claim.owner for hand in self.hands if not hand.written]
        try:
            state, held = claims_refresh(send_id=self.send.pk, owners=owners)
            self.seen_at = now
            if not held.issuperset(owners):
                self.stopping = True
        except (DatabaseError, InterfaceError):
            connection.close()
            # Others will count us as lost: send nothing more that they could not know of.
            state = Send.State.SENDING if now - self.seen_at < settings.SENDING_LOST_SECONDS * 0.7 else None
        self.cancelled = state == Send.State.CANCELLED
        self.stopping = self.stopping or state != Send.State.SENDING or now > self.until


def deliver(*, send_id: int, seconds: float | None = None) -> bool:
    """One run on a send. True when it may have more for us now. Must not run inside a transaction."""
    orphans_recover()
    if not send_in_sight(send_id=send_id):
        return False
    send = Send.objects.select_related("identity").get(pk=send_id)
    try:
        run = Run(send, seconds=seconds or settings.SENDING_RUN_SECONDS)
    except TransportError as error:
        trouble_note(send, error)
        return False
    return run.go()
