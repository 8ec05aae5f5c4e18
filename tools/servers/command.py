"""`bin/manage [--home DIR] ARGS`: a management command with the servers up, those that run already or its own."""

import contextlib
import os
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path
from typing import TextIO

import psycopg2

from tools.backup.errors import BackupError
from tools.backup.home import restore_main
from tools.servers.embedded import servers_start
from tools.servers.errors import StartError
from tools.servers.home import Home
from tools.servers.variables import variables_read

ROOT = Path(__file__).resolve().parents[2]
# Commands that make the tables themselves, or need none.
WITHOUT_TABLES = frozenset(
    {"", "help", "--help", "-h", "version", "--version", "check", "check_production", "diffsettings", "makemigrations",
     "messages", "migrate", "prepare", "showmigrations"}
)  # fmt: skip


def main(arguments: list[str]) -> int:
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(143))
    variables_read()
    folder, rest = _split(arguments)
    try:
        home = Home(folder)
        if rest[:1] == ["restore"]:
            return restore_main(home, rest[1:], _manage)
        home.open()
        with _environment(home, needs_tables=(rest or [""])[0] not in WITHOUT_TABLES) as environment:
            return _manage(environment, *rest)
    except (StartError, BackupError) as error:
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


def _manage(environment: dict[str, str], *arguments: str, output: TextIO | None = None) -> int:
    command = [sys.executable, str(ROOT / "manage.py"), *arguments]
    return subprocess.run(command, env=os.environ | environment, stdout=output, check=False).returncode


@contextlib.contextmanager
def _environment(home: Home, *, needs_tables: bool) -> Iterator[dict[str, str]]:
    """The variables that lead to the servers of `home`, whose database has its tables where the command needs them.
    The command that started the servers waits for the others before it stops them. Raises StartError."""
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
            if needs_tables and _is_new(servers.environment.get("DATABASE_URL") or os.environ["DATABASE_URL"]):
                _make_tables(servers.environment)
            home.remember_running(servers.environment)
            yield servers.environment
        finally:
            home.forget_running()
            with home.guest(wait_for_others=True):
                servers.stop()
    finally:
        home.unlock()


def _is_new(database_url: str) -> bool:
    """Whether nothing was ever made in the database. What is wrong with the address, the command itself says."""
    try:
        connection = psycopg2.connect(database_url, connect_timeout=5)
    except psycopg2.Error:
        return False
    with contextlib.closing(connection), connection.cursor() as cursor:
        cursor.execute("SELECT 1 WHERE to_regclass('django_migrations') IS NULL")
        return cursor.fetchone() is not None


def _make_tables(environment: dict[str, str]) -> None:
    """On standard error: the command's own output may be data."""
    if _manage(environment, "prepare", "--tables-only", output=sys.stderr):
        raise StartError("The database could not be prepared; the lines above say why.")


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
