"""Mails by which people leave: to the address in the List-Unsubscribe header of their message, with its signed token.

Only where a person, or their mail program at a press of its button, wrote it: an automatic reply does not unsubscribe
anybody, and neither does a message of ours that comes back and quotes the address.
"""

import re
from email.message import Message

from delivery.engine.tokens import Recipient, mailto_token_read
from delivery.feedback.headers import addresses
from delivery.feedback.heuristics import is_from_daemon

TOKEN = re.compile(r"\+u([a-z2-7]{31})@", re.IGNORECASE)
ADDRESSED = ("To", "Cc", "Delivered-To", "X-Original-To", "Envelope-To", "X-Envelope-To")
MACHINES = frozenset({"bulk", "junk", "list", "auto_reply", "auto-reply"})
MAX_LENGTH, MOST = 4_000, 5


def unsubscribe_mail_of(message: Message) -> Recipient | None:
    """Whose address for leaving it was sent to; None when to none of ours, or not by a person."""
    if is_from_daemon(message) or not addresses(message, "From") or _is_reply_of_a_program(message):
        return None
    for name in ADDRESSED:
        for value in message.get_all(name, [])[:MOST]:
            for token in TOKEN.findall(str(value)[:MAX_LENGTH])[:MOST]:
                leaver = mailto_token_read(token.lower())
                if leaver is not None:
                    return leaver
    return None


def _is_reply_of_a_program(message: Message) -> bool:
    """A mail program may mark what its button sends as generated; what answers another message is no such thing."""
    if str(message.get("Precedence", "")).strip().lower() in MACHINES or message.get("List-Id"):
        return True
    automatic = str(message.get("Auto-Submitted", "no")).partition(";")[0].strip().lower()
    if automatic in {"", "no"}:
        return False
    return automatic != "auto-generated" or bool(message.get("In-Reply-To") or message.get("References"))
