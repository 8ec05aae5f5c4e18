"""The health of a mail server during one run: answers that are about the server or the sender, not about a recipient.

A server that refuses every recipient, that breaks off, or that never says whether it has a message, is left alone
before it costs more refused or unknown recipients.
"""

from django.utils.translation import gettext as _

from core.errors import TransportError
from delivery.engine import dot_delay
from delivery.engine.circuit_breaker import sender_refused
from delivery.transports.provider_api.transport import ApiServer
from delivery.transports.smtp import Answer, Server

MAX_REFUSALS_IN_A_ROW = 50
MAX_SILENCES_IN_A_ROW = 3
MAX_BREAKS_IN_A_ROW = 20
IN_BODY = frozenset({"body", "part"})
NOT_ABOUT_RECIPIENT = frozenset({"mail", "rset"})


class ServerHealth:
    """Counts in a row, set back by every accepted message."""

    def __init__(self, server: Server | ApiServer) -> None:
        self.server = server
        self.is_api = isinstance(server, ApiServer)
        self.refusals = self.silences = self.breaks = self.lost_bodies = 0
        self.broken_at: set[int] = set()
        self.failure: TransportError | None = None

    def accepted(self) -> None:
        self.refusals = self.silences = self.breaks = self.lost_bodies = 0

    def says_nothing_of_recipient(self, contact_id: int, answer: Answer) -> bool:
        """Whether an answer is about the server or the sender (421: the server as a whole wants no more).

        A connection that ends before the body says nothing of its recipient once; a recipient at whom the connection
        ends again is deferred, so that the others get on.
        """
        if answer.code or answer.stage in IN_BODY:
            return answer.stage in NOT_ABOUT_RECIPIENT or (answer.code == 421 and answer.stage not in IN_BODY)
        self._count_break()
        is_repeated = contact_id in self.broken_at
        self.broken_at.add(contact_id)
        return not is_repeated

    def server_answered(self, answer: Answer) -> None:
        """Keep the failure that an answer about the server or the sender means."""
        if answer.code >= 500:
            self.failure = sender_refused(answer)
        elif answer.code:
            self.failure = TransportError(answer.text, permanent=False, wait=answer.wait)

    def broke_in_body(self, answer: Answer) -> bool:
        """Whether an SMTP connection ended within a body: the final dot then follows its body a moment later."""
        return answer.code == 0 and answer.stage in IN_BODY and not self.is_api

    def not_accepted(self, answer: Answer) -> None:
        """Count an answer that is about its recipient, or a message without an answer."""
        if answer.code == 0 and self.is_api:
            self.count_silences(answer.stage == "body")
        elif self.broke_in_body(answer):
            dot_delay.record(str(self.server))
            self.lost_bodies += answer.stage == "body"
            self._count_break()
        self.refusals = self.refusals + 1 if answer.code >= 500 else 0
        if self.refusals >= MAX_REFUSALS_IN_A_ROW:
            words = _("The mail server refused %(count)s recipients in a row: %(answer)s")
            self.failure = TransportError(words % {"count": self.refusals, "answer": answer.text[:120]}, permanent=True)

    def count_silences(self, count: int) -> None:
        """`count` more messages of which the server did not say whether it has them: each is an unknown recipient."""
        self.silences += count
        if self.silences >= max(MAX_SILENCES_IN_A_ROW, self.server.connections):
            words = _("The mail server did not confirm %(count)s messages in a row.")
            self.failure = TransportError(words % {"count": self.silences}, permanent=True)

    def _count_break(self) -> None:
        """A server whose connections end again and again is left alone: soon where each break costs an unknown
        recipient (once per connection the server may have been restarted), later where it only costs time."""
        self.breaks += 1
        if self.lost_bodies > max(MAX_SILENCES_IN_A_ROW - 1, self.server.connections):
            words = _("The mail server closed the connection after receiving a message, %(count)s times in a row.")
            self.failure = TransportError(words % {"count": self.lost_bodies}, permanent=True)
        elif self.breaks >= MAX_BREAKS_IN_A_ROW:
            words = _("The mail server closed the connection before accepting a message, %(count)s times in a row.")
            self.failure = TransportError(words % {"count": self.breaks}, permanent=False)
