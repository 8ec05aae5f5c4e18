"""Signed tokens: what an address in a mail says about who followed it, so that nobody can make one up.

A token is 21 bytes in 28 characters: send (4 bytes), contact (6), link (2), and a signature of 9. All signatures of a
recipient are cut from keyed BLAKE2b digests of 63 bytes, seven to a digest: the first for the way out, then the
opening, the Message-ID and the links by position. So an opening's token does not unsubscribe anybody, and the dozen
tokens of a mail cost two digests.
"""

import base64
import binascii
import hashlib
import struct
from base64 import urlsafe_b64encode
from collections.abc import Iterable
from functools import cache
from hmac import compare_digest
from typing import Literal, NamedTuple

from django.conf import settings

Purpose = Literal["open", "click", "unsub", "message"]

SIGNATURE = 9
IN_DIGEST = 7
LENGTH = 28
BOUNCE_LENGTH = 31
URL_SAFE = bytes.maketrans(b"+/", b"-_")
STANDARD = bytes.maketrans(b"-_", b"+/")
BODY = struct.Struct(">IHIH")
PLACES: dict[Purpose, int] = {"unsub": 0, "open": 1, "message": 2, "click": 2}
# The contact in the links of a send that does not tell people apart.
NOBODY = 0
# From here on the contact of a token is no contact: it names a test message, whose links count for nothing.
TEST_MESSAGES = 1 << 47


class Recipient(NamedTuple):
    """Who a token stands for; `link` is the link's position in its send, 0 where there is none. The contact
    is NOBODY in the links of a send that does not tell people apart."""

    send_id: int
    contact_id: int
    link: int = 0

    @property
    def is_test(self) -> bool:
        return self.contact_id >= TEST_MESSAGES


@cache
def _keyed(person: bytes, size: int) -> "hashlib.blake2b":
    key = hashlib.blake2b(settings.SECRET_KEY.encode(), digest_size=32, person=b"cauce-tracking").digest()
    return hashlib.blake2b(key=key, digest_size=size, person=person)


def _digest(who: bytes, number: int) -> bytes:
    """The `number`th digest of a recipient (`who` is their send and contact)."""
    state = _keyed(b"recipient", SIGNATURE * IN_DIGEST).copy()
    state.update(who + number.to_bytes(2, "big"))
    return state.digest()


def _signature(purpose: Purpose, who: bytes, link: int) -> bytes:
    number, place = divmod(PLACES[purpose] + link, IN_DIGEST)
    return _digest(who, number)[place * SIGNATURE : (place + 1) * SIGNATURE]


def _who(send_id: int, contact_id: int) -> bytes:
    return send_id.to_bytes(4, "big") + contact_id.to_bytes(6, "big")


def token_make(purpose: Purpose, send_id: int, contact_id: int, link: int = 0) -> str:
    """The token for one purpose; URL-safe, no padding."""
    who = _who(send_id, contact_id)
    return urlsafe_b64encode(who + link.to_bytes(2, "big") + _signature(purpose, who, link)).decode()


def token_read(purpose: Purpose, token: str) -> Recipient | None:
    """Who the token stands for; None when it is not one of ours for this purpose. Compares in constant time."""
    if len(token) != LENGTH or "+" in token or "/" in token:
        return None
    try:
        # 28 characters are 21 bytes without padding: with strict reading every token has one spelling only.
        raw = binascii.a2b_base64(token.encode().translate(STANDARD), strict_mode=True)
    except ValueError:
        return None
    send_id, high, low, link = BODY.unpack_from(raw)
    # A click is on a link: their places begin behind the Message-ID's, which everybody can read.
    if (purpose == "click") != bool(link) or len(raw) != 21:
        return None
    if not compare_digest(raw[12:], _signature(purpose, raw[:10], link)):
        return None
    return Recipient(send_id, high << 32 | low, link)


def message_id(send_id: int, contact_id: int, domain: str) -> str:
    """The Message-ID of one recipient's mail: the same at every attempt, and it says nothing."""
    return f"<{send_id:x}.{_signature('message', _who(send_id, contact_id), 0).hex()}@{domain}>"


