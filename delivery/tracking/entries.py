"""One opening, click or unsubscription on its way from the request to the event table.

On its way it is a line as Postgres' COPY reads it: the request writes it once, and nobody takes it apart until Postgres
does.
"""

import re
import secrets
import time
from typing import NamedTuple

STREAM = "cauce:tracked"
AGENT_LENGTH = 200
# What a line cannot hold as it stands.
ESCAPED = re.compile(r"[\\\t\n\r\x00]")


class Entry(NamedTuple):
    """`key` makes it one event however often it is delivered; `at` counts microseconds since 1970 (UTC); `contact_id`
    is NOBODY in privacy mode; `link` is the position in the send, 0 for none; `machine` why it is no
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
    return Entry(secrets.token_hex(12), now(), kind, send_id, contact_id, link, agent_clean(user_agent), machine)


def now() -> int:
    return time.time_ns() // 1000


def agent_clean(said: str) -> str:
    """What a program says of itself, as it is stored."""
    return ESCAPED.sub(" ", said).strip()[:AGENT_LENGTH]


def entry_line(entry: Entry) -> str:
    return line_make(*entry)


def line_make(
    key: str, at: int, kind: str, send_id: int, contact_id: int, link: int, user_agent: str, machine: str
) -> str:
    """The line of an entry whose user agent is clean."""
    return f"{key}\t{at}\t{kind}\t{send_id}\t{contact_id}\t{link}\t{user_agent}\t{machine}\n"


def line_key(line: str) -> str:
    return line.partition("\t")[0]


def line_at(line: str) -> int:
    return int(line.split("\t", 2)[1])
