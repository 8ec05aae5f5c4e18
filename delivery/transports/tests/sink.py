"""A mail server for tests and benchmarks: fast, and it misbehaves on request.

What it accepts is written to a file as `Message-ID<TAB>recipient` before its 250. The local part of a recipient says
how it is treated, the first time: `t454-…` is deferred, `hang-…` gets no answer to its DATA, `drop-…` is hung up on in
mid-DATA, of `stall-…` nothing more is read after the 354; `mute-…` is taken without an answer, `gone-…` taken and hung
up on, `lost-…` hung up on after its whole body and not taken; `t451-…` is refused for now after its whole body.
`f550-…` is always refused. Everything else is taken. `bench.faulty` misbehaves by chance instead.
"""

import argparse
import asyncio
import re
import socket
import struct
import threading
import time
from pathlib import Path
from typing import cast

MESSAGE_ID = re.compile(rb"^Message-ID: *(\S+)", re.IGNORECASE | re.MULTILINE)


class Conversation(asyncio.Protocol):
    def __init__(self, sink: "Sink") -> None:
        self.sink = sink
        self.buffer = b""
        self.recipient = b""
        self.has_sender = False
        self.in_data = False

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        # uvloop's transports do not descend from asyncio's.
        self.transport = cast(asyncio.Transport, transport)
        self.sink.open.add(self)
        greeting = self.sink.greet()
        self.transport.write(greeting)
        if not greeting.startswith(b"220"):
            self.transport.close()

    def connection_lost(self, error: Exception | None) -> None:
        self.sink.open.discard(self)

    def data_received(self, data: bytes) -> None:
        self.buffer += data
        out = []
        while True:
            if self.in_data:
                if self.buffer and self.sink.treat("drop", self.recipient):
                    return self.hang_up()
                if self.buffer and self.sink.treat("early", self.recipient):
                    self.transport.write(f"{self.sink.early}\r\n".encode())
                end = 0 if self.buffer.startswith(b".\r\n") else self.buffer.find(b"\r\n.\r\n")
                if end < 0:
                    break
                body, self.buffer = self.buffer[:end], self.buffer[end + (3 if end == 0 else 5) :]
                self.in_data = False
                if self.sink.treat("t451", self.recipient):
                    self.sink.refused.append(self.sink.message_id(body))
                    out.append(b"451 4.3.0 later\r\n")
                    continue
                if self.sink.treat("lost", self.recipient):
                    return self.hang_up()
                self.sink.keep(body, self.recipient)
                if self.sink.treat("mute", self.recipient):
                    return None
                if self.sink.treat("gone", self.recipient):
                    return self.hang_up()
                out.append(b"250 2.0.0 taken\r\n")
            else:
                line, newline, rest = self.buffer.partition(b"\r\n")
                if not newline:
                    break
                self.buffer = rest
                out.append(self.command(line))
        if out:
            self.transport.write(b"".join(out))
        return None

    def hang_up(self) -> None:
        """In order (FIN), or with a reset that overtakes whatever was said."""
        if self.sink.resets():
            linger = struct.pack("ii", 1, 0)
            self.transport.get_extra_info("socket").setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, linger)
        self.transport.abort()

    def command(self, line: bytes) -> bytes:
        verb = line[:4].upper()
        if verb == b"EHLO":
            return self.sink.greeting
        if verb == b"MAIL":
            self.recipient = b""
            refused = self.sink.mail()
            if b" SMTPUTF8" in line and b"SMTPUTF8" not in self.sink.greeting:
                refused = b"555 5.5.4 parameter not known\r\n"
            self.has_sender = refused is None
            return refused or b"250 ok\r\n"
        if verb == b"RCPT" and not self.has_sender:
            return b"503 5.5.1 no sender\r\n"
        if verb == b"RCPT":
            address = line[line.find(b"<") + 1 : line.rfind(b">")]
            if self.sink.treat("t454", address):
                return b"454 4.7.0 later\r\n"
            if self.sink.refuses(address):
                return b"550 5.1.1 no such user\r\n"
            self.recipient = address
            return b"250 ok\r\n"
        if verb == b"DATA":
            if not self.recipient:
                return b"503 5.5.1 no recipient\r\n"
            if self.sink.treat("hang", self.recipient):
                self.transport.pause_reading()
                return b""
            if self.sink.treat("stall", self.recipient):
                self.transport.pause_reading()
            self.in_data = True
            return b"354 go on\r\n"
        if verb == b"QUIT":
            self.transport.close()
            return b"221 bye\r\n"
        return b"250 ok\r\n"


