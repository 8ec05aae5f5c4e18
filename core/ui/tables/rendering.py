"""What the templates draw of a table: headings, rows with their cells, filters, links to the neighbouring pages."""

from collections.abc import Iterator
from dataclasses import dataclass
from functools import cached_property
from typing import Any, Generic

from django.urls import reverse

from core.ui.tables.columns import Column
from core.ui.tables.definition import TableDefinition
from core.ui.tables.keyset import Row
from core.ui.tables.query import TableQuery
from core.ui.tables.state import TableState

MAX_VISIBLE_FILTERS = 3


@dataclass(frozen=True)
class Cell:
    column: Column
    text: str


@dataclass(frozen=True)
class Line(Generic[Row]):
    """A row as drawn."""

    row: Row
    key: str
    url: str
    label: str
    css: str
    cells: list[Cell]


@dataclass(frozen=True)
class Heading:
    """A column's head: `direction` is "ascending", "descending" or empty; `url` sorts by it."""

    column: Column
    url: str
    direction: str


class TableRendering(Generic[Row]):
    """The page of a table, as its templates (`components/table.html` and its parts) read it."""

    def __init__(self, definition: TableDefinition[Row], state: TableState, query: TableQuery[Row]) -> None:
        self.definition = definition
        self.state = state
        self.query = query

    @cached_property
    def lines(self) -> list[Line[Row]]:
        definition, request = self.definition, self.state.request
        return [
            Line(
                row=row,
                key=self.query.row_key(row),
                url=definition.row_url(row),
                label=definition.row_label(row),
                css=definition.row_class(row),
                cells=[Cell(column, column.text(row, request)) for column in self.state.visible_columns],
            )
            for row in self.query.page.rows
        ]

    @property
    def headings(self) -> Iterator[Heading]:
        current, descending = self.state.sorted_by
        for column in self.state.visible_columns:
            if column is current:
                url = self.state.url(sort=column.code if descending else f"-{column.code}", at="")
                yield Heading(column, url, "descending" if descending else "ascending")
            else:
                first = f"-{column.code}" if column.descending_first else column.code
                yield Heading(column, self.state.url(sort=first, at="") if column.sort else "", "")

    @property
    def filter_fields(self) -> list[dict[str, Any]]:
        """The filters as drawn; of more than `MAX_VISIBLE_FILTERS`, those not in use are under "More filters"."""
        filters, values = self.definition.filters, self.state.filter_values
        many = len(filters) > MAX_VISIBLE_FILTERS
        fields = [
            {
                "filter": item,
                "prefix": self.definition.prefix,
                "options": item.options(values),
                "ends": item.ends(values) if hasattr(item, "ends") else (),
                "is_set": any(name in values for name in item.names),
                "template": item.template,
            }
            for item in filters
        ]
        for place, field in enumerate(fields):
            field["is_more"] = many and place >= MAX_VISIBLE_FILTERS - 1 and not field["is_set"]
        return fields

    @property
    def next_url(self) -> str:
        """The next page; empty on the last."""
        return self.state.url(at=self.query.page.next) if self.query.page.next else ""

    @property
    def previous_url(self) -> str:
        """The previous page; empty on the first."""
        return self.state.url(at=self.query.page.previous) if self.query.page.previous else ""

    @property
    def empty_action_url(self) -> str:
        """Where the first step of an empty table leads, for a person who may take it."""
        empty = self.definition.empty
        offered = empty.action_url_name and empty.action_visible_to(self.state.request.user)
        return reverse(empty.action_url_name) if offered else ""
