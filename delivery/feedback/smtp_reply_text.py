"""What a mail server's answer says, as a sentence a director understands; the answer itself stands beside it.

The enhanced status codes (RFC 3463, RFC 5248, RFC 7372) decide where they are specific, else the words, else the reply
code (RFC 5321). A bare 550 says nothing by itself: servers give it for dead addresses and for unwanted mail.
"""

import re

from django.utils.translation import gettext_lazy as _

from delivery.feedback.codes import BY_WORDS, FULL, NOBODY, SPAM, STATUS, basic_in

NO_MAILBOX = _("There is no such mailbox")
NO_DOMAIN = _("The domain does not accept e-mail")
CLOSED = _("The mailbox is closed")
FULL_NOW = _("The mailbox is full")
TOO_BIG = _("The message is too large for the recipient's server")
UNREACHED = _("The recipient's mail server could not be reached")
BUSY = _("The recipient's mail server is overloaded or has a problem")
STRANGERS = _("The recipient's server delays new senders")
UNWANTED = _("Rejected by the recipient's spam filter")
UNPROVEN = _("Our domain could not be authenticated: check SPF, DKIM and DMARC")
TOO_MANY = _("Too many messages in a short time")
SENDER = _("The recipient's server rejected the sender")
CONTENT = _("Message content rejected")
SIGN_IN = _("The mail server does not accept our sign-in")
OPEN = _("There was no encrypted connection")

GREYLISTED = re.compile(r"gr[ea]y-?list|try again later|temporarily deferred", re.IGNORECASE)
ENCRYPTED = re.compile(r"\btls\b|starttls", re.IGNORECASE)
PROOFS = re.compile(r"\b(spf|dkim|dmarc)\b|unauthenticated", re.IGNORECASE)
CROWDED = re.compile(r"too many|rate limit|throttl", re.IGNORECASE)
STATUSES = {
    **dict.fromkeys(((1, 1), (1, 3), (1, 6), (1, 9)), NO_MAILBOX),
    **dict.fromkeys(((1, 2), (1, 10), (4, 4), (4, 310)), NO_DOMAIN),
    **dict.fromkeys(((1, 7), (1, 8)), SENDER),
    **dict.fromkeys(((2, 3), (3, 4)), TOO_BIG),
    **dict.fromkeys(((4, 1), (4, 2), (4, 7)), UNREACHED),
    **dict.fromkeys(((3, 1), (3, 2), (4, 3), (4, 5)), BUSY),
    **dict.fromkeys(((7, 8), (7, 9), (7, 11)), SIGN_IN),
    **dict.fromkeys([(7, detail) for detail in range(20, 28)], UNPROVEN),
    (2, 1): CLOSED,
    (2, 2): FULL_NOW,
    (7, 28): TOO_MANY,
}
SUBJECTS = {6: CONTENT, 7: UNWANTED}
CODES = {
    **dict.fromkeys((421, 450, 451), BUSY),
    **dict.fromkeys((530, 534, 535, 538), SIGN_IN),
    **dict.fromkeys((452, 552), FULL_NOW),
}
WORDS = (
    (GREYLISTED, STRANGERS),
    (ENCRYPTED, OPEN),
    (FULL, FULL_NOW),
    (CROWDED, TOO_MANY),
    (PROOFS, UNPROVEN),
    (SPAM, UNWANTED),
    (NOBODY, NO_MAILBOX),
)


def reply_explained(code: int | None, reply: str) -> str:
    """What a refusal or a putting off says; "" for what was taken, and where nothing can be read from it.

    `code` is the reply code; None: the first that `reply` names ("550 5.1.1 no such user").
    """
    code = int(basic_in(reply) or 0) if code is None else code
    if 0 < code < 400:
        return ""
    status = STATUS.search(reply)
    where = (int(status.group(2)), int(status.group(3))) if status else (0, 0)
    if where in STATUSES and where not in BY_WORDS:
        return str(STATUSES[where])
    for words, meaning in WORDS:
        if words.search(reply):
            return str(meaning)
    return str(STATUSES.get(where) or SUBJECTS.get(where[0]) or CODES.get(code) or "")


def reply_quoted(code: int | None, reply: str) -> str:
    """The answer itself, as the server gave it."""
    return f"{code or ''} {reply}".strip()
