"""Test messages: the bytes a recipient would get, sent the way theirs are, outside the ledger.

Everything is the engine's own: the merge program, the tokens, the signature, the provider in turn and the next one when
it does not take mail. Only the subject says that it is a test, and the tokens name the test message and no contact.
"""

import select
from collections.abc import Callable
from dataclasses import replace
from datetime import timedelta
from functools import partial
from time import monotonic
from typing import Any

from django.db import connection
from django.utils import timezone
from django.utils.translation import gettext as _

from core.errors import TransportError
from crm.contacts.sql import contacts_as
from delivery.domains.dkim import Signer, signer_of
from delivery.engine.circuit_breaker import sender_refused
from delivery.engine.classify import classify
from delivery.engine.compile import CompiledVariant, compile_variant
from delivery.engine.fields import FIELDS
from delivery.engine.merge import Merger
from delivery.engine.server_health import IN_BODY, NOT_ABOUT_RECIPIENT
from delivery.engine.tokens import TEST_MESSAGES
from delivery.sends.channels import identity_of
from delivery.sends.models import Delivery, Send, TestMessage, Variant
from delivery.transports.message import Message
from delivery.transports.provider_api.transport import ApiConnection, ApiServer
from delivery.transports.routing import breaker_close, breaker_open, route_of
from delivery.transports.smtp import Answer, Connection, Server

LOOK_SECONDS = 0.2
State = TestMessage.State


def holder_of(test_message: TestMessage) -> int:
    """Whom the tokens of a test message stand for: no contact has this number."""
    return TEST_MESSAGES + test_message.pk


def compile_test_message(variant: Variant, send: Send) -> CompiledVariant:
    """The merge program of one arm, its subject marked. Raises CompileError."""
    compiled = compile_variant(variant, send, is_test=True)
    mark = _("[Test]")
    return replace(compiled, subject=f"{mark} {compiled.subject}")


def merge_test_message(
    compiled: CompiledVariant, test_message: TestMessage, signer: Signer | None = None, eight_bit: bool = True
) -> Message:
    """The message as its contact would get it. Raises TransportError (permanent) when it cannot be merged for them."""
    merger = Merger(compiled, signer=signer, eight_bit=eight_bit)
    return merger.merge(
        holder_of(test_message) if test_message.pk else TEST_MESSAGES,
        test_message.address,
        _row(compiled, test_message.contact_id),
    )


def _row(compiled: CompiledVariant, contact_id: int | None) -> tuple[Any, ...]:
    """The merge values as a worker reads a recipient's; all empty for nobody known."""
    columns = ", ".join(FIELDS[name][0] for name in compiled.fields)
    with connection.cursor() as cursor:
        cursor.execute(f"SELECT {columns} FROM {contacts_as('c')} WHERE c.id = %s", [contact_id])
        found: tuple[Any, ...] | None = cursor.fetchone()
    return found or (None,) * len(compiled.fields)


def deliver_test_message(*, test_message_id: int, is_last: bool) -> bool:
    """Send one test message, by the next provider where one does not take mail. True when it is worth another try
    in a while, which there is none of when it `is_last`."""
    test_message = TestMessage.objects.select_related("send__identity").filter(pk=test_message_id).first()
    if test_message is None or not TestMessage.objects.filter(pk=test_message_id, state=State.WAITING).update(
        state=State.SENDING
    ):
        # A worker that died in the middle: nobody knows what the mail server has.
        TestMessage.objects.filter(pk=test_message_id, state=State.SENDING).update(
            state=State.UNKNOWN, reply=_("The sending process stopped unexpectedly.")
        )
        return False
    state, reply = _submit(test_message)
    again = state == State.WAITING and not is_last
    state = State.FAILED if state == State.WAITING and is_last else state
    TestMessage.objects.filter(pk=test_message_id).update(state=state, reply=reply[:300])
    return again


def _submit(test_message: TestMessage) -> tuple[State, str]:
    """What became of it, and the words for it; waiting where another try may help."""
    identity, compiled = identity_of(test_message.send), CompiledVariant.load(bytes(test_message.compiled))
    while True:
        try:
            route = route_of(identity)
            # A provider's API makes the message anew and signs it itself.
            by_api = isinstance(route.server, ApiServer)
            signer = None if by_api else signer_of(identity.from_address, at=timezone.now())
            merge_test_message(compiled, test_message)
        except TransportError as error:
            return State.FAILED, str(error)
        try:
            make = partial(merge_test_message, compiled, test_message, signer)
            answer = one_message(route.server, sender=identity.from_address, make=make)
        except TransportError as error:
            if breaker_open(test_message.send, route, error):
                continue
            named = f"{route.use.provider}: {error}" if route.use is not None else str(error)
            return (State.FAILED if error.permanent else State.WAITING), named
        breaker_close(route)
        return _classified(test_message, answer)


def one_message(server: Server | ApiServer, *, sender: str, make: Callable[[bool], Message]) -> Answer:
    """One connection, one message (made when it is known whether the server takes eight bits), outside any ledger.
    Raises TransportError when the server takes no mail from us at all."""
    answers: list[Answer] = []
    waiting = [make]
    one = _connection(
        server,
        sender,
        lambda: waiting.pop()(one.eight_bit) if waiting else None,
        lambda _message, answer: answers.append(answer),
    )
    try:
        one.start()
        while not answers:
            one.push()
            room = [one] if getattr(one, "out", b"") else []
            if not answers and select.select([one], room, [], LOOK_SECONDS)[0]:
                one.readable()
            one.release(monotonic())
            if not answers and one.overdue(monotonic()):
                one.fail("no answer in time")
    finally:
        one.close()
    answer = answers[0]
    if answer.stage in NOT_ABOUT_RECIPIENT or (answer.code in {0, 421} and answer.stage not in IN_BODY):
        raise (
            sender_refused(answer)
            if answer.code >= 500
            else TransportError(answer.text, permanent=False, wait=answer.wait)
        )
    return answer


def _connection(
    server: Server | ApiServer,
    sender: str,
    offer: Callable[[], Message | None],
    on_answer: Callable[[Message, Answer], None],
) -> Connection | ApiConnection:
    """There is no journal: a test message that is cut off is not known, and says so."""

    def begin(message: Message) -> None:
        """Nothing to write down."""

    if isinstance(server, ApiServer):
        return ApiConnection(server, offer=offer, on_body=begin, on_answer=on_answer)
    helo = sender.rpartition("@")[2] or "localhost"
    return Connection(server, helo=helo, offer=offer, on_body=begin, on_answer=on_answer)


def _classified(test_message: TestMessage, answer: Answer) -> tuple[State, str]:
    """The engine's own word on the answer, as a test message's."""
    now = timezone.now()
    result = classify(test_message.pk, answer, attempts=0, now=now, deadline=now + timedelta(days=1))
    states = {
        Delivery.State.SENT: State.SENT,
        Delivery.State.UNKNOWN: State.UNKNOWN,
        Delivery.State.DEFERRED: State.WAITING,
    }
    return states.get(Delivery.State(result.state), State.FAILED), f"{answer.code or ''} {answer.text}".strip()
