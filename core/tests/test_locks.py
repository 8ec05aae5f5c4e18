"""Locks by name, over connections."""

from collections.abc import Iterator
from typing import Any

import psycopg2
import pytest
from django.db import connection, transaction
from django.db.transaction import TransactionManagementError
from django.db.utils import DataError, OperationalError

from core.locks import advisory_lock, lock_is_held, lock_number, transaction_lock

pytestmark = pytest.mark.django_db(transaction=True)
NAME = "test:lock"


@pytest.fixture
def other() -> Iterator[Any]:
    """A second connection, which does not wait for locks."""
    second = psycopg2.connect(**connection.get_connection_params() | {"cursor_factory": None})
    second.autocommit = True
    yield second.cursor()
    second.close()


def is_free(other: Any) -> bool:
    """Whether the other connection could take the lock; it lets it go again."""
    other.execute("SELECT pg_try_advisory_lock(%s)", [lock_number(NAME)])
    taken = bool(other.fetchone()[0])
    if taken:
        other.execute("SELECT pg_advisory_unlock(%s)", [lock_number(NAME)])
    return taken


def test_a_session_lock_lasts_as_long_as_its_block(other: Any) -> None:
    with advisory_lock(NAME) as taken:
        assert taken
        with transaction.atomic():
            assert not is_free(other)
        assert not is_free(other)
        assert lock_is_held(NAME)
    assert is_free(other)
    assert not lock_is_held(NAME)


def test_a_session_lock_that_another_holds_is_said_at_once(other: Any) -> None:
    other.execute("SELECT pg_advisory_lock(%s)", [lock_number(NAME)])
    with advisory_lock(NAME) as taken:
        assert not taken
    assert lock_is_held(NAME)


def test_a_session_lock_can_be_waited_for(other: Any) -> None:
    with advisory_lock(NAME, wait=True) as taken:
        assert taken
        assert not is_free(other)
    other.execute("SELECT pg_advisory_lock(%s)", [lock_number(NAME)])
    sql("SET lock_timeout = '50ms'")
    try:
        with pytest.raises(OperationalError, match="timeout"), advisory_lock(NAME, wait=True):
            raise AssertionError("the lock of another session was taken")
    finally:
        sql("RESET lock_timeout")


@pytest.mark.parametrize("fails", [False, True])
def test_a_transaction_lock_lasts_as_long_as_its_transaction(other: Any, fails: bool) -> None:
    with transaction.atomic():
        transaction_lock(NAME)
        transaction_lock(NAME)
        assert not is_free(other)
        with transaction.atomic():
            pass
        assert not is_free(other)
        transaction.set_rollback(fails)
    assert is_free(other)


def sql(statement: str) -> None:
    with connection.cursor() as cursor:
        cursor.execute(statement)


def locked_and_broken() -> None:
    with transaction.atomic():
        transaction_lock(NAME)
        sql("SELECT 1 / 0")


def test_a_transaction_lock_ends_with_an_error(other: Any) -> None:
    with pytest.raises(DataError):
        locked_and_broken()
    assert is_free(other)


def test_a_transaction_lock_waits_for_a_session_s(other: Any) -> None:
    other.execute("SELECT pg_advisory_lock(%s)", [lock_number(NAME)])
    with transaction.atomic():
        sql("SET LOCAL lock_timeout = '50ms'")
        with pytest.raises(OperationalError, match="timeout"):
            transaction_lock(NAME)
        transaction.set_rollback(True)


def test_a_transaction_lock_needs_a_transaction() -> None:
    with pytest.raises(TransactionManagementError):
        transaction_lock(NAME)
