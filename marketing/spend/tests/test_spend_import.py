"""Spend from a file."""

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any
from zoneinfo import ZoneInfo

import pytest
from django.test import Client

from accounts.people.models import User
from crm.imports.kinds import Row, RowError
from crm.imports.models import ImportFile
from crm.imports.values import Format
from marketing.spend.models import SpendEntry
from marketing.spend.spend_import import SPEND_IMPORT


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
    report = SPEND_IMPORT.run(first)
    assert (report.imported, first.rejected) == (2, ["unknown_channel", "bad_date", "amount_invalid"])
    assert SPEND_IMPORT.run(again).unchanged == 2
    assert SPEND_IMPORT.run(dry).imported == 2
    assert sum(entry.amount for entry in SpendEntry.objects.all()) == 21


@pytest.mark.django_db
@pytest.mark.parametrize(
    ("changed", "code"),
    [
        ({"day": ""}, "missing_date"),
        ({"day": "31/31/2026"}, "bad_date"),
        ({"day": "1980-01-01"}, "day_invalid"),
        ({"channel": ""}, "missing_channel"),
        ({"channel": "moon"}, "unknown_channel"),
        ({"amount": ""}, "missing_amount"),
        ({"amount": "ten"}, "bad_number"),
        ({"amount": "1.005"}, "amount_invalid"),
        ({"currency": "DOLLARS"}, "bad_currency"),
        ({"currency": "USD"}, "rate_missing"),
        ({"currency": "USD", "rate": "cheap"}, "bad_rate"),
        ({"currency": "USD", "rate": "0"}, "bad_rate"),
        ({"currency": "USD", "rate": "9999999999"}, "bad_rate"),
    ],
)
def test_a_bad_row_is_refused_for_what_is_wrong_with_it(changed: dict[str, str], code: str) -> None:
    run = Run([{**LINES[0], **changed}])
    SPEND_IMPORT.run(run)
    assert run.rejected == [code]
    assert SPEND_IMPORT.sentences()[code].endswith(".")
    assert not SpendEntry.objects.exists()


@pytest.mark.django_db
def test_the_summary_of_rejects_is_in_sentences(marketer: User, client: Client) -> None:
    report = {
        "rows": 3,
        "imported": 0,
        "unchanged": 0,
        "updated": 0,
        "rejected": {"bad_number": 2, "too_many_cells": 1},
    }
    file = ImportFile.objects.create(kind="spend", name="s.csv", report={**report, "seconds": 1.0})
    client.force_login(marketer)
    page = client.get(f"/imports/{file.public_id}/").content.decode()
    assert "The amount is not a number." in page
    assert "The row has more cells than there are columns." in page
    assert "bad number" not in page
