"""Spend from a file."""

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any
from zoneinfo import ZoneInfo

import pytest

from accounts.models import User
from crm.imports.kinds import Row, RowError
from crm.imports.values import Format
from marketing.import_kind import SPEND
from marketing.models import SpendEntry


@dataclass
class Run:
    lines: list[dict[str, str]]
    dry_run: bool = False
    source: str = "spend_file"
    actor: User | None = None
    is_correction: bool = False
    options: dict[str, Any] = field(default_factory=dict)
    format: Format = field(default_factory=lambda: Format(zone=ZoneInfo("UTC")))
    rejected: list[str] = field(default_factory=list)

    def rows(self) -> Iterator[Row]:
        for number, values in enumerate(self.lines, 2):
            yield Row(number, list(values.values()), values)

    def reject(self, row: Row, error: RowError) -> None:
        self.rejected.append(error.code)

    def reject_again(self, found: Iterable[tuple[int, str]], sentences: Mapping[str, str]) -> None:
        self.rejected.extend(code for _number, code in found)

    def step(self, text: str) -> None: ...


LINES = [
    {"day": "2026-03-01", "channel": "seo", "amount": "10.50"},
    {"day": "2026-03-01", "channel": "seo", "amount": "10.50"},
    {"day": "2026-03-01", "channel": "moon", "amount": "1"},
    {"day": "yesterday", "channel": "seo", "amount": "1"},
    {"day": "2026-03-01", "channel": "seo", "amount": "-4"},
]


@pytest.mark.django_db
def test_a_file_twice_is_booked_once_and_bad_rows_are_named() -> None:
    first, again, dry = Run(LINES), Run(LINES), Run(LINES, dry_run=True, source="other")
    report = SPEND.run(first)
    assert (report.imported, first.rejected) == (2, ["unknown_channel", "bad_date", "amount_invalid"])
    assert SPEND.run(again).unchanged == 2
    assert SPEND.run(dry).imported == 2
    assert sum(entry.amount for entry in SpendEntry.objects.all()) == 21
