"""The conversation with a bounce mailbox: sign in, look for what is new, read it in pieces, move away what is done.

Every failure becomes a TransportError with a sentence that says what to change; `permanent`: waiting is no use.
"""

import socket
import ssl
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any

from django.utils.translation import gettext as _
from imapclient import IMAPClient, SocketTimeout
from imapclient.exceptions import CapabilityError, IMAPClientError, LoginError

from core.errors import DomainError, TransportError
from core.secrets import secret_open
from delivery.feedback.models import BounceMailbox
from delivery.feedback.parse import MAX_BYTES

CONNECT_SECONDS, ANSWER_SECONDS = 10, 30
LOCAL = frozenset({"localhost", "127.0.0.1", "::1"})
Security = BounceMailbox.Security


@dataclass(frozen=True)
class Folder:
    """A folder as it was opened."""

    uid_validity: int
    messages: int


@dataclass(frozen=True)
class Letter:
    """One message: its UID in the folder, and its first half megabyte."""

    uid: int
    raw: bytes


class Inbox:
    """A signed-in connection with the mailbox's folder open."""

    def __init__(self, client: IMAPClient, mailbox: BounceMailbox) -> None:
        self.client, self.mailbox = client, mailbox
        opened: dict[bytes, Any] = client.select_folder(mailbox.folder)
        self.folder = Folder(int(opened[b"UIDVALIDITY"]), int(opened[b"EXISTS"]))

    def uids_after(self, last: int) -> list[int]:
        """New messages, the oldest first. (`n:*` always names the newest message, whatever its number.)"""
        return sorted(uid for uid in self.client.search(["UID", f"{last + 1}:*"]) if uid > last)

    def unread(self) -> int:
        return len(self.client.search(["UNSEEN"]))

    def read(self, uids: list[int]) -> list[Letter]:
        """The messages that are still there; not marked as read, and no more of each than is looked at."""
        item = f"BODY.PEEK[]<0.{MAX_BYTES}>"
        answers: dict[int, dict[bytes, Any]] = self.client.fetch(uids, [item])
        return [Letter(uid, bytes(answers[uid].get(b"BODY[]<0>", b""))) for uid in uids if uid in answers]

    def move_done(self, uids: list[int]) -> None:
        """Move what is done to its folder, or mark it as read where there is none."""
        if not uids:
            return
        if not self.mailbox.done_folder:
            self.client.add_flags(uids, [b"\\Seen"], silent=True)
            return
        try:
            self.client.move(uids, self.mailbox.done_folder)
        except CapabilityError:
            self.client.copy(uids, self.mailbox.done_folder)
            self.client.add_flags(uids, [b"\\Deleted"], silent=True)
            self.client.expunge()

    def make_done_folder(self) -> None:
        name = self.mailbox.done_folder
        if name and not self.client.folder_exists(name):
            self.client.create_folder(name)


@contextmanager
def inbox(mailbox: BounceMailbox) -> Iterator[Inbox]:
    """The mailbox, open. Raises TransportError with what is wrong, in words."""
    with _in_words(mailbox):
        client = _connect(mailbox)
        try:
            client.login(mailbox.username, _password(mailbox))
            yield Inbox(client, mailbox)
        finally:
            _leave(client)


def _connect(mailbox: BounceMailbox) -> IMAPClient:
    if mailbox.security == Security.NONE and mailbox.host not in LOCAL:
        raise TransportError(
            _("Without encryption the password would be readable on its way. Choose TLS or STARTTLS."), permanent=True
        )
    context = ssl.create_default_context()
    client = IMAPClient(
        mailbox.host,
        port=mailbox.port,
        ssl=mailbox.security == Security.TLS,
        ssl_context=context if mailbox.security == Security.TLS else None,
        timeout=SocketTimeout(connect=CONNECT_SECONDS, read=ANSWER_SECONDS),
    )
    if mailbox.security == Security.STARTTLS:
        try:
            client.starttls(context)
        except BaseException:
            _leave(client)
            raise
    return client


def _leave(client: IMAPClient) -> None:
    try:
        client.logout()
    except (IMAPClientError, OSError):
        # It was on its way out anyhow.
        return


def _password(mailbox: BounceMailbox) -> str:
    try:
        return secret_open(mailbox.password)
    except DomainError as error:
        raise TransportError(error.message, permanent=True) from error


@contextmanager
def _in_words(mailbox: BounceMailbox) -> Iterator[None]:
    values = {"host": mailbox.host, "port": mailbox.port, "folder": mailbox.folder}
    try:
        yield
    except ssl.SSLCertVerificationError as error:
        words = _("The certificate of %(host)s is not trusted: %(error)s") % {
            **values,
            "error": error.verify_message,
        }
        raise TransportError(words, permanent=True) from error
    except ssl.SSLError as error:
        words = _("%(host)s does not support TLS on port %(port)s. TLS is usually on 993, STARTTLS on 143.") % values
        raise TransportError(words, permanent=True) from error
    except socket.gaierror as error:
        raise TransportError(_("There is no server called %(host)s.") % values, permanent=True) from error
    except ConnectionRefusedError as error:
        raise TransportError(_("%(host)s refuses connections on port %(port)s.") % values, permanent=False) from error
    except TimeoutError as error:
        raise TransportError(_("%(host)s does not answer on port %(port)s.") % values, permanent=False) from error
    except LoginError as error:
        raise TransportError(_("%(host)s does not accept this user and password.") % values, permanent=True) from error
    except IMAPClientError as error:
        words = _("%(host)s replied: %(error)s") % {**values, "error": str(error)[:150]}
        raise TransportError(words, permanent=False) from error
    except OSError as error:
        raise TransportError(
            _("The connection to %(host)s broke: %(error)s") % {**values, "error": error.strerror or error},
            permanent=False,
        ) from error
