"""One opening, click or unsubscription on its way from the request to the event table."""

import secrets
import time
from collections.abc import Sequence
from typing import NamedTuple

import orjson

STREAM = "cauce:events"


class Entry(NamedTuple):
    """`key` makes it one event however often it is delivered; `at` counts microseconds since 1970 (UTC); `contact_id`
    is NOBODY where people are not told apart; `link` is the position in the send, 0 for none; `machine` why it is no
    person, empty otherwise."""

    key: str
    at: int
    kind: str
    send_id: int
    contact_id: int
    link: int
    user_agent: str
    machine: str


def entry_new(
    kind: str, send_id: int, contact_id: int, *, link: int = 0, user_agent: str = "", machine: str = ""
) -> Entry:
    """What happened just now, under a key of its own."""
    key = secrets.token_hex(12)
    return Entry(key, time.time_ns() // 1000, kind, send_id, contact_id, link, user_agent[:200], machine)


def entries_dump(entries: Sequence[Entry]) -> bytes:
    return orjson.dumps(entries, default=tuple)


def entries_load(stored: bytes | str) -> list[Entry]:
    return [Entry(*fields) for fields in orjson.loads(stored)]
