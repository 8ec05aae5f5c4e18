"""What a mail server's answer says, in words."""

import pytest

from delivery.feedback import smtp_reply_text
from delivery.feedback.smtp_reply_text import reply_explained, reply_quoted
from delivery.sends.models import Delivery
from delivery.sends.recipients_table import not_delivered_reason


@pytest.mark.parametrize(
    ("code", "reply", "meaning"),
    [
        (550, "5.1.1 no such user", smtp_reply_text.NO_MAILBOX),
        (550, "5.4.4 host not found", smtp_reply_text.NO_DOMAIN),
        (550, "5.2.1 disabled", smtp_reply_text.CLOSED),
        (552, "5.2.2 over quota", smtp_reply_text.FULL_NOW),
        (452, "Insufficient system storage", smtp_reply_text.FULL_NOW),
        (552, "5.3.4 message too large", smtp_reply_text.TOO_BIG),
        (451, "4.4.1 no answer from host", smtp_reply_text.UNREACHED),
        (421, "closing", smtp_reply_text.BUSY),
        (451, "4.7.1 Greylisted, try again in 300 seconds", smtp_reply_text.STRANGERS),
        (421, "4.7.0 too many connections from your host", smtp_reply_text.TOO_MANY),
        (554, "5.7.1 blocked using zen.spamhaus.org", smtp_reply_text.UNWANTED),
        (554, "5.7.1 Refused", smtp_reply_text.UNWANTED),
        (550, "5.7.26 unauthenticated", smtp_reply_text.UNPROVEN),
        (550, "SPF check failed", smtp_reply_text.UNPROVEN),
        (553, "5.1.8 bad sender", smtp_reply_text.SENDER),
        (554, "5.6.0 no", smtp_reply_text.CONTENT),
        (530, "5.7.0 Must issue a STARTTLS command first", smtp_reply_text.OPEN),
        (None, "Amazon SES: 535 5.7.8 Authentication credentials invalid", smtp_reply_text.SIGN_IN),
        (None, "5.2.2 smtp; 452 4.2.2 over quota", smtp_reply_text.FULL_NOW),
        (550, "rejected", ""),
        (None, "the server closed the connection", ""),
        (250, "2.0.0 queued; mailbox full of joy", ""),
    ],
)
def test_an_answer_in_words(code: int | None, reply: str, meaning: object) -> None:
    assert reply_explained(code, reply) == str(meaning)


def test_the_answer_itself() -> None:
    assert reply_quoted(550, "5.1.1 no such user") == "550 5.1.1 no such user"
    assert reply_quoted(None, "the server closed the connection") == "the server closed the connection"


@pytest.mark.parametrize(
    ("state", "reason", "code", "reply", "words"),
    [
        ("sent", "", 250, "ok", ""),
        ("skipped", "no_consent", None, "", "No consent"),
        ("failed", "hard_bounce", 550, "5.1.1 no such user", "The address does not exist"),
        ("failed", "refused", 552, "5.2.2 over quota", "The mailbox is full"),
        ("failed", "refused", 550, "no", "Refused by the mail server"),
        ("failed", "gave_up", 452, "4.2.2 full", "Failed after retries for one day · The mailbox is full"),
    ],
)
def test_why_somebody_did_not_get_it(state: str, reason: str, code: int | None, reply: str, words: str) -> None:
    assert not_delivered_reason(Delivery(state=state, reason=reason, smtp_code=code, smtp_reply=reply)) == words
