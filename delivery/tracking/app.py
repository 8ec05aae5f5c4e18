"""The raw callable ahead of Django: pixels `/o/<token>`, clicks `/c/<token>`, and the one-click POST to `/u/<token>`.

An answer leaves when its event is durable. A token that is not ours gets 404 and leaves no trace.
"""

import asyncio
import re
from collections.abc import Awaitable, Callable, MutableMapping
from typing import Any

import structlog
from django.db import Error as StoreError

from delivery.engine.tokens import NOBODY, Recipient, token_read
from delivery.preferences.one_click_unsubscribe import one_click
from delivery.tracking.appender import Appender
from delivery.tracking.entries import line_make, now
from delivery.tracking.links import Links, Target, link_of_test_message, personal_url, redirect_headers
from delivery.tracking.machines import address_of, agent_read, crawlers, machine_reason

log = structlog.get_logger(__name__)

Message = MutableMapping[str, Any]
Scope = MutableMapping[str, Any]
Receive = Callable[[], Awaitable[Message]]
Send = Callable[[Message], Awaitable[None]]
Application = Callable[[Scope, Receive, Send], Awaitable[None]]
Headers = list[tuple[bytes, bytes]]

PIXEL = bytes.fromhex("47494638396101000100800000000000ffffff21f90401000000002c00000000010001000002024401003b")
NO_STORE: Headers = [(b"cache-control", b"no-store, max-age=0"), (b"x-robots-tag", b"noindex, nofollow")]
PIXEL_START = {
    "type": "http.response.start",
    "status": 200,
    "headers": [(b"content-type", b"image/gif"), (b"content-length", b"%d" % len(PIXEL)), *NO_STORE],
}
PIXEL_BODY = {"type": "http.response.body", "body": PIXEL}
EMPTY_BODY = {"type": "http.response.body", "body": b""}
# What a mail program posts by itself (RFC 8058), as a form of either kind.
ONE_CLICK = re.compile(rb"list-unsubscribe\"?(?:=|\s*\r?\n\r?\n)\s*one-click", re.IGNORECASE)
MAX_FORM_BYTES = 4096


class Tracking:
    """Answers its own paths and passes everything else to `application`."""

    def __init__(self, application: Application) -> None:
        self.application = application
        self.appender: Appender | None = None
        self.links = Links()
        crawlers()  # a third of a second, not within the first request

    def __call__(self, scope: Scope, receive: Receive, send: Send) -> Awaitable[None]:
        if scope["type"] != "http":
            return self.application(scope, receive, send)
        path: str = scope["path"]
        ours = path[:3]
        if ours == "/c/":
            return self._click(scope, path[3:], send)
        if ours == "/o/":
            return self._open(scope, path[3:], send)
        if ours == "/u/" and scope["method"] == "POST":
            return self._leave(scope, path[3:], receive, send)
        return self.application(scope, receive, send)

    async def _open(self, scope: Scope, token: str, send: Send) -> None:
        if scope["method"] not in {"GET", "HEAD"}:
            await _only_looking(send)
            return
        who = token_read("open", token)
        if who is None:
            await _nothing_here(send)
            return
        try:
            if not who.is_test:
                await self._keep(scope, "open", who)
        except StoreError:
            await _later(send)
            return
        await send(PIXEL_START)
        await send(PIXEL_BODY if scope["method"] == "GET" else EMPTY_BODY)

    async def _click(self, scope: Scope, token: str, send: Send) -> None:
        if scope["method"] not in {"GET", "HEAD"}:
            await _only_looking(send)
            return
        who = token_read("click", token)
        if who is None:
            await _nothing_here(send)
            return
        try:
            if who.is_test:
                await self._follow_trial(who, send)
                return
            target = self.links.known.get((who.send_id, who.link)) or await self._target(who)
            if target is None:
                await _nothing_here(send)
                return
            start = target.start
            if target.is_personal:
                url = await asyncio.to_thread(personal_url, target, who.contact_id)
                start = {"type": "http.response.start", "status": 302, "headers": redirect_headers(url)}
            await self._keep(scope, "click", who)
        except StoreError:
            await _later(send)
            return
        await send(start)
        await send(EMPTY_BODY)

    async def _follow_trial(self, who: Recipient, send: Send) -> None:
        """The link of a test message leads where a recipient's would, and is no event."""
        url = await asyncio.to_thread(link_of_test_message, who)
        if url is None:
            await _nothing_here(send)
            return
        await send({"type": "http.response.start", "status": 302, "headers": redirect_headers(url)})
        await send(EMPTY_BODY)

    async def _target(self, who: Recipient) -> Target | None:
        return await asyncio.to_thread(self.links.find, who.send_id, who.link)

    def _keep(self, scope: Scope, kind: str, who: Recipient) -> "asyncio.Future[None]":
        """Done when the event is durable; raises what Postgres raised when neither Redis nor Postgres could take it."""
        appender = self.appender
        if appender is None:
            appender = self.appender = Appender()
        headers = dict(scope["headers"])
        machine = machine_reason(scope["method"], headers, address_of(scope["client"][0], headers))
        send_id, contact_id, link = who
        # In privacy mode the name of the mail program is not kept either.
        agent = agent_read(headers.get(b"user-agent", b""))[0] if contact_id != NOBODY else ""
        return appender.append(line_make(appender.key(), now(), kind, send_id, contact_id, link, agent, machine))

    async def _leave(self, scope: Scope, token: str, receive: Receive, send: Send) -> None:
        """Unsubscribe straight into Postgres, so that it holds before the next message leaves. Any other form
        is a person's on the page, and Django's."""
        body, messages = b"", []
        while len(body) <= MAX_FORM_BYTES:
            message = await receive()
            messages.append(message)
            body += message.get("body", b"")
            if message["type"] != "http.request" or not message.get("more_body"):
                break
        if len(body) > MAX_FORM_BYTES or not ONE_CLICK.search(body):
            await self.application(scope, _again(messages, receive), send)
            return
        try:
            is_ours = await asyncio.to_thread(one_click, token)
        except StoreError as error:
            log.error("unsubscribe_not_kept", error=str(error))
            await _later(send)
            return
        await (_said(send, 200, b"Unsubscribed") if is_ours else _nothing_here(send))


def _again(messages: list[Message], receive: Receive) -> Receive:
    """A `receive` that gives once more what was read already."""
    left = iter(messages)

    async def receive_again() -> Message:
        message = next(left, None)
        return message if message is not None else await receive()

    return receive_again


async def _only_looking(send: Send) -> None:
    await _said(send, 405, b"", [(b"allow", b"GET, HEAD")])


async def _nothing_here(send: Send) -> None:
    await _said(send, 404, b"Not found")


async def _later(send: Send) -> None:
    await _said(send, 503, b"Please try again in a moment.", [(b"retry-after", b"5")])


async def _said(send: Send, status: int, body: bytes, more: Headers | None = None) -> None:
    headers = [(b"content-type", b"text/plain"), (b"content-length", b"%d" % len(body)), *NO_STORE, *(more or [])]
    await send({"type": "http.response.start", "status": status, "headers": headers})
    await send({"type": "http.response.body", "body": body})
