"""One opening or click on its way from the request to the event table."""

import secrets
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Self

import orjson

STREAM = "cauce:events"


@dataclass(frozen=True, slots=True)
class Entry:
    """`key` makes it one event however often it is delivered; `link` is the position in the send, 0 for none;
    `machine` why it is no person, empty otherwise."""

    key: str
    at: datetime
    kind: str
    send_id: int
    contact_id: int
    link: int
    user_agent: str
    machine: str

    @classmethod
    def now(
        cls, kind: str, send_id: int, contact_id: int, *, link: int = 0, user_agent: str = "", machine: str = ""
    ) -> Self:
        return cls(secrets.token_hex(12), datetime.now(UTC), kind, send_id, contact_id, link, user_agent[:200], machine)

    def dump(self) -> bytes:
        return orjson.dumps(
            (self.key, self.at, self.kind, self.send_id, self.contact_id, self.link, self.user_agent, self.machine)
        )

    @classmethod
    def load(cls, stored: bytes | str) -> Self:
        key, at, *rest = orjson.loads(stored)
        return cls(key, datetime.fromisoformat(at), *rest)
