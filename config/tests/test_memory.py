"""What every process carries: nothing that only a rare request needs."""

import subprocess
import sys
from pathlib import Path

HEAVY = ("numpy", "openpyxl", "pandas", "scipy")
SCRIPT = """
import sys, django
django.setup()
import config.urls, config.celery
from celery import current_app
current_app.loader.import_default_modules()
print(*[name for name in sys.argv[1:] if name in sys.modules])
"""


def test_no_process_loads_the_libraries_of_sums_and_sheets_before_it_needs_them() -> None:
    root = Path(__file__).resolve().parents[2]
    command = [sys.executable, "-W", "ignore", "-c", SCRIPT, *HEAVY]
    found = subprocess.run(command, cwd=root, capture_output=True, text=True, check=True)
    assert found.stdout.split() == []
