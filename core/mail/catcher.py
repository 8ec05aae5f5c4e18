"""An SMTP server that keeps everything and delivers nothing: `python -m core.mail.catcher --port 1025 --folder DIR`.

It speaks ESMTP with pipelining (RFC 2920), 8-bit bodies and UTF-8 addresses, and answers a message once it is on disk.
"""

import argparse
import asyncio
import signal
from pathlib import Path
from typing import cast

from core.mail.mailbox import MailboxWriter

MAX_MESSAGE_BYTES = 32 * 2**20  # bytes of one message
MAX_LINE_BYTES = 4096
GREETING = (
    b"250-cauce.local\r\n250-PIPELINING\r\n250-8BITMIME\r\n250-SMTPUTF8\r\n250-SIZE %d\r\n250 HELP\r\n"
    % MAX_MESSAGE_BYTES
)


class Conversation(asyncio.Protocol):
    """One connection. Replies to all commands of one read leave in one write."""

    def __init__(self, mailbox: MailboxWriter) -> None:
        self.mailbox = mailbox
        self.buffer = bytearray()
        self.in_message = False
        self.searched = 0
        self.transport: asyncio.Transport | None = None
        self._forget()

    def _forget(self) -> None:
        self.sender: str | None = None
        self.recipients: list[str] = []

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        self.transport = cast(asyncio.Transport, transport)
        self.transport.write(b"220 cauce.local ESMTP catcher\r\n")

    def data_received(self, data: bytes) -> None:
        assert self.transport is not None  # noqa: S101
        self.buffer += data
        replies: list[bytes] = []
        while (reply := self._message() if self.in_message else self._command()) is not None:
            replies.append(reply)
            if reply.startswith((b"221", b"421", b"500 5.5.2 Line")):
                self.transport.write(b"".join(replies))
                self.transport.close()
                return
        if replies:
            self.transport.write(b"".join(replies))

    def _command(self) -> bytes | None:
        """The reply to the next whole line, None when there is none yet."""
        end = self.buffer.find(b"\n")
        if end < 0:
            return b"500 5.5.2 Line too long\r\n" if len(self.buffer) > MAX_LINE_BYTES else None
        line = bytes(self.buffer[:end]).rstrip(b"\r")
        del self.buffer[: end + 1]
        verb, _space, rest = line.partition(b" ")
        match verb.upper():
            case b"EHLO":
                self._forget()
                return GREETING
            case b"HELO":
                self._forget()
                return b"250 cauce.local\r\n"
            case b"MAIL":
                self._forget()
                self.sender = _address(rest)
                return b"250 2.1.0 OK\r\n"
            case b"RCPT" if self.sender is not None:
                self.recipients.append(_address(rest))
                return b"250 2.1.5 OK\r\n"
            case b"DATA" if self.recipients:
                self.in_message, self.searched = True, 0
                return b"354 End with a dot\r\n"
            case b"RCPT" | b"DATA":
                return b"503 5.5.1 First MAIL, then RCPT\r\n"
            case b"RSET":
                self._forget()
                return b"250 2.0.0 OK\r\n"
            case b"NOOP" | b"HELP" | b"VRFY":
                return b"250 2.0.0 OK\r\n"
            case b"QUIT":
                return b"221 2.0.0 Bye\r\n"
        return b"500 5.5.1 Unknown command\r\n"

    def _message(self) -> bytes | None:
        """The reply to the message once its final dot is here."""
        if self.buffer.startswith(b".\r\n"):
            end, size = 0, 3
        else:
            end = self.buffer.find(b"\r\n.\r\n", max(0, self.searched - 4))
            if end < 0:
                self.searched = len(self.buffer)
                return b"421 4.3.0 Message too long\r\n" if self.searched > MAX_MESSAGE_BYTES else None
            end, size = end + 2, 3
        raw = bytes(self.buffer[:end])
        del self.buffer[: end + size]
        self.in_message = False
        if raw.startswith(b"."):
            raw = raw[1:]
        sender, recipients = self.sender or "", self.recipients
        self._forget()
        try:
            self.mailbox.append(sender, recipients, raw.replace(b"\r\n..", b"\r\n."))
        except OSError as error:
            return f"452 4.3.1 {error.strerror}\r\n".encode()
        return b"250 2.0.0 Kept\r\n"


def _address(rest: bytes) -> str:
    """The address between the brackets of `FROM:<…>` or `TO:<…>`, whatever parameters follow."""
    text = rest.decode("utf-8", "replace")
    inside = text.partition("<")[2].rpartition(">")[0]
    return (inside or text.partition(":")[2].split(" ")[0]).strip()


async def serve(port: int, folder: Path) -> None:
    """Until SIGTERM or SIGINT."""
    mailbox = MailboxWriter(folder)
    loop = asyncio.get_running_loop()
    server = await loop.create_server(lambda: Conversation(mailbox), "127.0.0.1", port, backlog=1024)
    stopped = asyncio.Event()
    for number in (signal.SIGTERM, signal.SIGINT):
        loop.add_signal_handler(number, stopped.set)
    async with server:
        await stopped.wait()
    mailbox.close()


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--port", type=int, required=True)
    parser.add_argument("--folder", type=Path, required=True)
    options = parser.parse_args()
    try:
        import uvloop
    except ImportError:
        runner = asyncio.Runner()
    else:
        runner = asyncio.Runner(loop_factory=uvloop.new_event_loop)
    with runner:
        runner.run(serve(options.port, options.folder))


if __name__ == "__main__":
    main()
