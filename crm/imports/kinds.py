"""The kinds of import. An app registers an `ImportKind` from `AppConfig.ready` (crm: orders; marketing: spend) and has
the reading layer, the wizard, the dry run, the progress bar and the rejects file for it.

How to add one (spend by channel and day, say):

    kind = ImportKind(
        code="spend", title=_("Spend"), question=_("What did each channel cost?"),
        fields=(
            ImportField("day", _("Day"), required=True, guesses=("day", "date", "dia", "fecha")),
            ImportField("amount", _("Amount"), required=True, guesses=("amount", "cost", "importe", "gasto")),
        ),
        run=partial(run_row_by_row, clean=spend_clean, apply=spend_apply),
        visible_to=is_marketer,
        result_links=spend_links,
    )
    import_kinds.register(kind)

`clean(row: Row, run: ImportRun)` turns one row into a value object or raises `RowError(code)` with a sentence;
`apply(value, run)` writes it with a service of its app and answers an `Outcome`. Numbers and dates are read with
`run.format` (`crm.imports.values.Format`): decimal comma, day before month, the company's zone.
"""

from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from enum import Enum
from typing import Any, Protocol, TypeVar

from django.db import transaction
from django.utils.functional import Promise

from accounts.people.models import User
from core.registry import Registry
from crm.imports.values import Format

Text = str | Promise
Value = TypeVar("Value")


@dataclass(frozen=True)
class ImportField:
    """A thing a column can hold. `guesses` are column names that mean it, in lower case without accents, spaces or
    punctuation (`fechapedido`), English and Spanish; the first match in their order wins."""

    code: str
    title: Text
    required: bool = False
    guesses: tuple[str, ...] = ()
    hint: Text = ""


class Outcome(Enum):
    """What became of a good row."""

    IMPORTED = "imported"
    UNCHANGED = "unchanged"
    UPDATED = "updated"


class RowError(Exception):
    """A row that cannot be brought in: a stable reason code and a sentence for the person who will correct it."""

    def __init__(self, code: str, sentence: str) -> None:
        super().__init__(sentence)
        self.code = code
        self.sentence = str(sentence)


@dataclass(frozen=True)
class Row:
    """One row of the file: its number as a spreadsheet counts (the header is 1), its cells, and its mapped values."""

    number: int
    cells: list[str]
    values: dict[str, str]

    def get(self, code: str) -> str:
        """The text in the column mapped to this field, stripped; empty when there is no such column."""
        return self.values.get(code, "")


class ImportRun(Protocol):
    """One pass over a file, dry or real: what a kind's `run` works with."""

    dry_run: bool
    source: str
    actor: User | None
    options: dict[str, Any]
    format: Format

    @property
    def is_correction(self) -> bool:
        """The file is a rejects file come back."""
        ...

    def rows(self) -> Iterator[Row]:
        """The rows in the file's order, once; counts them and moves the progress bar."""
        ...

    def reject(self, row: Row, error: RowError) -> None:
        """Put a row into the rejects file and count it under its reason."""
        ...

    def reject_again(self, found: Iterable[tuple[int, str]], sentences: Mapping[str, str]) -> None:
        """Reject rows that only the whole file shows to be wrong: (row number, code), by row number."""
        ...

    def step(self, text: str) -> None:
        """Say what is being done now."""
        ...


@dataclass
class ImportReport:
    """What an import did. Rows in = imported + unchanged + updated + all rejected; `extra` is the kind's own keys."""

    rows: int = 0
    imported: int = 0
    unchanged: int = 0
    updated: int = 0
    rejected: dict[str, int] = field(default_factory=dict)
    extra: dict[str, Any] = field(default_factory=dict)

    def as_json(self) -> dict[str, Any]:
        return {
            "rows": self.rows,
            "imported": self.imported,
            "unchanged": self.unchanged,
            "updated": self.updated,
            "rejected": dict(sorted(self.rejected.items())),
            **self.extra,
        }


@dataclass(frozen=True)
class ResultLink:
    """A way on from a finished import ("See the 2,718 customers")."""

    title: Text
    url: str


def _nothing_to_check(columns: Mapping[str, int], options: Mapping[str, Any]) -> None:
    return None


def _no_sentences() -> Mapping[str, str]:
    return {}


def _no_links(report: dict[str, Any]) -> list[ResultLink]:
    return []


@dataclass(frozen=True)
class ImportKind:
    """Something that can be brought in from a file. `run(run)` reads every row, writes (unless dry) in one
    transaction, and returns the report; rejects and the count of rows are kept by the `ImportRun`.

    `groups` are sets of fields of which at least one must be mapped ("a customer number or an address"); `check` may
    refuse a mapping with a DomainError beyond that. `sentences` says the reasons of rejects in words, `has_money`
    whether the wizard asks for decimals and exchange rates.
    """

    code: str
    title: Text
    question: Text
    fields: tuple[ImportField, ...]
    run: Callable[[ImportRun], ImportReport]
    visible_to: Callable[[User], bool]
    groups: tuple[tuple[str, ...], ...] = ()
    result_links: Callable[[dict[str, Any]], list[ResultLink]] = _no_links
    figures: tuple[tuple[str, Text], ...] = ()
    default_source: str = "shop"
    check: Callable[[Mapping[str, int], Mapping[str, Any]], None] = _nothing_to_check
    sentences: Callable[[], Mapping[str, str]] = _no_sentences
    has_money: bool = True

    def field(self, code: str) -> ImportField:
        return next(one for one in self.fields if one.code == code)


import_kinds: Registry[ImportKind] = Registry("import kind")


class RollBack(Exception):
    """Takes a dry run's writes back."""


def run_row_by_row(
    run: ImportRun,
    *,
    clean: Callable[[Row, ImportRun], Value],
    apply: Callable[[Value, ImportRun], Outcome],
) -> ImportReport:
    """An import whose rows stand for themselves (leads, spend): each is cleaned and applied in a savepoint of one
    transaction, so that a bad row leaves nothing and a dead worker leaves nothing. A dry run does the same and takes
    it back, so its counts are the real ones."""
    report = ImportReport()
    try:
        with transaction.atomic():
            for row in run.rows():
                try:
                    with transaction.atomic():
                        outcome = apply(clean(row, run), run)
                except RowError as error:
                    run.reject(row, error)
                    continue
                setattr(report, outcome.value, getattr(report, outcome.value) + 1)
            if run.dry_run:
                raise RollBack
    except RollBack:
        pass
    return report
