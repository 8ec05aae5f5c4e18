"""Any reasonable file as rows of text: CSV, .csv.gz and .xlsx; encoding and delimiter found out; memory stays flat."""

import codecs
import csv
import gzip
import io
import re
import zipfile
import zlib
from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import asdict, dataclass
from datetime import date, datetime
from pathlib import Path
from typing import IO, Any, Literal, cast
from xml.etree.ElementTree import ParseError

from django.utils.translation import gettext as _

from core.errors import DomainError

CHUNK = 1 << 20
SAMPLE = 256 * 1024
MAX_UNPACKED_BYTES = 4 * 1024**3
DELIMITERS = (",", ";", "\t", "|")
CORRECTION_COLUMNS = ("row", "reason", "explanation")
_ADDRESS = re.compile(r"[^\s@]+@[^\s@]+\.[^\s@.]{2,}")
# How much a letter speaks for an encoding: small ones abound, capitals are rare, the others are hardly ever met.
_LETTERS = {**dict.fromkeys("áéíóúñüçàèêâôãõäöåøß", 2), **dict.fromkeys("ÁÉÍÓÚÑÜÇÄÖÅØ", 1)}

csv.field_size_limit(131_072)


@dataclass(frozen=True)
class Reading:
    """How a file is read. `rows` is the number of lines under the header (an estimate where cells hold line breaks);
    `headers` are unique and never empty; without a row of names (`has_header`) they are made up."""

    form: Literal["csv", "xlsx"]
    packed: bool
    encoding: str
    delimiter: str
    headers: tuple[str, ...]
    rows: int
    has_header: bool = True

    def as_json(self) -> dict[str, Any]:
        return asdict(self)

    @classmethod
    def from_json(cls, data: dict[str, Any]) -> "Reading":
        return cls(**{**data, "headers": tuple(data["headers"])})

    @property
    def is_correction(self) -> bool:
        """A rejects file come back: its rows add to the orders they belong to, they do not replace them."""
        return tuple(name.lower() for name in self.headers[: len(CORRECTION_COLUMNS)]) == CORRECTION_COLUMNS


def reading_detect(path: Path) -> Reading:
    """Look at a whole file once and tell how to read it.

    Raises DomainError `file_empty`, `file_damaged`, `file_old_excel`, `file_not_text` or `file_too_large`.
    """
    with path.open("rb") as raw:
        start = raw.read(8)
    if not start:
        raise DomainError(_("The file is empty. Nothing was imported."), code="file_empty")
    if start.startswith(b"\xd0\xcf\x11\xe0"):
        raise DomainError(
            _("This is an old Excel file (.xls). Save the file as .xlsx or CSV and upload it again."),
            code="file_old_excel",
        )
    if start.startswith(b"PK\x03\x04"):
        return _detect_xlsx(path)
    return _detect_csv(path, packed=start.startswith(b"\x1f\x8b"))


def _damaged() -> DomainError:
    return DomainError(
        _("The file is damaged or incomplete. Export the file again and upload it."), code="file_damaged"
    )


def _detect_xlsx(path: Path) -> Reading:
    with _sheet_rows(path) as (rows, count):
        headers = next(rows, None)
    if not headers or not any(headers):
        raise DomainError(_("The first sheet is empty. Nothing was imported."), code="file_empty")
    names, has_header = _names(headers)
    return Reading("xlsx", False, "", "", names, max(count - has_header, 0), has_header)


def _detect_csv(path: Path, *, packed: bool) -> Reading:
    encoding, lines = _encoding_and_lines(path, packed)
    with _text(path, packed, encoding) as text:
        sample = text.read(SAMPLE)
    if not sample.strip():
        raise DomainError(_("The file is empty. Nothing was imported."), code="file_empty")
    complete = sample if len(sample) < SAMPLE else sample[: sample.rfind("\n") + 1] or sample
    delimiter = _delimiter(complete)
    headers = next((cells for cells in csv.reader(io.StringIO(complete, newline=""), delimiter=delimiter) if cells), [])
    names, has_header = _names(headers)
    return Reading("csv", packed, encoding, delimiter, names, max(lines - has_header, 0), has_header)


@contextmanager
def _binary(path: Path, packed: bool) -> Iterator[IO[bytes]]:
    try:
        with gzip.open(path, "rb") if packed else path.open("rb") as stream:
            yield cast(IO[bytes], stream)
    except (EOFError, gzip.BadGzipFile, zlib.error, OSError) as error:
        if packed and not isinstance(error, FileNotFoundError):
            raise _damaged() from None
        raise


@contextmanager
def _text(path: Path, packed: bool, encoding: str) -> Iterator[io.TextIOWrapper]:
    with _binary(path, packed) as stream:
        yield io.TextIOWrapper(stream, encoding=encoding, errors="replace", newline="")


