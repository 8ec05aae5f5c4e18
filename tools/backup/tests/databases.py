"""A second, empty database beside the test's, to restore into."""

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from typing import Any

from django.db import connection


class Databases:
    """The installation's own, and one to restore into; `use` says with which of them this process works."""

    def __init__(self) -> None:
        self.own: str = connection.settings_dict["NAME"]
        self.other = f"{self.own}_restored"

    def use(self, name: str) -> None:
        connection.close()
        connection.settings_dict["NAME"] = name

    def use_other(self) -> None:
        self.use(self.other)

    def tables(self, name: str, without: Mapping[str, tuple[str, ...]]) -> dict[str, str]:
        """A sum over the rows of each table, whatever their order; some tables `without` some columns."""
        before = connection.settings_dict["NAME"]
        self.use(name)
        try:
            with connection.cursor() as cursor:
                cursor.execute(
                    "SELECT relname FROM pg_class WHERE relkind = 'r' AND relnamespace = 'public'::regnamespace"
                )
                return {table: table_sum(cursor, table, *without.get(table, ())) for (table,) in cursor.fetchall()}
        finally:
            self.use(before)


def table_sum(cursor: Any, table: str, *without: str) -> str:
    """The rows of a table as one hash; columns named in `without` are left out."""
    row = "to_jsonb(t)" + "".join(f" - '{column}'" for column in without)
    cursor.execute(
        f"SELECT md5(string_agg(r, '\n' ORDER BY r)) FROM (SELECT ({row})::text AS r FROM \"{table}\" t) rows"
    )
    return str(cursor.fetchone()[0])


@contextmanager
def two_databases() -> Iterator[Databases]:
    databases = Databases()
    _on_server(f'DROP DATABASE IF EXISTS "{databases.other}" WITH (FORCE)')
    _on_server(f'CREATE DATABASE "{databases.other}" TEMPLATE template0')
    try:
        yield databases
    finally:
        databases.use(databases.own)
        _on_server(f'DROP DATABASE "{databases.other}" WITH (FORCE)')


def _on_server(statement: str) -> None:
    with connection.cursor() as cursor:
        cursor.execute(statement)
