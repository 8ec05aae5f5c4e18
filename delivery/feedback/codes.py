"""What a refusal says about the address: dead, full for now, or fine but our message was not wanted.

Enhanced status codes (RFC 3463, RFC 5248) decide where they are specific; where they are not ("5.0.0", none at all,
or codes that servers use for several things) the words do, in the languages servers speak.
"""

import re

from delivery.feedback.models import Bounce

Kind = Bounce.Kind

STATUS = re.compile(r"(?<![\d.])([245])\.(\d{1,3})\.(\d{1,3})(?![\d.])")
BASIC = re.compile(r"(?<![\d.])([45]\d\d)(?=[\s\-#:]|$)")

# (class 5) subject.detail -> what it says. Not listed: the words decide, then the subject.
DEAD = frozenset({(1, 1), (1, 2), (1, 3), (1, 6), (1, 9), (1, 10), (2, 1), (4, 4), (4, 310)})
FOR_NOW = frozenset({(2, 2), (2, 4), (4, 2), (4, 3), (4, 5), (4, 6), (4, 7), (4, 14), (4, 300), (4, 316)})
UNWANTED = frozenset({(1, 7), (1, 8), (2, 3), (3, 4)})
BY_WORDS = frozenset({(0, 0), (1, 0), (1, 4), (1, 5), (2, 0), (3, 0), (4, 0), (4, 1), (5, 0), (5, 1), (7, 0), (7, 1)})

FULL = re.compile(
    r"quota|mailbox (is )?(over)?full|full mailbox|insufficient (system )?storage|not enough (disk )?space|"
    r"buz[oó]n (est[aá] )?lleno|cuota|casilla llena|bo[iî]te .{0,20}pleine|postfach .{0,20}voll|casella piena|"
    r"caixa .{0,20}cheia|переполнен",
    re.IGNORECASE,
)
SPAM = re.compile(
    r"\bspam\b|junk mail|block(ed|list)|black-?list|\brbl\b|dnsbl|spamhaus|reputation|\bdmarc\b|\bspf\b|\bdkim\b|"
    r"policy|unsolicited|content (was )?(rejected|denied|filter)|virus|malware|too many (messages|connections)|"
    r"rate limit|throttl|greylist|no es deseado|correo no deseado|rejected due to security|sender (address )?"
    r"(rejected|denied)|not (authorized|allowed|permitted) to send|unauthenticated|message (too large|size exceeds)",
    re.IGNORECASE,
)
NOBODY = re.compile(
    r"(user|recipient|mailbox|account|address|alias|addressee)[^.\n]{0,60}(unknown|not (be )?found|doesn'?t exist|"
    r"does not exist|not exist|no longer|unavailable|disabled|inactive|invalid|suspended|not known|cannot be found|"
    r"not listed|isn'?t listed|not active|rejected|deactivated|closed|expired)|"
    r"(unknown|no such|invalid|nonexistent|non-existent|bad|unrouteable|undeliverable) (local )?"
    r"(user|recipient|mailbox|account|address|alias|person|destination|domain)|no mailbox( here)? by that name|"
    r"not a (valid|known) (user|mailbox|recipient)|host (unknown|not found)|domain (not found|does ?n.t exist|unknown)|"
    r"name or service not known|no such (host|domain)|nxdomain|no existe|desconocid|inexistente|no encontrad|"
    r"no se (encontr|pudo encontrar|ha encontrado)|no v[aá]lid|inconnu|n'existe pas|introuvable|unbekannt|"
    r"existiert nicht|nicht gefunden|nicht vorhanden|sconosciut|inesistente|non esiste|desconhecid|n[aã]o existe|"
    r"не существует|не найден|nie istnieje|onbekend",
    re.IGNORECASE,
)


def status_in(text: str) -> str:
    """The first enhanced status code a text names ("5.1.1"), or ""."""
    found = STATUS.search(text)
    return found.group(0) if found else ""


def basic_in(text: str) -> str:
    """The first reply code a text names ("550"), or ""."""
    found = BASIC.search(text)
    return found.group(1) if found else ""


def kind_of(status: str, text: str = "") -> Bounce.Kind:
    """What a message that was given up says about its address; `status` as "5.1.1" or a reply code, or ""."""
    is_specific = status_in(status) and not status.endswith(".0.0")
    code = status if is_specific else status_in(text) or status or basic_in(text)
    found = STATUS.match(code)
    if found is None:
        return _by_reply_code(code or basic_in(text), text)
    kind = found.group(1)
    where = (int(found.group(2)), int(found.group(3)))
    if kind == "4":
        return Kind.SOFT
    if where in BY_WORDS:
        return _by_words(text) or _by_subject(where, text)
    for codes, meaning in ((DEAD, Kind.HARD), (FOR_NOW, Kind.SOFT), (UNWANTED, Kind.BLOCK)):
        if where in codes:
            return meaning
    return _by_subject(where, text)


def _by_words(text: str) -> Bounce.Kind | None:
    if FULL.search(text):
        return Kind.SOFT
    if SPAM.search(text):
        # "Recipient rejected: policy" says more about us than about them.
        return Kind.BLOCK
    return Kind.HARD if NOBODY.search(text) else None


def _by_subject(where: tuple[int, int], text: str) -> Bounce.Kind:
    """The second digit: 1 addressing, 6 content, 7 policy; the others (mailbox, system, network, protocol) may pass."""
    if where == (0, 0):
        return _by_reply_code(basic_in(text), text)
    return {1: Kind.HARD, 6: Kind.BLOCK, 7: Kind.BLOCK}.get(where[0], Kind.SOFT)


def _by_reply_code(code: str, text: str) -> Bounce.Kind:
    """A bare reply code: as the engine reads it at RCPT (550, 551, 553: there is no such mailbox)."""
    words = _by_words(text)
    if words is not None and not code.startswith("4"):
        return words
    if code in {"550", "551", "553"}:
        return Kind.HARD
    return Kind.BLOCK if code == "554" else Kind.SOFT
