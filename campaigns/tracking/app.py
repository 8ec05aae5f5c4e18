"""The raw callable ahead of Django that answers pixels and clicks: `/o/<token>` and `/c/<token>`.

An answer leaves when its event is durable. A token that is not ours gets 404 and leaves no trace.
"""

import asyncio
from collections.abc import Awaitable, Callable, MutableMapping
from typing import Any

from django.utils.encoding import iri_to_uri

from campaigns.engine.tokens import token_read
from campaigns.tracking.appender import Appender
from campaigns.tracking.entries import Entry
from campaigns.tracking.links import Links, personal_url
from campaigns.tracking.machines import machine_reason

Scope = MutableMapping[str, Any]
Receive = Callable[[], Awaitable[MutableMapping[str, Any]]]
Send = Callable[[MutableMapping[str, Any]], Awaitable[None]]
Application = Callable[[Scope, Receive, Send], Awaitable[None]]
Headers = list[tuple[bytes, bytes]]

PIXEL = bytes.fromhex("47494638396101000100800000000000ffffff21f90401000000002c00000000010001000002024401003b")
NO_STORE: Headers = [(b"cache-control", b"no-store, max-age=0"), (b"x-robots-tag", b"noindex, nofollow")]
PIXEL_HEADERS: Headers = [(b"content-type", b"image/gif"), (b"content-length", b"%d" % len(PIXEL)), *NO_STORE]


class Tracking:
    """Answers its own paths and hands everything else to `application`."""

    def __init__(self, application: Application) -> None:
        self.application = application
        self.appender: Appender | None = None
        self.links = Links()

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        path: str = scope.get("path", "") if scope["type"] == "http" else ""
        if path[:3] not in {"/o/", "/c/"}:
            await self.application(scope, receive, send)
        elif scope["method"] not in {"GET", "HEAD"}:
            await _answer(send, 405, [(b"allow", b"GET, HEAD"), (b"content-length", b"0")])
        elif path[1] == "o":
            await self._open(scope, path[3:], send)
        else:
            await self._click(scope, path[3:], send)

    async def _open(self, scope: Scope, token: str, send: Send) -> None:
        who = token_read("open", token)
        if who is None:
            await _nothing_here(send)
        elif await self._keep(scope, "open", who.send_id, who.contact_id, 0):
            await _answer(send, 200, PIXEL_HEADERS, b"" if scope["method"] == "HEAD" else PIXEL)
        else:
            await _later(send)

    async def _click(self, scope: Scope, token: str, send: Send) -> None:
        who = token_read("click", token)
        target = None
        if who is not None:
            target = self.links.kept(who.send_id, who.link)
            if target is None:
                target = await asyncio.to_thread(self.links.find, who.send_id, who.link)
        if who is None or target is None:
            await _nothing_here(send)
            return
        url = target.url
        if target.is_personal:
            url = await asyncio.to_thread(personal_url, target, who.contact_id)
        if await self._keep(scope, "click", who.send_id, who.contact_id, who.link):
            location = [(b"location", iri_to_uri(url).encode())]
            referrer = (b"referrer-policy", b"no-referrer")
            await _answer(send, 302, [*location, (b"content-length", b"0"), referrer, *NO_STORE])
        else:
            await _later(send)

    async def _keep(self, scope: Scope, kind: str, send_id: int, contact_id: int, link: int) -> bool:
        """Make the event durable; False when neither Redis nor Postgres could take it."""
        headers = dict(scope["headers"])
        entry = Entry.now(
            kind,
            send_id,
            contact_id,
            link=link,
            user_agent=headers.get(b"user-agent", b"").decode("latin-1"),
            machine=machine_reason(scope["method"], headers),
        )
        if self.appender is None:
            self.appender = Appender()
        try:
            await self.appender.append(entry)
        except Exception:
            return False
        return True


async def _nothing_here(send: Send) -> None:
    body = b"Not found"
    await _answer(send, 404, [(b"content-type", b"text/plain"), (b"content-length", b"%d" % len(body))], body)


async def _later(send: Send) -> None:
    body = b"Please try again in a moment."
    headers = [(b"content-type", b"text/plain"), (b"content-length", b"%d" % len(body)), (b"retry-after", b"5")]
    await _answer(send, 503, headers, body)


async def _answer(send: Send, status: int, headers: Headers, body: bytes = b"") -> None:
    await send({"type": "http.response.start", "status": status, "headers": headers})
    await send({"type": "http.response.body", "body": body})
