"""`bin/run`: everything Cauce is made of, started in order, watched, and stopped in order."""

import argparse
import contextlib
import json
import os
import shutil
import signal
import subprocess
import sys
import tempfile
import time
import urllib.error
import urllib.request
from collections.abc import Callable, Iterator
from pathlib import Path
from types import FrameType

from tools import smoke
from tools.servers.embedded import Servers, servers_start
from tools.servers.errors import StartError
from tools.servers.home import Home, free_port, port_is_free
from tools.servers.process import Process, die_with_parent
from tools.servers.variables import variables_read

ROOT = Path(__file__).resolve().parents[1]
DEFAULT_PORT = 8000
MIN_UNPRIVILEGED_PORT = 1024
PROBE_INTERVAL = 10.0  # seconds
PROBES_FAILED = 3  # in a row, before a process that runs but does not work is started again
MAX_PAUSE = 30.0  # seconds between two attempts
STOP_SIGNALS = (signal.SIGINT, signal.SIGTERM, signal.SIGHUP)


class Stopped(BaseException):
    """Ctrl-C or SIGTERM."""


def say(text: str) -> None:
    print(text, flush=True)  # noqa: T201


class Supervisor:
    def __init__(self, home: Home, *, port: int, without: frozenset[str] = frozenset()) -> None:
        self.home = home
        self.port = port
        self.without = without
        self.servers = Servers()
        self.parts: list[Process] = []

    @property
    def address(self) -> str:
        return f"http://127.0.0.1:{self.port}"

    def start(self, *, empty: bool) -> None:
        """Raises StartError; `stop` is to be called then too."""
        say("Starting the servers…")
        self.servers = servers_start(self.home)
        environment = os.environ | self.servers.environment | {"PYTHONUNBUFFERED": "1"}
        environment.setdefault("BASE_URL", self.address)
        self._prepare(environment, empty=empty)
        say("Starting web, worker and scheduler…")
        self.parts = [part for part in self._describe(environment) if part.name not in self.without]
        for part in self.parts:
            part.start()
        for part in self.parts:
            part.wait_until_ready(seconds=180)  # a small, busy machine takes minutes to import
        self.home.remember_running(self.servers.environment)

    def _prepare(self, environment: dict[str, str], *, empty: bool) -> None:
        command = [sys.executable, "manage.py", "prepare", *(["--empty"] if empty else [])]
        environment = environment | {"LOG_LEVEL": "WARNING"}
        preparing = subprocess.Popen(
            command, cwd=ROOT, env=environment, process_group=0, preexec_fn=die_with_parent(signal.SIGTERM)
        )
        try:
            if preparing.wait():
                raise StartError("The preparation failed; the lines above say why. What was done before it is kept.")
        finally:
            if preparing.poll() is None:
                preparing.terminate()
                preparing.wait()

    def _describe(self, environment: dict[str, str]) -> list[Process]:
        granian = ["granian", "--interface", "asgi", "--host", "127.0.0.1", "--port", str(self.port), "--no-ws"]
        worker = ["celery", "-A", "config", "worker", "--without-mingle", "--max-memory-per-child", "600000"]
        # A worker told to stop lets its tasks end for CELERY_WORKER_SOFT_SHUTDOWN_TIMEOUT, then hands them back.
        gently = environment | {"REMAP_SIGTERM": "SIGQUIT"}

        def part(name: str, command: list[str], variables: dict[str, str], ready: Callable[[], bool]) -> Process:
            log = self.home.folder("logs") / f"{name}.log"
            return Process(name, [sys.executable, "-m", *command], log, ready, variables, ROOT)

        parts = [
            part(
                "web",
                [*granian, "--workers", "1", "--log-level", "warning", "config.asgi:application"],
                environment,
                self._web,
            ),
            part("worker", [*worker, "-n", "default@%h", "-Q", "default", "-c", "2"], gently, self._says("worker")),
            part("sender", [*worker, "-n", "send@%h", "-Q", "send", "-c", "1"], gently, self._says("worker")),
            part("beat", ["celery", "-A", "config", "beat"], environment, self._says("beat")),
        ]
        for each in parts:
            each.probe = each.ready
        return parts

    def _web(self) -> bool:
        return bool(self.health())

    def _says(self, name: str) -> Callable[[], bool]:
        return lambda: self.health().get(name) == "ok"

    def health(self) -> dict[str, str]:
        """What /healthz says; {} when the web does not answer."""
        try:
            with urllib.request.urlopen(f"{self.address}/healthz", timeout=10) as answer:
                return dict(json.load(answer))
        except urllib.error.HTTPError as error:
            with contextlib.suppress(ValueError):
                return dict(json.load(error))
        except OSError:
            pass
        return {}

    def watch(self) -> None:
        """Until Stopped: start again what ended or no longer works, each time after a longer pause."""
        watched = [Watched(process) for process in (*self.servers.processes, *self.parts)]
        while True:
            for each in watched:
                each.look()
            time.sleep(0.5)

    def stop(self) -> None:
        """The web and the scheduler first, then the workers, then what they lean on."""
        by_name = {part.name: part for part in self.parts}
        for names in (("web", "beat"), ("worker", "sender")):
            together = [by_name[name] for name in names if name in by_name]
            for part in together:
                part.ask_to_stop()
            for part in together:
                part.stop()
        self.servers.stop()


