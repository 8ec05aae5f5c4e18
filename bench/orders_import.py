"""Importing orders, measured: a generated file of order lines through the importer, beside a bare COPY of them.

`bin/bench orders_import --rows 1000000`. The importer runs in a process of its own, as in a worker, first over a tenth
of the rows and then over all of them, each into an empty customer base, so that the peaks of memory can be compared.
Then the same file again: nothing may change.
"""

import argparse
import csv
import json
import os
import random
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "config.settings")
HEADER = ("Order", "Customer ID", "Email", "Date", "StockCode", "Description", "Quantity", "Price", "Country")
LINES_PER_ORDER = 8
PRODUCTS = 4_000
COUNTRIES = ("Peru", "Chile", "Colombia", "Ecuador", "Spain")
IMPORT = (
    "import json, resource, sys, time, django; django.setup()\n"
    "from django.core.management import call_command\n"
    "from io import StringIO\n"
    "import psutil\n"
    "from django.db import connection\n"
    "before = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss\n"
    "out, started = StringIO(), time.perf_counter()\n"
    "call_command('import_orders', sys.argv[1], '--json', stdout=out)\n"
    "seconds = time.perf_counter() - started\n"
    "usage = resource.getrusage(resource.RUSAGE_SELF)\n"
    "with connection.cursor() as cursor:\n"
    "    cursor.execute('SELECT pg_backend_pid()')\n"
    "    backend = psutil.Process(cursor.fetchone()[0]).cpu_times()\n"
    "print(json.dumps({'seconds': seconds, 'peak_mb': usage.ru_maxrss / 1024, 'idle_mb': before / 1024,\n"
    "    'cpu': usage.ru_utime + usage.ru_stime, 'postgres': backend.user + backend.system,\n"
    "    'report': json.loads(out.getvalue())}))\n"
)


def lines(rows: int, seed: int = 7) -> Iterator[tuple[object, ...]]:
    """Plainly synthetic order lines of two years: a third of the customers with an address, one order in fifty a
    return, one in forty without a person."""
    chance = random.Random(seed)
    start = datetime(2024, 1, 1, 8, 0, tzinfo=UTC)
    customers = max(rows // (LINES_PER_ORDER * 4), 1)
    made = order = 0
    while made < rows:
        order += 1
        customer = int(customers * chance.random() ** 2)
        number, name = (f"C{order}", "") if order % 50 == 0 else (f"{order}", "")
        email = f"buyer{customer}@example.com" if customer % 3 == 0 else ""
        who: tuple[str, str] = ("", "") if order % 40 == 1 else (f"K{customer}", email)
        when = (start + timedelta(minutes=chance.randrange(60 * 24 * 730))).strftime("%Y-%m-%d %H:%M")
        country = COUNTRIES[customer % len(COUNTRIES)]
        for _ in range(min(chance.randint(1, 2 * LINES_PER_ORDER - 1), rows - made)):
            product = int(PRODUCTS * chance.random() ** 2)
            quantity = chance.randint(1, 12) * (-1 if order % 50 == 0 else 1)
            name = f"Product {product}"
            yield number, *who, when, f"P{product}", name, quantity, f"{1 + product % 97}.{product % 100:02d}", country
            made += 1


def write(path: Path, rows: int) -> None:
    with path.open("w", newline="") as stream:
        writer = csv.writer(stream)
        writer.writerow(HEADER)
        writer.writerows(lines(rows))


def bare_copy(path: Path) -> float:
    """The limit: Postgres reading the same file into a bare table; seconds."""
    from django.db import connection

    with connection.cursor() as cursor, path.open() as stream:
        cursor.execute(
            "CREATE UNLOGGED TABLE bench_line (number text, customer text, email text, placed_at timestamp, code text,"
            " description text, quantity numeric(14,3), price numeric(14,4), country text)"
        )
        started = time.perf_counter()
        cursor.copy_expert("COPY bench_line FROM STDIN WITH (FORMAT csv, HEADER)", stream)
        seconds = time.perf_counter() - started
        cursor.execute("DROP TABLE bench_line")
    return seconds


def empty_base() -> None:
    from django.db import connection

    with connection.cursor() as cursor:
        cursor.execute("TRUNCATE crm_contact, crm_order, crm_product, crm_importfile CASCADE")


def imported(path: Path) -> dict[str, Any]:
    done = subprocess.run([sys.executable, "-c", IMPORT, str(path)], capture_output=True, text=True, check=False)
    if done.returncode:
        raise SystemExit(done.stderr)
    result: dict[str, Any] = json.loads(done.stdout.strip().splitlines()[-1])
    return result


def main() -> None:
    parser = argparse.ArgumentParser()
    parser.add_argument("--rows", type=int, default=1_000_000)
    arguments = parser.parse_args()
    rows: int = arguments.rows
    with tempfile.TemporaryDirectory(prefix="cauce-bench-") as folder:
        os.environ["CAUCE_HOME"] = folder
        import django

        django.setup()
        from django.core.management import call_command

        call_command("migrate", verbosity=0)
        small, large = Path(folder) / "small.csv", Path(folder) / "large.csv"
        write(small, rows // 10)
        write(large, rows)
        print(f"{rows:,} rows, {large.stat().st_size / 1e6:.0f} MB", flush=True)
        empty_base()
        first = imported(small)
        empty_base()
        run = imported(large)
        limit = bare_copy(large)
        again = imported(large)
    result = {
        "rows": rows,
        "seconds": round(run["seconds"], 1),
        "rows_per_second": round(rows / run["seconds"]),
        "peak_mb": round(run["peak_mb"]),
        "peak_mb_of_a_tenth": round(first["peak_mb"]),
        "idle_mb": round(run["idle_mb"]),
        "cpu_seconds": round(run["cpu"], 1),
        "postgres_cpu_seconds": round(run["postgres"], 1),
        "copy_seconds": round(limit, 1),
        "ratio_to_copy": round(run["seconds"] / limit, 1),
        "seconds_of_a_tenth": round(first["seconds"], 1),
        "seconds_again": round(again["seconds"], 1),
        "again_unchanged": again["report"]["unchanged"],
        "orders": run["report"]["orders"],
        "customers": run["report"]["customers"],
        "imported": run["report"]["imported"],
        "rejected": sum(run["report"]["rejected"].values()),
    }
    print(json.dumps(result))


if __name__ == "__main__":
    main()
