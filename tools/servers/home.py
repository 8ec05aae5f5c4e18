"""The folder that holds everything one installation keeps: databases, mail, files, keys, logs."""

import contextlib
import errno
import fcntl
import json
import os
import secrets
import socket
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any, TextIO

from tools.servers.errors import StartError

MIN_FREE_FIRST_START = 300 * 1024 * 1024  # bytes: a fresh database, its log and the static files
MIN_FREE_RESTART = 50 * 1024 * 1024  # bytes, where all that is there already
KEYS = ("SECRET_KEY", "SUPPRESSION_KEY", "SECRETS_KEY", "SECRET_KEY_FALLBACKS")
RESTORE_MARK = "restore.unfinished"
FULL_DISK_FREE = 20 * 1024 * 1024  # bytes: PostgreSQL's log alone grows by 16 MB at a time


class Home:
    """`path` with its keys (`keys.json`, only its owner reads it), its lock, and what runs in it (`running.json`)."""

    def __init__(self, path: Path) -> None:
        self.path = path.expanduser().resolve()
        self._lock: TextIO | None = None

    def open(self, *, for_restore: bool = False) -> None:
        """Make the folder. Raises StartError when it cannot be made, the disk is nearly full, or a backup was being
        restored into it."""
        try:
            self.path.mkdir(parents=True, exist_ok=True)
            self.folder("logs")
            free = self.free()
        except OSError as error:
            raise StartError(
                f"Cannot write to {self.path}: {error.strerror}. Choose another with --home DIR."
            ) from error
        needed = MIN_FREE_RESTART if (self.path / "static" / ".made-from").is_file() else MIN_FREE_FIRST_START
        if free < needed:
            raise StartError(
                f"The disk of {self.path} has {free // 2**20} MB left and {needed // 2**20} MB are needed. "
                "Make room, or choose another folder with --home DIR."
            )

        if self.restore_is_unfinished() and not for_restore:
            raise StartError(f"A restore into {self.path} was not finished. Restore the backup again.")

    def free(self) -> int:
        """Bytes left on its disk."""
        room = os.statvfs(self.path)
        return room.f_bavail * room.f_frsize

    def is_full(self) -> bool:
        """Whether nothing of size can be written any more."""
        return self.free() < FULL_DISK_FREE

    def folder(self, name: str) -> Path:
        folder = self.path / name
        folder.mkdir(exist_ok=True)
        return folder

    # --- Who uses it ---------------------------------------------------------------------------------------------
    def lock(self) -> bool:
        """Become the one process that runs servers here; False when another is. The lock falls with the process, so
        a power cut leaves nothing stale."""
        handle = (self.path / "lock").open("a+")
        try:
            fcntl.flock(handle, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except OSError as error:
            handle.close()
            if error.errno in {errno.EWOULDBLOCK, errno.EACCES}:
                return False
            raise
        handle.truncate(0)
        handle.write(f"{os.getpid()}\n")
        handle.flush()
        self._lock = handle
        self.forget_running()
        return True

    def unlock(self) -> None:
        self.forget_running()
        if self._lock is not None:
            self._lock.close()
            self._lock = None

    def holder(self) -> str:
        """The process id of whoever holds the lock, for a message."""
        with contextlib.suppress(OSError):
            return (self.path / "lock").read_text().strip()
        return ""

    @contextlib.contextmanager
    def guest(self, *, wait_for_others: bool = False) -> Iterator[None]:
        """While a command uses servers that another process started. With `wait_for_others`: until no one else does."""
        with (self.path / "guests").open("a+") as handle:
            fcntl.flock(handle, fcntl.LOCK_EX if wait_for_others else fcntl.LOCK_SH)
            yield

    # --- What it remembers ---------------------------------------------------------------------------------------
    def secret(self, name: str) -> str:
        """A random secret, made the first time it is asked for."""
        keys = self._read("keys.json")
        if name not in keys:
            keys[name] = secrets.token_urlsafe(32)
            self._write("keys.json", keys)
        return str(keys[name])

    def keep_keys(self, keys: Mapping[str, str]) -> None:
        """Keep keys that came from a backup, by the names of their variables."""
        self._write(
            "keys.json", self._read("keys.json") | {name.lower(): value for name, value in keys.items() if value}
        )

    def kept_keys(self) -> dict[str, str]:
        """The keys that this home has, by the names of their variables; there is always a SECRET_KEY."""
        self.secret("secret_key")
        keys = self._read("keys.json")
        return {name: str(keys[name.lower()]) for name in KEYS if name.lower() in keys}

    def port(self, name: str) -> int:
        """A port of this machine for the server `name`: the one it had before where that is still free."""
        keys = self._read("keys.json")
        port = int(keys.get(f"{name}_port", 0))
        if not port or not port_is_free(port):
            port = free_port()
            keys[f"{name}_port"] = port
            self._write("keys.json", keys)
        return port

    def remember_running(self, environment: dict[str, str]) -> None:
        """The variables by which `bin/manage` reaches the servers that run here."""
        self._write("running.json", environment)

    def running(self) -> dict[str, str]:
        return {name: str(value) for name, value in self._read("running.json").items()}

    def forget_running(self) -> None:
        (self.path / "running.json").unlink(missing_ok=True)

    # --- A restore -----------------------------------------------------------------------------------------------
    def restore_begin(self) -> None:
        """From here to `restore_end` nothing else starts here, however the restore ends."""
        (self.path / RESTORE_MARK).touch()

    def restore_end(self) -> None:
        (self.path / RESTORE_MARK).unlink(missing_ok=True)

    def restore_is_unfinished(self) -> bool:
        return (self.path / RESTORE_MARK).exists()

    def _read(self, name: str) -> dict[str, Any]:
        try:
            content = json.loads((self.path / name).read_text())
        except (FileNotFoundError, json.JSONDecodeError):
            return {}
        return content if isinstance(content, dict) else {}

    def _write(self, name: str, content: dict[str, Any]) -> None:
        draft = self.path / f".{name}.draft"
        with os.fdopen(os.open(draft, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600), "w") as handle:
            json.dump(content, handle, indent=1)
            handle.flush()
            os.fsync(handle.fileno())
        draft.replace(self.path / name)


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


def port_is_free(port: int) -> bool:
    with socket.socket() as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind(("127.0.0.1", port))
        except OSError:
            return False
    return True
