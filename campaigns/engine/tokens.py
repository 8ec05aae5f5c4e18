"""Signed tokens: what an address in a mail says about who followed it, so that nobody can make one up.

A token is 21 bytes in 28 characters: send (4 bytes), contact (6), link (2), and 9 bytes of a keyed BLAKE2b over them
and the purpose, so that an opening's token does not unsubscribe anybody.
"""

import base64
import binascii
import hashlib
import struct
from functools import cache
from hmac import compare_digest
from typing import Literal, NamedTuple

from django.conf import settings

Purpose = Literal["open", "click", "unsub", "message", "bounce"]

SIGNATURE = 9
LENGTH = 28
BOUNCE_LENGTH = 31
URL_SAFE = bytes.maketrans(b"+/", b"-_")
STANDARD = bytes.maketrans(b"-_", b"+/")
BODY = struct.Struct(">IHIH")


class Recipient(NamedTuple):
    """Who a token stands for; `link` is the link's position in its send, 0 where there is none. A contact of 0 is
    nobody in particular: a link of a send that does not tell people apart."""

    send_id: int
    contact_id: int
    link: int = 0


@cache
def _keyed(purpose: Purpose) -> "hashlib.blake2b":
    key = hashlib.blake2b(settings.SECRET_KEY.encode(), digest_size=32, person=b"cauce-tracking").digest()
    return hashlib.blake2b(key=key, digest_size=SIGNATURE, person=purpose.encode())


def token_make(purpose: Purpose, send_id: int, contact_id: int, link: int = 0) -> str:
    """The token for one purpose; URL-safe, no padding."""
    body = send_id.to_bytes(4, "big") + contact_id.to_bytes(6, "big") + link.to_bytes(2, "big")
    state = _keyed(purpose).copy()
    state.update(body)
    # urlsafe_b64encode in one step: seven of these are in every mail.
    return binascii.b2a_base64(body + state.digest(), newline=False).translate(URL_SAFE).decode()


def token_read(purpose: Purpose, token: str) -> Recipient | None:
    """Who the token stands for; None when it is not one of ours for this purpose. Compares in constant time."""
    if len(token) != LENGTH or "+" in token or "/" in token:
        return None
    try:
        # 28 characters are 21 bytes without padding: with strict reading every token has one spelling only.
        raw = binascii.a2b_base64(token.encode().translate(STANDARD), strict_mode=True)
    except ValueError:
        return None
    body = raw[:12]
    state = _keyed(purpose).copy()
    state.update(body)
    if len(raw) != 21 or not compare_digest(raw[12:], state.digest()):
        return None
    send_id, high, low, link = BODY.unpack(body)
    return Recipient(send_id, high << 32 | low, link)


def message_id(send_id: int, contact_id: int, domain: str) -> str:
    """The Message-ID of one recipient's mail: the same at every attempt, and it says nothing."""
    state = _keyed("message").copy()
    state.update(send_id.to_bytes(8, "big") + contact_id.to_bytes(8, "big"))
    return f"<{send_id:x}.{state.hexdigest()}@{domain}>"


def bounce_token_make(send_id: int, contact_id: int) -> str:
    """The token behind the plus in an envelope sender: 31 characters that survive servers which lower the case."""
    body = send_id.to_bytes(4, "big") + contact_id.to_bytes(6, "big")
    state = _keyed("bounce").copy()
    state.update(body)
    return base64.b32encode(body + state.digest()).decode().rstrip("=").lower()


def bounce_token_read(token: str) -> Recipient | None:
    """Who an envelope sender's token stands for; None when it is not one of ours."""
    if len(token) != BOUNCE_LENGTH:
        return None
    try:
        raw = base64.b32decode(token.upper() + "=")
    except (binascii.Error, ValueError):
        return None
    state = _keyed("bounce").copy()
    state.update(raw[:10])
    if not compare_digest(raw[10:], state.digest()):
        return None
    return Recipient(int.from_bytes(raw[:4], "big"), int.from_bytes(raw[4:10], "big"))