class Sink:
    """`taken` are the (Message-ID, recipient) pairs in the order of their 250.

    `window` is how many bytes the system takes in on a connection that nobody reads; `early` what `early-…` is answered
    in mid-DATA.
    """

    def __init__(
        self,
        path: Path | None = None,
        *,
        pipelining: bool = True,
        eight_bit: bool = True,
        window: int | None = None,
        early: str = "",
    ) -> None:
        self.window, self.early = window, early
        extensions = (b"250-PIPELINING\r\n" if pipelining else b"") + (b"250-8BITMIME\r\n" if eight_bit else b"")
        self.greeting = b"250-sink\r\n" + extensions + b"250 HELP\r\n"
        self.taken: list[tuple[str, str]] = []
        self.bodies: list[bytes] = []
        self.refused: list[bytes] = []
        self.times: list[float] = []
        self.treated: set[tuple[str, bytes]] = set()
        self.open: set[Conversation] = set()
        self.file = path.open("ab", buffering=0) if path else None
        self.keep_bodies = path is None
        self.port = 0

    def treat(self, how: str, address: bytes) -> bool:
        """Whether to misbehave in this way to this recipient: the first time only."""
        if not address.startswith(how.encode() + b"-") or (how, address) in self.treated:
            return False
        self.treated.add((how, address))
        return True

    def refuses(self, address: bytes) -> bool:
        """Whether there is no such recipient."""
        return address.startswith(b"f550-")

    def resets(self) -> bool:
        """Whether the next connection hung up on ends with a reset for certain."""
        return False

    def greet(self) -> bytes:
        """The first line on a connection; it is closed after anything but 220."""
        return b"220 sink ESMTP\r\n"

    def mail(self) -> bytes | None:
        """Another answer to MAIL than 250."""
        return None

    @staticmethod
    def message_id(body: bytes) -> bytes:
        found = MESSAGE_ID.search(body, 0, 2000)
        return found[1] if found else b""

    def keep(self, body: bytes, recipient: bytes) -> None:
        message_id = self.message_id(body)
        if self.file:
            self.file.write(message_id + b"\t" + recipient + b"\n")
            return
        self.taken.append((message_id.decode(), recipient.decode()))
        self.times.append(time.monotonic())
        self.bodies.append(body)

    async def serve(self, port: int = 0) -> asyncio.Server:
        listener = socket.socket()
        listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        if self.window:
            listener.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, self.window)
        listener.bind(("127.0.0.1", port))
        server = await asyncio.get_running_loop().create_server(lambda: Conversation(self), sock=listener)
        self.port = listener.getsockname()[1]
        return server

    @property
    def url(self) -> str:
        return f"smtp://127.0.0.1:{self.port}?timeout=2"


class SinkThread(threading.Thread):
    """A sink beside a test."""

    def __init__(self, sink: Sink, port: int = 0) -> None:
        super().__init__(daemon=True)
        self.sink, self.wanted, self.ready = sink, port, threading.Event()

    def run(self) -> None:
        asyncio.run(self._main())

    async def _main(self) -> None:
        self.loop, self.ended = asyncio.get_running_loop(), asyncio.Event()
        server = await self.sink.serve(self.wanted)
        self.ready.set()
        await self.ended.wait()
        server.close()
        for conversation in list(self.sink.open):
            conversation.transport.abort()

    def __enter__(self) -> Sink:
        self.start()
        self.ready.wait()
        return self.sink

    def __exit__(self, *_: object) -> None:
        self.loop.call_soon_threadsafe(self.ended.set)
        self.join()


def main() -> None:
    parser = argparse.ArgumentParser()
    parser.add_argument("--port", type=int, default=0)
    parser.add_argument("--log", type=Path, required=True)
    arguments = parser.parse_args()
    serve_forever(Sink(arguments.log), arguments.port)


def serve_forever(sink: Sink, port: int) -> None:
    """As a process of its own; its first line says the port."""
    import uvloop

    async def forever() -> None:
        server = await sink.serve(port)
        print(sink.port, flush=True)  # noqa: T201
        await server.serve_forever()

    uvloop.run(forever())


if __name__ == "__main__":
    main()