def _encoding_and_lines(path: Path, packed: bool) -> tuple[str, int]:
    """UTF-8 is proved over the whole file; else UTF-16 by its marks; else cp1252 or Mac Roman by the letters."""
    decoder = codecs.getincrementaldecoder("utf-8")()
    valid, lines, size, last, high = True, 0, 0, b"", Counter[int]()
    first = b""
    with _binary(path, packed) as stream:
        while chunk := stream.read(CHUNK):
            first = first or chunk[:SAMPLE]
            size += len(chunk)
            if size > MAX_UNPACKED_BYTES:
                raise DomainError(
                    _("The file is larger than 4 GB. Split it and import the parts."), code="file_too_large"
                )
            lines += chunk.count(b"\n")
            last = chunk[-4:]
            try:
                decoder.decode(chunk) if valid else None
            except UnicodeDecodeError:
                valid = False
            if not valid:
                high.update(byte for byte in chunk if byte >= 0x80)
    lines += not last.rstrip(b"\0").endswith(b"\n")
    wide = _wide(first)
    if wide:
        return wide, lines
    if first.startswith(codecs.BOM_UTF8) and valid:
        return "utf-8-sig", lines
    if first.count(0) > len(first) // 10:
        raise DomainError(_("This file is not a table. Choose a CSV, .csv.gz or .xlsx file."), code="file_not_text")
    return ("utf-8" if valid else _one_byte(high)), lines


def _wide(first: bytes) -> str:
    if first.startswith((codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE)):
        return "utf-16"
    zeros_even, zeros_odd = first[0::2].count(0), first[1::2].count(0)
    half = max(len(first) // 2, 1)
    if zeros_odd > half * 0.6 and zeros_even < half * 0.1:
        return "utf-16-le"
    if zeros_even > half * 0.6 and zeros_odd < half * 0.1:
        return "utf-16-be"
    return ""


def _one_byte(high: Counter[int]) -> str:
    """The encoding in which the bytes above 127 are mostly letters of western languages."""
    if any(byte in high for byte in (0x81, 0x8D, 0x8F, 0x90, 0x9D)):
        return "mac_roman"

    def letters(encoding: str) -> int:
        return sum(n * _LETTERS.get(bytes([byte]).decode(encoding, "replace"), 0) for byte, n in high.items())

    return "mac_roman" if letters("mac_roman") > letters("cp1252") else "cp1252"


def _delimiter(sample: str) -> str:
    """The mark that splits most lines of the sample into the same number of cells, more than one."""

    def fit(mark: str) -> tuple[float, int]:
        try:
            widths = [len(cells) for cells in csv.reader(io.StringIO(sample, newline=""), delimiter=mark) if cells]
        except csv.Error:
            return 0.0, 0
        width, times = Counter(widths[:200]).most_common(1)[0]
        return (times / len(widths[:200]), width) if width > 1 else (0.0, 0)

    return max(DELIMITERS, key=fit)


def _names(first: list[str]) -> tuple[tuple[str, ...], bool]:
    """What the columns are called, and whether the first row says so: one with an address in it is a person already."""
    is_address = [bool(_ADDRESS.fullmatch(cell.strip().strip("\ufeff"))) for cell in first]
    if any(is_address):
        return _unique([_("E-mail") if found else "" for found in is_address]), False
    return _unique(first), True


def _unique(headers: list[str]) -> tuple[str, ...]:
    names: list[str] = []
    for position, header in enumerate(headers, 1):
        name = header.strip().strip("\ufeff") or _("Column %(number)d") % {"number": position}
        again, wanted = 2, name
        while name in names:
            name, again = f"{wanted} ({again})", again + 1
        names.append(name)
    return tuple(names)


class UnreadableRow(list[str]):
    """A row the reader could not finish, a quote never closed, say. It is reported like any bad row."""


def read_rows(path: Path, reading: Reading) -> Iterator[tuple[int, list[str]]]:
    """(row number, cells) for each row that is not blank, under the header where there is one, as the file goes by.

    The first row is row 1, as in a spreadsheet; blank rows keep their number.
    """
    if reading.form == "xlsx":
        with _sheet_rows(path) as (rows, _count):
            numbered = enumerate(rows, 1)
            if reading.has_header:
                next(numbered, None)
            yield from ((number, cells) for number, cells in numbered if any(cells))
        return
    with _text(path, reading.packed, reading.encoding) as text:
        rows = csv.reader(text, delimiter=reading.delimiter)
        number, header_seen = 0, not reading.has_header
        while True:
            number += 1
            try:
                cells = next(rows)
            except StopIteration:
                return
            except csv.Error:
                yield number, UnreadableRow()
                continue
            if not header_seen:
                header_seen = bool(cells)
                number = 1 if header_seen else 0
                continue
            if any(cells):
                yield number, cells


@contextmanager
def _sheet_rows(path: Path) -> Iterator[tuple[Iterator[list[str]], int]]:
    # Only a workbook needs it: it brings numpy with it.
    from openpyxl import load_workbook
    from openpyxl.utils.exceptions import InvalidFileException

    try:
        book = load_workbook(path, read_only=True, data_only=True)
    except (InvalidFileException, zipfile.BadZipFile, KeyError, ValueError, OSError):
        raise _damaged() from None
    try:
        sheet = book.worksheets[0]
        yield _cells(sheet), sheet.max_row or 0
    finally:
        book.close()


def _cells(sheet: Any) -> Iterator[list[str]]:
    """The rows of a sheet, whose XML is read as it goes by and may end anywhere. Raises DomainError `file_damaged`."""
    try:
        for row in sheet.iter_rows(values_only=True):
            yield [_cell(value) for value in row]
    except (ParseError, zipfile.BadZipFile, zlib.error, EOFError, KeyError, ValueError):
        raise _damaged() from None


def _cell(value: object) -> str:
    if value is None:
        return ""
    if isinstance(value, datetime):
        return value.isoformat(sep=" ")
    if isinstance(value, date):
        return value.isoformat()
    if isinstance(value, float):
        return str(int(value)) if value.is_integer() else repr(round(value, 10))
    return str(value)