def bounce_token_make(send_id: int, contact_id: int) -> str:
    """The token behind the plus in an envelope sender: 31 characters that survive servers which lower the case."""
    return _mail_token_make(b"bounce", send_id, contact_id)


def bounce_token_read(token: str) -> Recipient | None:
    """Who an envelope sender's token stands for; None when it is not one of ours. Compares in constant time."""
    return _mail_token_read(b"bounce", token)


def mailto_token_make(send_id: int, contact_id: int) -> str:
    """The token in the address one writes to for leaving; a bounce's does not unsubscribe anybody, nor this one."""
    return _mail_token_make(b"leave", send_id, contact_id)


def mailto_token_read(token: str) -> Recipient | None:
    """Who writes to that address; None when the token is not one of ours. Compares in constant time."""
    return _mail_token_read(b"leave", token)


def _mail_token_make(purpose: bytes, send_id: int, contact_id: int) -> str:
    body = _who(send_id, contact_id)
    state = _keyed(purpose, SIGNATURE).copy()
    state.update(body)
    return base64.b32encode(body + state.digest()).decode().rstrip("=").lower()


def _mail_token_read(purpose: bytes, token: str) -> Recipient | None:
    if len(token) != BOUNCE_LENGTH:
        return None
    try:
        raw = base64.b32decode(token.upper() + "=")
    except (binascii.Error, ValueError):
        return None
    state = _keyed(purpose, SIGNATURE).copy()
    state.update(raw[:10])
    if not compare_digest(raw[10:], state.digest()):
        return None
    return Recipient(int.from_bytes(raw[:4], "big"), int.from_bytes(raw[4:10], "big"))


class Tokens(NamedTuple):
    """All tokens of one recipient's mail, as bytes: the way out, the opening, the Message-ID without its domain, and
    the links by position."""

    leave: bytes
    opening: bytes
    id_start: bytes
    clicks: list[bytes]


class RecipientTokens:
    """All tokens of one recipient after another, for one send: what `token_make` says, several times faster."""

    def __init__(self, send_id: int, *, links: Iterable[int] = ()) -> None:
        self.send = send_id.to_bytes(4, "big")
        self.id_start = b"<%x." % send_id
        self.links = sorted(links)
        self.keyed = _keyed(b"recipient", SIGNATURE * IN_DIGEST)
        numbers = sorted({(PLACES["click"] + link) // IN_DIGEST for link in self.links} - {0})
        self.numbers = [number.to_bytes(2, "big") for number in numbers]
        # Where each link's signature stands in the digests' characters, one digest after the other.
        order = {number: place for place, number in enumerate([0, *numbers])}
        self.places: list[tuple[int, slice]] = []
        for link in self.links:
            number, place = divmod(PLACES["click"] + link, IN_DIGEST)
            start = (order[number] * IN_DIGEST + place) * 12
            self.places.append((link, slice(start, start + 12)))
        self.tails: dict[int, list[tuple[bytes, slice]]] = {}

    def of(self, contact_id: int) -> Tokens:
        who = self.send + contact_id.to_bytes(6, "big")
        state = self.keyed.copy()
        state.update(who + b"\0\0")
        digest = first = state.digest()
        for number in self.numbers:
            state = self.keyed.copy()
            state.update(who + number)
            digest += state.digest()
        signatures = binascii.b2a_base64(digest, newline=False).translate(URL_SAFE)
        start = binascii.b2a_base64(who[:9], newline=False).translate(URL_SAFE)
        tails = self.tails.get(who[9])
        if tails is None:
            tails = self.tails[who[9]] = [
                (urlsafe_b64encode(who[9:] + link.to_bytes(2, "big")), place)
                for link, place in ((0, slice(0, 12)), *self.places)
            ]
        nobody = start + tails[0][0]
        return Tokens(
            nobody + signatures[:12],
            nobody + signatures[12:24],
            self.id_start + binascii.hexlify(first[2 * SIGNATURE : 3 * SIGNATURE]) + b"@",
            [start + tail + signatures[place] for tail, place in tails[1:]],
        )
