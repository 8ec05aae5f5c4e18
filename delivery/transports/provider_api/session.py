"""The HTTP side of a provider's API: one kept-alive connection a thread, that knows how far a request has come.

A request that never began to leave was not taken; one whose sending broke off was not whole when it reached the
provider; of any other that has no answer nobody knows. Redirects are not followed (a key would travel with them), and
`.netrc` does not put another key in the place of ours.
"""

import os
import socket
from contextlib import suppress
from typing import Any, ClassVar

import requests
from requests.adapters import HTTPAdapter
from requests.utils import get_environ_proxies
from urllib3.connection import HTTPConnection, HTTPSConnection
from urllib3.connectionpool import HTTPConnectionPool, HTTPSConnectionPool

CONNECT_SECONDS = 10.0


class Progress:
    """How far the request under way has come: `begun` when a byte of it may have left, `broken` when its sending broke
    off. `connection` is the one it goes by."""

    def __init__(self) -> None:
        self.begun = self.broken = False
        self.connection: HTTPConnection | None = None
        self.opened = 0

    def start(self) -> None:
        self.begun = self.broken = False

    def cut(self) -> None:
        """End the request under way from another thread: its socket is shut, and the thread that reads it notices."""
        sock = self.connection.sock if self.connection is not None else None
        if sock is not None:
            with suppress(OSError):
                # The plain one: an SSL socket's own would take its state away from under the reading thread.
                socket.socket.shutdown(sock, socket.SHUT_RDWR)


class _Reporting:
    """Mixed into a connection: tells `progress` what it does."""

    progress: ClassVar[Progress]

    def connect(self) -> None:
        self.progress.connection = self  # type: ignore[assignment]
        self.progress.opened += 1
        super().connect()  # type: ignore[misc]

    def send(self, data: Any) -> None:
        if self.sock is None:  # type: ignore[attr-defined]
            self.connect()
        self.progress.begun = True
        try:
            super().send(data)  # type: ignore[misc]
        except OSError:
            self.progress.broken = True
            raise


class _Adapter(HTTPAdapter):
    def __init__(self, progress: Progress) -> None:
        self.progress = progress
        super().__init__(pool_connections=1, pool_maxsize=1, max_retries=0)

    def init_poolmanager(self, *args: Any, **kwargs: Any) -> None:
        super().init_poolmanager(*args, **kwargs)
        reporting = {"progress": self.progress}
        plain = type("Plain", (_Reporting, HTTPConnection), reporting)
        secure = type("Secure", (_Reporting, HTTPSConnection), reporting)
        self.poolmanager.pool_classes_by_scheme = {
            "http": type("PlainPool", (HTTPConnectionPool,), {"ConnectionCls": plain}),
            "https": type("SecurePool", (HTTPSConnectionPool,), {"ConnectionCls": secure}),
        }


class ApiSession(requests.Session):
    """Requests to one provider. Proxies and certificates are the environment's, read once."""

    def __init__(self, address: str, *, timeout: float) -> None:
        super().__init__()
        self.progress = Progress()
        self.timeout = timeout
        self.trust_env = False
        self.proxies.update(get_environ_proxies(address))
        self.verify = os.environ.get("REQUESTS_CA_BUNDLE") or os.environ.get("CURL_CA_BUNDLE") or True
        for scheme in ("http://", "https://"):
            self.mount(scheme, _Adapter(self.progress))

    def request(self, *args: Any, **kwargs: Any) -> requests.Response:
        self.progress.start()
        kwargs |= {"allow_redirects": False, "timeout": (min(CONNECT_SECONDS, self.timeout), self.timeout)}
        return super().request(*args, **kwargs)
