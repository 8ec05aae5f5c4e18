"""Reading headers strangers wrote: decoded, bounded, on one line; never an error."""

from datetime import UTC, datetime
from email.errors import MessageError
from email.header import decode_header, make_header
from email.message import Message
from email.utils import getaddresses, parsedate_to_datetime

MAX_LENGTH = 4000


def header(message: Message, name: str) -> str:
    """A header in words; "" when it is missing."""
    value = message.get(name)
    if value is None:
        return ""
    text = str(value)[:MAX_LENGTH]
    if "=?" in text:
        try:
            text = str(make_header(decode_header(text)))
        except (MessageError, ValueError, LookupError):
            pass
    return one_line(text)


def addresses(message: Message, name: str) -> list[str]:
    return [address for _name, address in getaddresses([str(message.get(name, ""))[:MAX_LENGTH]]) if "@" in address]


def moment(value: str) -> datetime | None:
    """When it was written; None when that is not said or cannot have been."""
    try:
        found = parsedate_to_datetime(value)
        found = found if found.tzinfo else found.replace(tzinfo=UTC)
        now = datetime.now(UTC)
        return found.astimezone(UTC) if found <= now and (now - found).days < 3650 else None
    except (ValueError, TypeError, OverflowError, IndexError):
        return None


def one_line(text: str) -> str:
    return " ".join(text.replace("\x00", "").split())