class Watched:
    """One process under watch: when to look again, and how often it failed in a row."""

    def __init__(self, process: Process) -> None:
        self.process = process
        self.failures = 0
        self.silent = 0
        self.next_probe = time.monotonic() + PROBE_INTERVAL
        self.start_at: float | None = None
        self.started_at = time.monotonic()

    def look(self) -> None:
        now = time.monotonic()
        with contextlib.suppress(OSError):  # a full disk is told by who needs it
            self.process.keep_log_small()
        if self.start_at is not None:
            if now >= self.start_at:
                self.start_at, self.started_at, self.silent = None, now, 0
                self.process.start()
                self.next_probe = now + PROBE_INTERVAL
        elif not self.process.is_alive():
            self._start_later("stopped")
        elif self.process.probe is not None and now >= self.next_probe:
            self.silent = 0 if self.process.probe() else self.silent + 1
            self.next_probe = time.monotonic() + PROBE_INTERVAL
            if self.silent >= PROBES_FAILED:
                self.process.stop()
                self._start_later("does not answer")

    def _start_later(self, why: str) -> None:
        now = time.monotonic()
        self.failures = 1 if now - self.started_at > 60 else self.failures + 1
        pause = min(MAX_PAUSE, 2.0 ** (self.failures - 1))
        self.start_at = now + pause
        say(f"{self.process.name} {why}; starting it again in {pause:.0f} s. Its log: {self.process.log}")


def main(arguments: list[str]) -> int:
    variables_read()
    options = _options(arguments)
    for number in STOP_SIGNALS:
        signal.signal(number, _stop)
    try:
        return _smoke(options) if options.smoke else _run(options)
    except StartError as error:
        say(f"\n{error}")
        return 1
    except Stopped:
        return 0 if not options.smoke else 130


def _options(arguments: list[str]) -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="bin/run", description="Starts Cauce and everything it needs.")
    parser.add_argument("--port", type=_port, default=DEFAULT_PORT, help=f"of the web (default {DEFAULT_PORT})")
    home = Path(os.environ.get("CAUCE_HOME") or ROOT / "var")
    parser.add_argument("--home", type=Path, default=home, help="where everything is kept (default var/)")
    parser.add_argument("--empty", action="store_true", help="no demo company on the first start")
    parser.add_argument("--smoke", action="store_true", help="do the main job once in a temporary home, then stop")
    parser.add_argument("--without-worker", action="store_true", help=argparse.SUPPRESS)
    return parser.parse_args(arguments)


def _port(text: str) -> int:
    if not (text.isascii() and text.isdigit() and 0 < int(text[:6]) < 1 << 16):
        raise argparse.ArgumentTypeError(f"{text!r} is not a port: a number from 1 to 65535")
    return int(text)


def _stop(number: int, frame: FrameType | None) -> None:
    _ignore_signals()
    raise Stopped


def _ignore_signals() -> None:
    """From here on: an impatient second Ctrl-C must not cut the orderly end short."""
    for number in STOP_SIGNALS:
        signal.signal(number, lambda *_: None)


@contextlib.contextmanager
def _running(home: Home, supervisor: Supervisor, *, empty: bool) -> Iterator[None]:
    """Everything up inside, everything down after. Raises StartError."""
    home.open()
    if not home.lock():
        raise StartError(
            f"Cauce already runs on {home.path} (process {home.holder()}). Stop it first, or use another --home DIR."
        )
    try:
        try:
            supervisor.start(empty=empty)
        except StartError as error:
            if home.is_full() or "No space left on device" in str(error):
                raise StartError(
                    f"{error}\n\nThe disk of {home.path} is full. Make room, then start again: what is done is kept."
                ) from error
            raise
        yield
    finally:
        _ignore_signals()
        say("\nStopping…")
        supervisor.stop()
        home.unlock()
        say("Stopped.")


def _run(options: argparse.Namespace) -> int:
    if options.port < MIN_UNPRIVILEGED_PORT and os.geteuid() != 0:
        raise StartError(
            f"Ports below {MIN_UNPRIVILEGED_PORT} are for root alone. Choose another: bin/run --port {free_port()}"
        )
    if not port_is_free(options.port):
        raise StartError(
            f"Port {options.port} is taken by another program. Choose another: bin/run --port {free_port()}"
        )
    home = Home(options.home)
    supervisor = Supervisor(home, port=options.port, without=_without(options))
    with _running(home, supervisor, empty=options.empty):
        say(f"\nCauce runs at {supervisor.address}")
        sign_ins = home.path / "sign-ins.txt"
        if sign_ins.is_file():
            say("Sign in as\n" + "".join(f"  {line}\n" for line in sign_ins.read_text().splitlines()).rstrip())
        say("Ctrl-C stops everything.\n")
        supervisor.watch()
    return 0


def _smoke(options: argparse.Namespace) -> int:
    folder = Path(tempfile.mkdtemp(prefix="cauce-smoke-"))
    folder.chmod(0o711)  # the account of the database passes through
    home = Home(folder)
    supervisor = Supervisor(home, port=free_port(), without=_without(options))
    started = time.monotonic()
    try:
        with _running(home, supervisor, empty=True):
            begun = {"start": round(time.monotonic() - started, 2)}
            outcome = smoke.run(supervisor.address, home.path, begun)
        if not outcome["ok"]:
            _show_logs(folder / "logs")
    except StartError as error:
        _show_logs(folder / "logs")
        outcome = {"ok": False, "failed": "start", "why": str(error)}
    finally:
        shutil.rmtree(folder, ignore_errors=True)
    say(json.dumps(outcome, ensure_ascii=False))
    return 0 if outcome["ok"] else 1


def _show_logs(folder: Path) -> None:
    for log in sorted(folder.glob("*.log")):
        lines = log.read_text(errors="replace").splitlines()[-25:]
        say("\n".join([f"--- {log.name}", *lines]))


def _without(options: argparse.Namespace) -> frozenset[str]:
    return frozenset({"worker", "sender"}) if options.without_worker else frozenset()


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
