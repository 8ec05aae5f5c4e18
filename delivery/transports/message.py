"""A message as a mail server or a provider's API gets it."""

from typing import NamedTuple


class Message(NamedTuple):
    """One message ready for the wire. `body` is dot-stuffed and ends with CRLF, without the final dot."""

    contact_id: int
    sender: str
    recipient: str
    body: bytes
