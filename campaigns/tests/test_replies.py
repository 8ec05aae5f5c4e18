"""What a mail server's answer says, in words."""

import pytest

from campaigns import replies
from campaigns.ledger import why_not
from campaigns.models.sends import Delivery
from campaigns.replies import reply_as_said, reply_in_words


@pytest.mark.parametrize(
    ("code", "reply", "meaning"),
    [
        (550, "5.1.1 no such user", replies.NO_MAILBOX),
        (550, "5.4.4 host not found", replies.NO_DOMAIN),
        (550, "5.2.1 disabled", replies.CLOSED),
        (552, "5.2.2 over quota", replies.FULL_NOW),
        (452, "Insufficient system storage", replies.FULL_NOW),
        (552, "5.3.4 message too large", replies.TOO_BIG),
        (451, "4.4.1 no answer from host", replies.UNREACHED),
        (421, "closing", replies.BUSY),
        (451, "4.7.1 Greylisted, try again in 300 seconds", replies.STRANGERS),
        (421, "4.7.0 too many connections from your host", replies.TOO_MANY),
        (554, "5.7.1 blocked using zen.spamhaus.org", replies.UNWANTED),
        (554, "5.7.1 Refused", replies.UNWANTED),
        (550, "5.7.26 unauthenticated", replies.UNPROVEN),
        (550, "SPF check failed", replies.UNPROVEN),
        (553, "5.1.8 bad sender", replies.SENDER),
        (554, "5.6.0 no", replies.CONTENT),
        (530, "5.7.0 Must issue a STARTTLS command first", replies.OPEN),
        (None, "Amazon SES: 535 5.7.8 Authentication credentials invalid", replies.SIGN_IN),
        (None, "5.2.2 smtp; 452 4.2.2 over quota", replies.FULL_NOW),
        (550, "rejected", ""),
        (None, "the server closed the connection", ""),
        (250, "2.0.0 queued; mailbox full of joy", ""),
    ],
)
def test_an_answer_in_words(code: int | None, reply: str, meaning: object) -> None:
    assert reply_in_words(code, reply) == str(meaning)


def test_the_answer_itself() -> None:
    assert reply_as_said(550, "5.1.1 no such user") == "550 5.1.1 no such user"
    assert reply_as_said(None, "the server closed the connection") == "the server closed the connection"


@pytest.mark.parametrize(
    ("state", "reason", "code", "reply", "words"),
    [
        ("sent", "", 250, "ok", ""),
        ("skipped", "no_consent", None, "", "No consent"),
        ("failed", "hard_bounce", 550, "5.1.1 no such user", "The address does not exist"),
        ("failed", "refused", 552, "5.2.2 over quota", "The mailbox is full"),
        ("failed", "refused", 550, "no", "Refused by the mail server"),
        ("failed", "gave_up", 452, "4.2.2 full", "Given up after a day of trying · The mailbox is full"),
    ],
)
def test_why_somebody_did_not_get_it(state: str, reason: str, code: int | None, reply: str, words: str) -> None:
    assert why_not(Delivery(state=state, reason=reason, smtp_code=code, smtp_reply=reply)) == words
