"""Importing the addresses another system suppressed, measured: a file of them through the importer.

`bin/bench suppressions_import --rows 1000000`. The importer runs in a process of its own, as in a worker: a tenth of
the rows, then all of them (dry, then in earnest, then once more: nothing may change); so the peaks of memory can be
compared.
"""

import argparse
import json
import os
import subprocess
import sys
import tempfile
from pathlib import Path
from typing import Any

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "config.settings")
IMPORT = """
import json, resource, sys, time, django; django.setup()
from pathlib import Path
from core.services.progress import ProgressLine
from crm.imports.kinds import import_kinds
from crm.imports.services import import_map, import_run, import_upload
path, found = Path(sys.argv[1]), {}
with path.open("rb") as content:
    file = import_upload(kind=import_kinds["suppressed"], name=path.name, content=content, size=path.stat().st_size,
        actor=None)
import_map(file=file, columns=file.mapping["columns"], options={}, actor=None)
for what in sys.argv[2:]:
    started = time.perf_counter()
    with ProgressLine(None) as progress:
        report = import_run(file=file, dry_run=what == "dry", progress=progress)
    found[what] = {"seconds": round(time.perf_counter() - started, 1), **report}
found["peak_mb"] = round(resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024)
print(json.dumps(found))
"""


def imported(path: Path, *runs: str) -> dict[str, Any]:
    done = subprocess.run([sys.executable, "-c", IMPORT, str(path), *runs], capture_output=True, text=True, check=False)
    if done.returncode:
        raise SystemExit(done.stderr)
    found: dict[str, Any] = json.loads(done.stdout.strip().splitlines()[-1])
    return found


def write(path: Path, rows: int) -> None:
    """One column without a header; one line in a thousand is no address."""
    with path.open("w") as stream:
        for number in range(rows):
            at = "" if number % 1000 == 999 else "@"
            stream.write(f"Somebody.{number}{at}mail{number % 5000}.example\n")


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
        from django.db import connection

        call_command("migrate", verbosity=0)
        small, large = Path(folder) / "small.csv", Path(folder) / "large.csv"
        write(small, rows // 10)
        write(large, rows)
        tenth = imported(small, "real")
        with connection.cursor() as cursor:
            cursor.execute("TRUNCATE crm_suppression")
        run = imported(large, "dry", "real", "again")
    print(json.dumps({
        "rows": rows,
        "seconds": run["real"]["seconds"],
        "rows_per_second": round(rows / run["real"]["seconds"]),
        "seconds_dry": run["dry"]["seconds"],
        "seconds_again": run["again"]["seconds"],
        "peak_mb": run["peak_mb"],
        "peak_mb_of_a_tenth": tenth["peak_mb"],
        "imported": run["real"]["imported"],
        "imported_dry": run["dry"]["imported"],
        "imported_again": run["again"]["imported"],
        "rejected": sum(run["real"]["rejected"].values()),
    }))  # fmt: skip


if __name__ == "__main__":
    main()
