"""Locks by name that live in Postgres, so that they end with the process that held them, however it ended.

One name is one lock, whichever way it is taken: `advisory_lock` excludes who holds it by `transaction_lock`.
"""

import hashlib
from collections.abc import Iterator
from contextlib import contextmanager

from django.db import connection
from django.db.transaction import TransactionManagementError


def lock_number(name: str) -> int:
    """The 63-bit advisory lock number of a name."""
    return int.from_bytes(hashlib.blake2b(name.encode(), digest_size=8).digest(), "big") >> 1


@contextmanager
def advisory_lock(name: str, *, wait: bool = False) -> Iterator[bool]:
    """Hold the lock `name` for the block, over any number of transactions; yields False at once when another process
    holds it, unless it shall `wait` for that one. For work that one process does at a time: a tick, an import, reading
    a mailbox."""
    number = lock_number(name)
    with connection.cursor() as cursor:
        cursor.execute(f"SELECT {'pg_advisory_lock' if wait else 'pg_try_advisory_lock'}(%s)", [number])
        taken = wait or bool(cursor.fetchone()[0])
    try:
        yield taken
    finally:
        if taken and connection.connection is not None and not connection.needs_rollback:
            with connection.cursor() as cursor:
                cursor.execute("SELECT pg_advisory_unlock(%s)", [number])


def transaction_lock(name: str) -> None:
    """Wait for the lock `name` and hold it until the transaction ends, however it ends. For writes that must follow one
    another where no row can be locked.

    Raises TransactionManagementError outside a transaction, where it would hold nothing.
    """
    if not connection.in_atomic_block:
        raise TransactionManagementError(f"the lock {name!r} is held until a transaction ends, and there is none")
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_advisory_xact_lock(%s)", [lock_number(name)])


def lock_is_held(name: str) -> bool:
    """Whether any process holds the lock `name` now."""
    number = lock_number(name)
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT EXISTS (SELECT FROM pg_locks WHERE locktype = 'advisory' AND objsubid = 1 AND granted"
            " AND classid::bigint = %s AND objid::bigint = %s)",
            [number >> 32, number & 0xFFFFFFFF],
        )
        return bool(cursor.fetchone()[0])
