"""Writing mail as bytes: headers that cannot be injected into, bodies a mail server takes as they are."""

import binascii
import re
from base64 import b64encode
from datetime import UTC, datetime

CRLF = b"\r\n"
LINE_LIMIT = 998
WRAP_AT = 400
PLAIN_PHRASE = re.compile(r"[A-Za-z0-9 !#$%&'*+/=?^_`{|}~-]*\Z")
CONTROL = re.compile(r"[\x00-\x1f\x7f-\x9f\u2028\u2029\ud800-\udfff]+")
WEEKDAYS = ("Mon", "Tue", "Wed", "Thu", "Fri", "Sat", "Sun")
MONTHS = ("Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec")


def one_line(value: str) -> str:
    """The text without line breaks or control characters, which in a header would start another one."""
    return value if value.isprintable() else CONTROL.sub(" ", value)


def header_text(text: str) -> str:
    """Unstructured header text: as it is when printable ASCII of moderate length, else RFC 2047 words, folded."""
    text = one_line(text)
    if text.isascii() and len(text) <= WRAP_AT and "=?" not in text:
        return text
    words, room = [], bytearray()
    for char in text:
        encoded = char.encode("utf-8", "replace")
        if len(room) + len(encoded) > 45:
            words.append(bytes(room))
            room.clear()
        room += encoded
    words.append(bytes(room))
    return "\r\n ".join(f"=?utf-8?b?{b64encode(word).decode()}?=" for word in words)


def mailbox(name: str, address: str) -> str:
    """`Name <address>`, the name quoted or encoded where it must be."""
    name = one_line(name).strip()
    if not name:
        return f"<{address}>" if address else ""
    if PLAIN_PHRASE.match(name) and len(name) < WRAP_AT and "=?" not in name:
        return f"{name} <{address}>"
    if name.isascii() and len(name) < WRAP_AT and "=?" not in name:
        quoted = name.replace("\\", "\\\\").replace('"', '\\"')
        return f'"{quoted}" <{address}>'
    return f"{header_text(name)}\r\n <{address}>"


def mail_date(moment: datetime) -> str:
    """RFC 5322 date in UTC, whatever the locale."""
    at = moment.astimezone(UTC)
    return f"{WEEKDAYS[at.weekday()]}, {at.day:02d} {MONTHS[at.month - 1]} {at.year} {at:%H:%M:%S} +0000"


def wrapped(html: str) -> str:
    """HTML with CRLF line ends and lines broken, at spaces only, before they grow long. Runs once, at compilation."""
    lines = []
    for line in re.split(r"\r\n|\r|\n", html):
        while len(line.encode()) > WRAP_AT:
            cut = line.rfind(" ", 0, WRAP_AT // 2)
            if cut <= 0 or _in_merge_tag(line, cut):
                cut = next((at for at in range(max(cut, 0) + 1, len(line)) if _breakable(line, at)), -1)
            if cut <= 0:
                break
            lines.append(line[:cut])
            line = line[cut + 1 :]
        lines.append(line)
    return "\r\n".join(lines)


def _breakable(line: str, at: int) -> bool:
    return line[at] == " " and not _in_merge_tag(line, at)


def _in_merge_tag(line: str, at: int) -> bool:
    before = line[:at]
    return before.rfind("{{") > before.rfind("}}") or before.rfind("{%") > before.rfind("%}")


def has_long_line(body: bytes) -> bool:
    """Whether a line is longer than SMTP allows: from each line's start, the last line end within reach."""
    start, last = 0, len(body) - LINE_LIMIT
    while start < last:
        start = body.rfind(b"\n", start, start + LINE_LIMIT + 1) + 1
        if not start:
            return True
    return False


def quoted_printable(body: bytes) -> bytes:
    """The body for servers without 8BITMIME, or with lines that are too long: ASCII, lines of at most 76."""
    encoded = binascii.b2a_qp(body.replace(CRLF, b"\n"), istext=True)
    return encoded.replace(b"\r\n", b"\n").replace(b"\n", CRLF)


def dot_stuffed(message: bytes) -> bytes:
    """Lines that begin with a dot get a second one (RFC 5321 4.5.2); the message ends with a line end."""
    if not message.endswith(CRLF):
        message += CRLF
    return message.replace(b"\r\n.", b"\r\n..")
