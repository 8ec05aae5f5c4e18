"""A report about one recipient, in one shape for all sources."""

from dataclasses import dataclass, field
from datetime import datetime
from enum import Enum

from delivery.feedback.models import Bounce
from delivery.preferences.services import UnsubscribeRequest


@dataclass(frozen=True)
class Report:
    """One recipient, and what is said of them. `key` is the same each time the same report comes in.

    `text` is everything that may name our message (headers of the returned mail, the provider's event): searched for
    our Message-ID and tokens, never stored. `raw` is a short piece of it that is kept for people to read.
    """

    key: str
    kind: Bounce.Kind
    source: Bounce.Source
    origin: str
    address: str = ""
    at: datetime | None = None
    code: str = ""
    diagnostic: str = ""
    raw: str = ""
    text: str = field(default="", repr=False)


class Outcome(Enum):
    """What a message in the mailbox is."""

    REPORT = "report"
    DELAYED = "delayed"
    AUTO_REPLY = "auto_reply"
    CHALLENGE = "challenge"
    RECEIPT = "receipt"
    LEAVING = "leaving"
    UNKNOWN = "unknown"


@dataclass(frozen=True)
class Reading:
    """A message as read: what it is and, for a report, one line per recipient; who wrote that they leave."""

    outcome: Outcome
    reports: tuple[Report, ...] = ()
    leaving: UnsubscribeRequest | None = None
