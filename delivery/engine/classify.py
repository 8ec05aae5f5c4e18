"""What an answer of a mail server means for the recipient: sent, failed for good, tried again, or not known."""

import re
from datetime import datetime, timedelta

from django.conf import settings

from delivery.engine.ledger import Result
from delivery.engine.mime import one_line
from delivery.sends.models import Delivery
from delivery.transports.smtp import Answer

State = Delivery.State
NO_SUCH_ADDRESS = re.compile(r"^5\.1\.(1|2|3|6|10)\b")
ENHANCED = re.compile(r"^5\.\d+\.\d+\b")
MAX_RETRY_SECONDS = 6 * 3600


def is_hard_bounce(answer: Answer) -> bool:
    """Whether the address itself does not exist, as RFC 3463 says it; a bare 550 at RCPT counts where no such code is
    given."""
    if NO_SUCH_ADDRESS.match(answer.text):
        return True
    return answer.stage == "rcpt" and answer.code in {550, 551, 553} and not ENHANCED.match(answer.text)


def retry_at(now: datetime, attempts: int) -> datetime:
    """When the next attempt comes: the first wait, tripled after each failure, six hours at most."""
    return now + timedelta(seconds=min(settings.SENDING_RETRY_SECONDS * 3**attempts, MAX_RETRY_SECONDS))


def classify(contact_id: int, answer: Answer, *, attempts: int, now: datetime, deadline: datetime) -> Result:
    """The ledger's word on one answer; `attempts` were made before this one.

    A server that had the whole message and did not answer may have taken it: that stays unknown until a person decides.
    One that certainly did not have its end cannot have taken it: it is tried again under the same Message-ID.
    """
    reply = one_line(answer.text)[:200]
    if answer.accepted:
        return Result(contact_id, State.SENT, "", answer.code, reply)
    if answer.code >= 500:
        reason = "hard_bounce" if is_hard_bounce(answer) else "refused"
        return Result(contact_id, State.FAILED, reason, answer.code, reply)
    if answer.code == 0 and answer.stage == "body":
        return Result(contact_id, State.UNKNOWN, "no_reply", None, reply)
    again = retry_at(now, attempts)
    if again > deadline:
        return Result(contact_id, State.FAILED, "gave_up", answer.code or None, reply)
    return Result(
        contact_id, State.DEFERRED, "broken_off" if not answer.code else "deferred", answer.code or None, reply, again
    )
