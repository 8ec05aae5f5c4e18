"""Messages without a machine-readable report: bounces known by their words, and answers that are no bounces.

Automatic answers and challenges must never count: they say that the message arrived.
"""

import logging
import re
from email.message import Message

from flufl.bounce import all_failures

from delivery.feedback.headers import header
from delivery.feedback.report import Outcome

logging.getLogger("flufl.bounce").setLevel(logging.CRITICAL)

MAX_LENGTH = 20_000
DAEMON = re.compile(r"mailer-?daemon|postmaster|mail delivery (sub)?system|microsoftexchange", re.IGNORECASE)
FAILED = re.compile(
    r"undeliver|delivery (status|failure|has failed|notification)|failure notice|returned (mail|to sender)|"
    r"mail (delivery )?fail|could not be (sent|delivered)|no se (pudo|ha podido) entregar|no entregado|"
    r"non (remis|distribu)|unzustellbar|non recapitabile|n[aã]o (foi )?entregue|недостав",
    re.IGNORECASE,
)
AWAY = re.compile(
    r"out of (the )?office|auto(matic|-|mated)? ?(reply|response|answer)|vacation|on (holiday|leave)|away from|"
    r"respuesta autom[aá]tica|fuera de (la )?oficina|de vacaciones|ausente|abwesen|automatische antwort|"
    r"r[eé]ponse automatique|absen(t|ce) du bureau|risposta automatica|fuori ufficio|resposta autom[aá]tica|"
    r"автоответ|\bооо\b",
    re.IGNORECASE,
)
CHALLENGE = re.compile(
    r"(please |to )?(confirm|verify|authenticate) (your|that you|you are)|challenge[- ]response|sender verification|"
    r"click (here|the link) to (deliver|release|confirm)|whitelist|boxtrapper|spamarrest|confirme? (su|que)|"
    r"verificaci[oó]n del remitente|antispam uol",
    re.IGNORECASE,
)
QMAIL = re.compile(
    r"^Hi\. This is the |^This is the qmail-send|I'm (afraid|sorry)[^\n]{0,80}\n?[^\n]{0,80}(deliver|message)", re.M
)
QMAIL_PARAGRAPH = re.compile(r"^<([^<>\s]{1,254})>:\s*\n((?:(?!---|\n)[^\n]*\n?){1,20})", re.M)


def answer_of(message: Message) -> Outcome | None:
    """Whether a message was sent by a program on somebody's behalf: away, asking to confirm, or a receipt.

    RFC 3834's header is not enough by itself: servers put it on bounces too.
    """
    if "disposition-notification" in str(message.get("Content-Type", "")).lower():
        return Outcome.RECEIPT
    subject = header(message, "Subject")[:500]
    if any(message.get(name) for name in ("X-Boxtrapper", "X-Challenge", "X-Spamarrest-Id")) or CHALLENGE.search(
        subject
    ):
        return Outcome.CHALLENGE
    sender = str(message.get("From", ""))[:500]
    if is_from_daemon(message) and (DAEMON.search(sender) or FAILED.search(subject)):
        return None
    automatic = str(message.get("Auto-Submitted", "no")).strip().lower()
    marked = any(message.get(name) for name in ("X-Autoreply", "X-Autorespond", "X-Autoresponse"))
    marked = marked or str(message.get("Precedence", "")).strip().lower() in {"auto_reply", "auto-reply"}
    if automatic.startswith("auto-replied") or marked or AWAY.search(subject):
        return Outcome.AUTO_REPLY
    return None


def is_from_daemon(message: Message) -> bool:
    """Whether a mail system wrote it: no return path, or a daemon's name."""
    path = str(message.get("Return-Path", "")).strip()
    return (
        path == "<>"
        or bool(DAEMON.search(str(message.get("From", ""))[:500]))
        or bool(message.get("X-Failed-Recipients"))
    )


def paragraphs_of_qmail(text: str) -> list[tuple[str, str]]:
    """(address, what is said) of each recipient in qmail's form (QSBMF), which has no status part."""
    if not QMAIL.search(text[:2000]):
        return []
    return [(found.group(1), found.group(2).strip()) for found in QMAIL_PARAGRAPH.finditer(text[:MAX_LENGTH])]


def failed_by_words(message: Message, text: str) -> tuple[list[str], list[str]]:
    """(failed, delayed) addresses by the words of servers that send no report, as Mailman's detectors know them.

    Asked only of what a mail system wrote: people quote bounces.
    """
    if not is_from_daemon(message):
        return [], []
    named = [one.strip(" <>") for one in str(message.get("X-Failed-Recipients", ""))[:4000].split(",")]
    failed = [one for one in named if "@" in one]
    if failed:
        return failed, []
    if len(text) > MAX_LENGTH or len(message.as_bytes()) > 10 * MAX_LENGTH:
        return [], []
    temporary, permanent = all_failures(message)
    return _texts(permanent), _texts(temporary - permanent)


def _texts(addresses: frozenset[bytes]) -> list[str]:
    return sorted(address.decode("utf-8", "replace") for address in addresses if b"@" in address and len(address) < 255)
