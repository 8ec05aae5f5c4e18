"""Reading a message from the bounce mailbox: delivery status notifications (RFC 3464, 6533), complaint reports
(RFC 5965), qmail's own form, people who leave by mail, and what mail programs send by themselves and is no bounce.

Strangers write these messages, so the work is bounded before it begins: size, parts and nesting have limits, and what
exceeds them, or is broken beyond reading, is "unknown" and stays in the mailbox.
"""

import hashlib
import re
from collections.abc import Iterator
from email.errors import MessageError
from email.message import Message
from email.parser import BytesParser, Parser
from email.policy import compat32

from delivery.feedback.codes import basic_in, kind_of, status_in
from delivery.feedback.headers import addresses, header, moment, one_line
from delivery.feedback.heuristics import answer_of, failed_by_words, paragraphs_of_qmail
from delivery.feedback.mailto_unsubscribe import unsubscribe_mail_of
from delivery.feedback.models import Bounce
from delivery.feedback.report import Outcome, Reading, Report
from delivery.preferences.services import UnsubscribeRequest

MAX_BYTES = 512 * 1024
MAX_BOUNDARIES = 40
MAX_NESTED = 12
MAX_RECIPIENTS = 200
TEXT_KEPT = 64 * 1024
RAW_KEPT = 4_000
STATUS_PARTS = frozenset({"message/delivery-status", "message/global-delivery-status"})
RETURNED_PARTS = frozenset(
    {"message/rfc822", "text/rfc822-headers", "message/global", "message/global-headers", "message/rfc822-headers"}
)
COMPLAINTS = frozenset({"abuse", "fraud", "virus", "other", "miscategorized", "opt-out", "opt-out-list", "spam"})
ADDRESS = re.compile(r"[^\s<>()\[\],;:\"]{1,64}@[A-Za-z0-9.\-\u0080-\uffff]{1,255}")
XTEXT = re.compile(r"\+([0-9A-F]{2})")
NOTHING = Reading(Outcome.UNKNOWN)


def read(raw: bytes, *, origin: str = "") -> Reading:
    """What a message is, and the recipients it reports on. Never raises, whatever the bytes."""
    raw = raw[:MAX_BYTES]
    if raw.count(b"boundary=") + raw.count(b"BOUNDARY=") > MAX_BOUNDARIES or _nested(raw) > MAX_NESTED:
        return NOTHING
    try:
        message = BytesParser(policy=compat32).parsebytes(raw)
        return _read(message, raw, origin)
    except (MessageError, ValueError, LookupError, RecursionError, TypeError, AttributeError, AssertionError):
        # The standard library's parser gives up in many ways; each of them means the same to us.
        return NOTHING


def _nested(raw: bytes) -> int:
    lower = raw.lower()
    return lower.count(b"message/rfc822") + lower.count(b"message/global\r") + lower.count(b"message/partial")


def _read(message: Message, raw: bytes, origin: str) -> Reading:
    parts = list(_parts(message))
    text = raw[:TEXT_KEPT].decode("utf-8", "replace") + _returned_text(parts)
    envelope = Envelope(message, raw, text, origin)
    for part in parts:
        if part.get_content_type() == "message/feedback-report":
            return _complaint(part, parts, envelope)
    for part in parts:
        if part.get_content_type() in STATUS_PARTS:
            return _status(part, parts, envelope)
    if "x-hmxmroriginalrecipient" in text.lower():
        return _outlook_complaint(envelope)
    kind = answer_of(message)
    if kind is not None:
        return Reading(kind)
    leaver = unsubscribe_mail_of(message)
    if leaver is not None:
        key = f"leave:{envelope.key}:{leaver.send_id}:{leaver.contact_id}"
        return Reading(Outcome.LEAVING, leaving=UnsubscribeRequest(key, leaver.send_id, leaver.contact_id))
    return _by_words(message, parts, envelope)


