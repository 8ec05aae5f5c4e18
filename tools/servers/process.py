"""One process that Cauce starts, watches and stops."""

import ctypes
import os
import shutil
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path

import psutil

from tools.servers.errors import StartError

PR_SET_PDEATHSIG = 1


@dataclass
class Account:
    """The system account a process runs as, where that is not ours."""

    user: int
    group: int
    groups: list[int] = field(default_factory=list)


MAX_LOG_BYTES = 20_000_000


@dataclass
class Process:
    """A command with its log file. `ready` says whether it serves; `probe` whether it still does, asked now and then.

    It gets `stop_signal`, then SIGKILL after `patience` seconds; it also gets the signal when we die first.
    """

    name: str
    command: Sequence[str | Path]
    log: Path
    ready: Callable[[], bool]
    environment: Mapping[str, str] | None = None
    folder: Path | None = None
    account: Account | None = None
    stop_signal: signal.Signals = signal.SIGTERM
    patience: float = 30
    probe: Callable[[], bool] | None = None
    popen: "subprocess.Popen[bytes] | None" = None

    def start(self) -> None:
        account = self.account
        self.log.touch()
        with self.log.open("ab") as log:
            self.popen = subprocess.Popen(
                [str(part) for part in self.command],
                stdin=subprocess.DEVNULL,
                stdout=log,
                stderr=subprocess.STDOUT,
                env=dict(self.environment) if self.environment is not None else None,
                cwd=self.folder,
                user=account.user if account else None,
                group=account.group if account else None,
                extra_groups=account.groups if account else None,
                preexec_fn=die_with_parent(self.stop_signal),
                process_group=0,  # Ctrl-C reaches only the supervisor, which stops the others in order
            )

    def keep_log_small(self, most: int = MAX_LOG_BYTES) -> None:
        """Past `most` bytes the log becomes `<name>.log.1` and starts anew; the process goes on writing to it."""
        if self.log.stat().st_size > most:
            shutil.copyfile(self.log, self.log.with_name(f"{self.log.name}.1"))
            os.truncate(self.log, 0)

    def wait_until_ready(self, seconds: float = 60) -> None:
        """Raises StartError with the end of its log when it ends or is not ready in time."""
        deadline = time.monotonic() + seconds
        while not self.ready():
            if not self.is_alive():
                raise StartError(f"{self.name} stopped while starting. {self._log_end()}")
            if time.monotonic() > deadline:
                raise StartError(f"{self.name} is not ready after {seconds:.0f} s. {self._log_end()}")
            time.sleep(0.1)

    def is_alive(self) -> bool:
        return self.popen is not None and self.popen.poll() is None

    def ask_to_stop(self) -> None:
        if self.popen is not None and self.is_alive():
            self.popen.send_signal(self.stop_signal)

    def stop(self) -> None:
        """Ask, wait, insist."""
        if self.popen is None:
            return
        self.ask_to_stop()
        try:
            self.popen.wait(self.patience)
        except subprocess.TimeoutExpired:
            for child in psutil.Process(self.popen.pid).children(recursive=True):
                child.kill()
            self.popen.kill()
            self.popen.wait()

    def _log_end(self, lines: int = 15) -> str:
        end = self.log.read_text(errors="replace").splitlines()[-lines:]
        return "\n".join([f"The end of {self.log}:", *end])


def die_with_parent(stop_signal: signal.Signals) -> Callable[[], None] | None:
    """Runs between fork and exec: Linux sends `stop_signal` to the child when its parent is killed."""
    if sys.platform != "linux":
        return None
    prctl = ctypes.CDLL(None, use_errno=True).prctl
    parent = os.getpid()

    def arrange() -> None:
        prctl(PR_SET_PDEATHSIG, int(stop_signal))
        if os.getppid() != parent:
            os._exit(1)

    return arrange
