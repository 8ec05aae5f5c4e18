"""`bin/manage [--home DIR] ARGS`: a management command with the servers up, those that run already or its own."""

import contextlib
import os
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path

from tools.servers.embedded import servers_start
from tools.servers.errors import StartError
from tools.servers.home import Home

ROOT = Path(__file__).resolve().parents[2]


def main(arguments: list[str]) -> int:
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(143))
    folder, rest = _split(arguments)
    try:
        home = Home(folder)
        home.open()
        with _environment(home) as environment:
            command = [sys.executable, str(ROOT / "manage.py"), *rest]
            return subprocess.run(command, env=os.environ | environment, check=False).returncode
    except StartError as error:
        print(error, file=sys.stderr)  # noqa: T201
        return 1
    except KeyboardInterrupt:
        return 130


def _split(arguments: list[str]) -> tuple[Path, list[str]]:
    """The home and the other arguments: `--home DIR` or `--home=DIR` before the command's name is ours."""
    default = Path(os.environ.get("CAUCE_HOME") or ROOT / "var")
    if arguments[:1] == ["--home"] and len(arguments) > 1:
        return Path(arguments[1]), arguments[2:]
    if arguments and arguments[0].startswith("--home="):
        return Path(arguments[0].removeprefix("--home=")), arguments[1:]
    return default, arguments


@contextlib.contextmanager
def _environment(home: Home) -> Iterator[dict[str, str]]:
    """The variables that lead to the servers of `home`. Who starts them waits for other commands before stopping."""
    deadline = time.monotonic() + 60
    while not home.lock():
        with home.guest():
            environment = home.running()
            if environment:
                yield environment
                return
        if time.monotonic() > deadline:
            raise StartError(f"Process {home.holder()} uses {home.path} and its servers do not come up. Stop it first.")
        time.sleep(0.2)
    try:
        servers = servers_start(home)
        try:
            home.remember_running(servers.environment)
            yield servers.environment
        finally:
            home.forget_running()
            with home.guest(wait_for_others=True):
                servers.stop()
    finally:
        home.unlock()


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
