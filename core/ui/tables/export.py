"""Export of a table: all filtered rows as a CSV or Excel file, safe to open in a spreadsheet."""

import csv
from collections.abc import Iterable, Iterator, Sequence
from datetime import date, datetime, tzinfo
from decimal import Decimal
from itertools import chain, islice
from tempfile import TemporaryFile
from typing import IO, Any, Generic

from django.http import FileResponse, HttpResponseBase, StreamingHttpResponse
from django.utils import timezone, translation
from django.utils.text import slugify
from django.utils.translation import get_language
from django.utils.translation import gettext as _

from core.errors import DomainError
from core.ui.tables.columns import Exported
from core.ui.tables.definition import TableDefinition
from core.ui.tables.keyset import Row
from core.ui.tables.query import TableQuery
from core.ui.tables.state import TableState

EXPORT_CHUNK = 2000
FORMULA_STARTS = ("=", "+", "-", "@", "\t", "\r")
MAX_SHEET_ROWS = 1_048_575


class TableExport(Generic[Row]):
    """All filtered rows of a table, in its order, with the columns the person sees."""

    def __init__(self, definition: TableDefinition[Row], state: TableState, query: TableQuery[Row]) -> None:
        self.definition = definition
        self.state = state
        self.query = query

    @property
    def csv_url(self) -> str:
        return self.state.url(export="csv", at="")

    @property
    def xlsx_url(self) -> str:
        return self.state.url(export="xlsx", at="")

    def response(self, kind: str) -> HttpResponseBase:
        """The file; `kind`: "csv" or "xlsx"."""
        header = [str(column.label) for column in self.state.visible_columns]
        respond = csv_response if kind == "csv" else xlsx_response
        return respond(str(self.definition.title), header, self._rows())

    def _rows(self) -> Iterator[list[Exported]]:
        columns = self.state.visible_columns
        found = chain.from_iterable(rows.iterator(chunk_size=EXPORT_CHUNK) for rows in self.query.ordered())
        while chunk := list(islice(found, EXPORT_CHUNK)):
            self.definition.prefetch(chunk)
            for row in chunk:
                yield [column.exported(row) for column in columns]


def escape_formula(value: Exported) -> Exported:
    """Text that a spreadsheet would take for a formula gets an apostrophe before it; numbers and days stay."""
    if isinstance(value, str) and value.startswith(FORMULA_STARTS):
        return "'" + value
    return value


class _Line:
    """A file that gives back what is written to it."""

    def write(self, text: str) -> str:
        return text


def csv_lines(header: Sequence[str], rows: Iterable[Sequence[Exported]]) -> Iterator[str]:
    """The file, line by line, beginning with the mark by which spreadsheets know UTF-8."""
    writer = csv.writer(_Line())
    yield "\ufeff" + str(writer.writerow([escape_formula(name) for name in header]))
    for row in rows:
        yield str(writer.writerow([_csv_text(escape_formula(value)) for value in row]))


def _csv_text(value: Exported) -> str | int | float | Decimal:
    if value is None:
        return ""
    if isinstance(value, datetime):
        return value.isoformat(sep=" ", timespec="seconds")
    return value.isoformat() if isinstance(value, date) else value


def csv_response(name: str, header: Sequence[str], rows: Iterable[Sequence[Exported]]) -> StreamingHttpResponse:
    """The file, sent while it is written: its rows are made after the view has returned, in its language and zone."""
    response = StreamingHttpResponse(csv_lines(header, _as_now(rows)), content_type="text/csv; charset=utf-8")
    response["Content-Disposition"] = f'attachment; filename="{file_name(name)}.csv"'
    return response


def _as_now(rows: Iterable[Sequence[Exported]]) -> Iterator[Sequence[Exported]]:
    """Each row made in the language and the zone of the caller, which are no longer active when a file is streamed."""
    language, zone = get_language(), timezone.get_current_timezone()
    return _rows_in(iter(rows), language, zone)


def _rows_in(rows: Iterator[Sequence[Exported]], language: str | None, zone: tzinfo) -> Iterator[Sequence[Exported]]:
    while True:
        with translation.override(language), timezone.override(zone):
            row = next(rows, None)
        if row is None:
            return
        yield row


def write_xlsx(target: IO[bytes], title: str, header: Sequence[str], rows: Iterable[Sequence[Exported]]) -> None:
    """One sheet, its header bold and frozen, written row by row."""
    # Imported only where a sheet is written: it imports numpy.
    from openpyxl import Workbook
    from openpyxl.cell.cell import ILLEGAL_CHARACTERS_RE, WriteOnlyCell
    from openpyxl.styles import Font

    def heading(text: str) -> Any:
        cell = WriteOnlyCell(sheet, value=text)
        cell.font = Font(bold=True)
        return cell

    def plain(value: Exported) -> Exported:
        return ILLEGAL_CHARACTERS_RE.sub("", value) if isinstance(value, str) else value

    book = Workbook(write_only=True)
    sheet = book.create_sheet(_sheet_title(title))
    sheet.freeze_panes = "A2"
    sheet.append([heading(str(escape_formula(name))) for name in header])
    for count, row in enumerate(rows, start=1):
        if count > MAX_SHEET_ROWS:
            raise DomainError(
                _("An Excel sheet holds at most a million rows. Export the list as CSV."), code="export_too_long"
            )
        sheet.append([plain(escape_formula(value)) for value in row])
    book.save(target)


def xlsx_response(name: str, header: Sequence[str], rows: Iterable[Sequence[Exported]]) -> HttpResponseBase:
    target = TemporaryFile()  # noqa: SIM115  the response closes it
    write_xlsx(target, name, header, rows)
    target.seek(0)
    kind = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"
    return FileResponse(target, as_attachment=True, filename=f"{file_name(name)}.xlsx", content_type=kind)


def file_name(name: str) -> str:
    """ "contacts-2026-03-14", in the person's zone."""
    return f"{slugify(name) or 'export'}-{timezone.localdate().isoformat()}"


def _sheet_title(title: str) -> str:
    return "".join(" " if char in "[]:*?/\\" else char for char in title)[:31] or "1"
