"""One pass over a file: counts rows, keeps the rejects, moves the progress bar."""

import csv
import time
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, TextIO

from django.utils.translation import gettext as _

from accounts.people.models import User
from core.services.progress import ProgressLine
from core.spreadsheets import safe_cell, typed_cell
from crm.imports.kinds import ImportReport, Row, RowError
from crm.imports.reading import CORRECTION_COLUMNS, Reading, UnreadableRow, read_rows
from crm.imports.values import Format


@dataclass
class FileRun:
    """An `ImportRun` over a file on disk. `rejects_file` is where the rejects go; it stays empty without any."""

    path: Path
    reading: Reading
    columns: Mapping[str, int]
    format: Format
    source: str
    actor: User | None
    dry_run: bool
    progress: ProgressLine
    rejects_file: TextIO
    options: dict[str, Any] = field(default_factory=dict)
    rejected: Counter[str] = field(default_factory=Counter)
    row_count: int = 0
    started: float = field(default_factory=time.monotonic)

    def __post_init__(self) -> None:
        self._writer = csv.writer(self.rejects_file, lineterminator="\r\n")
        self._skip = len(CORRECTION_COLUMNS) if self.is_correction else 0

    @property
    def is_correction(self) -> bool:
        return self.reading.is_correction

    def rows(self) -> Iterator[Row]:
        width = len(self.reading.headers)
        self.progress.tell(done=0, total=self.reading.rows, step=_("Reading rows"))
        for number, cells in self._cells():
            self.row_count += 1
            if not self.row_count % 500:
                self.progress.tell(done=self.row_count)
            row = self._row(number, cells)
            error = _unreadable(cells, width)
            if error is not None:
                self.reject(row, error)
            else:
                yield row

    def _cells(self) -> Iterator[tuple[int, list[str]]]:
        for number, cells in read_rows(self.path, self.reading):
            if self._skip and not isinstance(cells, UnreadableRow):
                yield number, [typed_cell(cell) for cell in cells]
            else:
                yield number, cells

    def _row(self, number: int, cells: list[str]) -> Row:
        there = len(cells)
        return Row(number, cells, {code: cells[n].strip() for code, n in self.columns.items() if n < there})

    def reject(self, row: Row, error: RowError) -> None:
        if not self.rejected:
            self._writer.writerow([*CORRECTION_COLUMNS, *self.reading.headers[self._skip :]])
        self.rejected[error.code] += 1
        own = (safe_cell(cell) for cell in row.cells[self._skip :])
        self._writer.writerow([row.number, error.code, error.sentence, *own])

    def reject_again(self, found: Iterable[tuple[int, str]], sentences: Mapping[str, str]) -> None:
        """Reject rows that only the whole file shows to be wrong: (row number, code) in the order of the rows.
        The file is read a second time, so that nothing but the numbers had to be kept."""
        wanted = iter(found)
        following = next(wanted, None)
        if following is None:
            return
        for number, cells in self._cells():
            if number == following[0]:
                self.reject(self._row(number, cells), RowError(following[1], sentences[following[1]]))
                following = next(wanted, None)
                if following is None:
                    return

    def step(self, text: str) -> None:
        self.progress.tell(step=text)

    def finish(self, report: ImportReport) -> dict[str, Any]:
        """The report as JSON, with the rows, the rejects and the seconds counted here."""
        report.rows = self.row_count
        report.rejected = dict(self.rejected)
        return {**report.as_json(), "seconds": round(time.monotonic() - self.started, 2)}


def reading_sentences() -> dict[str, str]:
    """Why a row of any kind of file cannot be read at all: reason code -> sentence."""
    return {
        "unreadable_row": _("The row cannot be read; a quotation mark may be missing."),
        "too_many_cells": _("The row has more cells than there are columns."),
        "control_characters": _("The row contains characters that are not text."),
    }


def _unreadable(cells: list[str], width: int) -> RowError | None:
    code = ""
    if isinstance(cells, UnreadableRow):
        code = "unreadable_row"
    elif len(cells) > width and any(cells[width:]):
        code = "too_many_cells"
    elif any("\0" in cell for cell in cells):
        code = "control_characters"
    return RowError(code, reading_sentences()[code]) if code else None
