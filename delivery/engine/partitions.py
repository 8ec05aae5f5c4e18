"""Partitions of the two tables that grow without end: the ledger by send, the events by month.

PostgreSQL does the routing; this module makes the partitions before they are needed. Nothing is ever lost for want of
one: both tables have a default partition.
"""

from datetime import UTC, date, datetime

from django.db import connection

MONTHS_AHEAD = 3


def ledger_partition(send_id: int) -> str:
    """The name of the table holding the ledger of one large send."""
    return f"delivery_delivery_s{int(send_id)}"


def ledger_partition_make(send_id: int) -> str:
    """Make the table that will become the ledger partition of a send, detached and without indexes.

    It is filled and indexed first and attached last (`ledger_partition_attach`), so that a million rows are loaded
    without touching the ledger others are writing to. Its pages are filled to less than half: all rows of a page are
    updated in one transaction, and only what finds room on its page spares the indexes.
    """
    name = ledger_partition(send_id)
    with connection.cursor() as cursor:
        cursor.execute(
            f"CREATE TABLE {name} (LIKE delivery_delivery INCLUDING DEFAULTS INCLUDING CONSTRAINTS) "
            "WITH (fillfactor = 45, autovacuum_vacuum_scale_factor = 0.4)"
        )
    return name


def ledger_partition_attach(send_id: int) -> None:
    """Index the filled table and make it the send's partition of the ledger."""
    name, send_id = ledger_partition(send_id), int(send_id)
    with connection.cursor() as cursor:
        cursor.execute(f"ALTER TABLE {name} ADD CONSTRAINT {name}_pk PRIMARY KEY (send_id, contact_id)")
        cursor.execute(f"CREATE INDEX {name}_batch ON {name} (send_id, batch)")
        cursor.execute(f"CREATE INDEX {name}_contact ON {name} (contact_id)")
        cursor.execute(f"CREATE INDEX {name}_address ON {name} (send_id, address varchar_pattern_ops)")
        # With this check PostgreSQL knows that every row belongs here and does not scan the table to attach it.
        cursor.execute(f"ALTER TABLE {name} ADD CONSTRAINT {name}_is CHECK (send_id = {send_id})")
        cursor.execute(f"ALTER TABLE delivery_delivery ATTACH PARTITION {name} FOR VALUES IN ({send_id})")
        cursor.execute(f"ALTER TABLE {name} DROP CONSTRAINT {name}_is")
        cursor.execute(f"ANALYZE {name}")


def month_add(month: date, count: int) -> date:
    """The first day of the month `count` months after that of `month`."""
    index = month.year * 12 + month.month - 1 + count
    return date(index // 12, index % 12 + 1, 1)


def event_partition(month: date) -> str:
    return f"delivery_event_{month:%Y_%m}"


def event_partitions_make(*, today: date | None = None, ahead: int = MONTHS_AHEAD) -> list[str]:
    """Make the event partitions of this month and the next `ahead` where they are missing; return the new names."""
    first = (today or datetime.now(UTC).date()).replace(day=1)
    made = []
    with connection.cursor() as cursor:
        for month in (month_add(first, count) for count in range(ahead + 1)):
            name = event_partition(month)
            cursor.execute("SELECT to_regclass(%s) IS NULL", [name])
            if cursor.fetchone()[0]:
                cursor.execute(
                    f"CREATE TABLE IF NOT EXISTS {name} PARTITION OF delivery_event "
                    f"FOR VALUES FROM ('{month}T00:00:00Z') TO ('{month_add(month, 1)}T00:00:00Z')"
                )
                made.append(name)
    return made


def event_months(*, before: date) -> list[date]:
    """The months before `before` that hold events or have a partition, the oldest first."""
    with connection.cursor() as cursor:
        cursor.execute(
            """
            SELECT to_date(right(c.relname, 7), 'YYYY_MM') FROM pg_inherits i JOIN pg_class c ON c.oid = i.inhrelid
            WHERE i.inhparent = 'delivery_event'::regclass AND c.relname ~ '^delivery_event_[0-9]{4}_[0-9]{2}$'
            UNION
            SELECT date_trunc('month', at AT TIME ZONE 'UTC')::date FROM delivery_event_other
            """
        )
        return sorted(month for (month,) in cursor.fetchall() if month < before)


def event_partition_drop(month: date) -> None:
    """Let the events of a month go, with their partition."""
    name = event_partition(month)
    with connection.cursor() as cursor:
        cursor.execute("SET LOCAL lock_timeout = '5s'")
        cursor.execute(f"DROP TABLE IF EXISTS {name}")
        cursor.execute(
            "DELETE FROM delivery_event_other WHERE at >= %s AND at < %s",
            [_instant(month), _instant(month_add(month, 1))],
        )


def ledger_drop(send_id: int) -> None:
    """Let the ledger of a send go: its partition, or its rows among the small ones."""
    with connection.cursor() as cursor:
        cursor.execute("SET LOCAL lock_timeout = '5s'")
        cursor.execute(f"DROP TABLE IF EXISTS {ledger_partition(send_id)}")
        cursor.execute("DELETE FROM delivery_delivery_small WHERE send_id = %s", [send_id])


def _instant(month: date) -> datetime:
    return datetime(month.year, month.month, month.day, tzinfo=UTC)