class Envelope:
    """The message around a report: what its reports have in common."""

    def __init__(self, message: Message, raw: bytes, text: str, origin: str) -> None:
        self.text, self.origin = text, origin
        identifier = header(message, "Message-ID")
        self.key = hashlib.sha256((identifier or "").encode() or raw).hexdigest()[:40]
        self.at = moment(header(message, "Date"))
        self.raw = raw.decode("utf-8", "replace").replace("\x00", "")[:RAW_KEPT]

    def report(self, address: str, kind: Bounce.Kind, code: str = "", diagnostic: str = "") -> Report:
        whom = hashlib.sha256(f"{address.lower()} {kind}".encode()).hexdigest()[:16]
        return Report(
            key=f"mailbox:{self.key}:{whom}",
            kind=kind,
            source=Bounce.Source.MAILBOX,
            origin=self.origin[:80],
            address=address[:254],
            at=self.at,
            code=code[:12],
            diagnostic=one_line(diagnostic)[:500],
            raw=self.raw,
            text=self.text,
        )


# --- Delivery status notifications -----------------------------------------------------------------------------------


def _status(part: Message, parts: list[Message], envelope: Envelope) -> Reading:
    reports, delayed = [], False
    words = _words_of(parts)
    for block in list(_blocks(part))[:MAX_RECIPIENTS]:
        address = _recipient(block)
        action = header(block, "Action").strip().lower()
        status = header(block, "Status").strip()
        diagnostic = _diagnostic(header(block, "Diagnostic-Code"))
        if not (address or action or status):
            continue
        if action == "delayed" or (not action and status.startswith("4")):
            delayed = True
        elif action in {"failed", ""} and not status.startswith("2"):
            # Some servers leave the diagnostic out and say it only in the words for people.
            said = diagnostic or words[:2000]
            code = _code(status, said)
            reports.append(
                envelope.report(address, kind_of(status_in(status), said), code, diagnostic or _first_line(words))
            )
    if reports:
        return Reading(Outcome.REPORT, tuple(_distinct(reports)))
    return Reading(Outcome.DELAYED if delayed else Outcome.RECEIPT)


def _blocks(part: Message) -> Iterator[Message]:
    """The groups of fields of a status part, by recipient; the first group is about the message."""
    payload = part.get_payload()
    if isinstance(payload, list):
        text = "\n\n".join(_fields(one) for one in payload if isinstance(one, Message))
    else:
        decoded = part.get_payload(decode=True)
        text = decoded.decode("utf-8", "replace") if isinstance(decoded, bytes) else str(payload)
    for group in re.split(r"(?:\r?\n[ \t]*){2,}", text[:TEXT_KEPT]):
        block = Parser(policy=compat32).parsestr(group.strip(), headersonly=True)
        if block.keys():
            yield block


def _fields(block: Message) -> str:
    """The header fields as they stand, in UTF-8 where they hold more than ASCII, and what follows them."""
    lines = "\n".join(f"{name}: {value}" for name, value in block.raw_items())
    rest = block.get_payload(decode=True)
    tail = b"\n\n" + rest if isinstance(rest, bytes) else b""
    return (lines.encode("utf-8", "surrogateescape") + tail).decode("utf-8", "replace")


def _recipient(block: Message) -> str:
    """Whom we wrote to: the original recipient where it is given, else the one it was forwarded to at last."""
    for name in ("Original-Recipient", "Final-Recipient", "X-Actual-Recipient"):
        kind, _semicolon, rest = header(block, name).partition(";")
        value = (rest or kind).strip()
        if kind.strip().lower() in {"rfc822", "utf-8"} and name == "Original-Recipient":
            value = XTEXT.sub(lambda found: chr(int(found.group(1), 16)), value)
        found = ADDRESS.search(value)
        if found:
            return found.group(0).rstrip(".")
    return ""


def _diagnostic(value: str) -> str:
    kind, semicolon, rest = value.partition(";")
    return rest.strip() if semicolon and " " not in kind.strip() else value.strip()


def _code(status: str, said: str) -> str:
    """The most specific code there is: "5.0.0" tells less than what the diagnostic names."""
    given = status_in(status)
    if given and not given.endswith(".0.0"):
        return given
    return status_in(said) or given or basic_in(said)


# --- Complaints ------------------------------------------------------------------------------------------------------


def _complaint(part: Message, parts: list[Message], envelope: Envelope) -> Reading:
    """An abuse report. "Not spam" and reports on authentication (RFC 6591) are no complaints."""
    fields = Message()
    for block in _blocks(part):
        for name, value in block.items():
            fields[name] = value
    kind = header(fields, "Feedback-Type").strip().lower()
    if kind not in COMPLAINTS:
        return Reading(Outcome.RECEIPT)
    given = [str(value) for name in ("Original-Rcpt-To", "Removal-Recipient") for value in fields.get_all(name, [])]
    people = [found.group(0) for value in given for found in [ADDRESS.search(value)] if found]
    if not people:
        people = [address for returned in _returned(parts) for address in addresses(returned, "To")][:1]
    said = f"{kind} {header(fields, 'User-Agent')}"
    reports = [envelope.report(address, Bounce.Kind.COMPLAINT, "", said) for address in people[:MAX_RECIPIENTS]]
    return Reading(Outcome.REPORT, tuple(_distinct(reports)) or (envelope.report("", Bounce.Kind.COMPLAINT, "", said),))


def _outlook_complaint(envelope: Envelope) -> Reading:
    """Outlook.com's complaint feed (JMRP) attaches the message, with the recipient in a header of its own."""
    found = re.search(r"^X-HmXmrOriginalRecipient:\s*<?([^\s>]+@[^\s>]+)", envelope.text, re.I | re.M)
    return Reading(
        Outcome.REPORT,
        (envelope.report(found.group(1) if found else "", Bounce.Kind.COMPLAINT, "", "abuse (Outlook.com)"),),
    )


# --- Without a status part -------------------------------------------------------------------------------------------


def _by_words(message: Message, parts: list[Message], envelope: Envelope) -> Reading:
    text = _words_of(parts)
    found = paragraphs_of_qmail(text)
    if not found:
        permanent, temporary = failed_by_words(message, text)
        if temporary and not permanent:
            return Reading(Outcome.DELAYED)
        found = [(address, text[:4000]) for address in permanent]
    reports = [
        envelope.report(address, kind_of(status_in(said), said), _code("", said), _first_line(said, address))
        for address, said in found[:MAX_RECIPIENTS]
    ]
    return Reading(Outcome.REPORT, tuple(_distinct(reports))) if reports else NOTHING


# --- Parts and headers -----------------------------------------------------------------------------------------------


def _parts(message: Message, depth: int = 0) -> Iterator[Message]:
    """The parts of a message, not looking into the one that was returned."""
    yield message
    if depth < MAX_NESTED and message.is_multipart() and message.get_content_maintype() == "multipart":
        for part in message.get_payload():
            if isinstance(part, Message):
                yield from _parts(part, depth + 1)


def _returned(parts: list[Message]) -> Iterator[Message]:
    """The headers of the mail that came back, attached whole or as headers only."""
    for part in parts:
        if part.get_content_type() not in RETURNED_PARTS:
            continue
        payload = part.get_payload()
        if isinstance(payload, list):
            yield from (one for one in payload[:1] if isinstance(one, Message))
        else:
            decoded = part.get_payload(decode=True)
            if isinstance(decoded, bytes):
                text = decoded[:TEXT_KEPT].decode("utf-8", "replace").lstrip()
                yield Parser(policy=compat32).parsestr(text, headersonly=True)


def _returned_text(parts: list[Message]) -> str:
    """The returned headers as text: decoded, and at the end of a long message too."""
    return "".join(
        f"\n{name}: {value}" for returned in _returned(parts) for name, value in list(returned.items())[:200]
    )[:TEXT_KEPT]


def _words_of(parts: list[Message]) -> str:
    """What the message says to people: its plain text, else its HTML without tags."""
    for kind in ("text/plain", "text/html"):
        for part in parts:
            if part.get_content_type() == kind and not part.is_multipart():
                text = _decoded(part)[:TEXT_KEPT]
                return text if kind == "text/plain" else re.sub(r"<[^<>]{0,2000}>", " ", text)
    return ""


def _decoded(part: Message) -> str:
    payload = part.get_payload(decode=True)
    if not isinstance(payload, bytes):
        return ""
    try:
        return payload.decode(part.get_content_charset() or "utf-8", "replace")
    except LookupError:
        return payload.decode("utf-8", "replace")


def _first_line(text: str, about: str = "") -> str:
    """The line of a text that says most: one with a code in it, else the first."""
    lines = [line.strip() for line in text[:TEXT_KEPT].splitlines() if line.strip() and line.strip(" <>:") != about]
    return next((line for line in lines if status_in(line) or basic_in(line)), lines[0] if lines else "")


def _distinct(reports: list[Report]) -> list[Report]:
    return list({report.key: report for report in reports}.values())
