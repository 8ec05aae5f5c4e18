"""The state of a table: what the address says (search, filters, sort, page) and the columns the person chose."""

from functools import cached_property
from typing import Any

from django.http import QueryDict
from django.urls import reverse

from core.models import Preference
from core.ui.tables.columns import Column
from core.ui.tables.definition import TableDefinition
from core.ui.tables.filters import Values
from core.ui.tables.keyset import Cursor

MAX_SEARCH_LENGTH = 100
MAX_STATE_LENGTH = 4000


class TableState:
    """The parameters of the address or, in a bulk action's POST, those that its form carries as `state`."""

    def __init__(self, definition: TableDefinition[Any]) -> None:
        self.definition = definition
        self.request = request = definition.request
        carried = "state" in request.POST
        self.parameters = QueryDict(request.POST["state"][:MAX_STATE_LENGTH]) if carried else request.GET

    def get(self, name: str) -> str:
        """A parameter of this table; empty where it is not set."""
        return self.parameters.get(self.definition.prefix + name, "").strip().replace("\x00", "")

    # --- Search and filters -----------------------------------------------------------------------
    @property
    def search_text(self) -> str:
        return self.get("q")[:MAX_SEARCH_LENGTH]

    @cached_property
    def filter_values(self) -> Values:
        """Every filter parameter that is set."""
        names = [name for item in self.definition.filters for name in item.names]
        return {name: self.get(name) for name in names if self.get(name)}

    @property
    def is_narrowed(self) -> bool:
        return bool(self.search_text or self.filter_values)

    # --- Sort and page ----------------------------------------------------------------------------
    @cached_property
    def sorted_by(self) -> tuple[Column, bool]:
        """The column, and whether the order is descending."""
        for wanted in (self.get("sort"), self.definition.default_sort):
            column = self._column(wanted.removeprefix("-"))
            if column is not None and column.sort:
                return column, wanted.startswith("-")
        raise LookupError(f"{self.definition.name}: default_sort names no sortable column")

    @property
    def sort(self) -> str:
        column, descending = self.sorted_by
        return ("-" if descending else "") + column.code

    @property
    def cursor(self) -> Cursor | None:
        """The place of the page; None for the first page."""
        text = self.get("at")
        return Cursor.decode(text) if text else None

    def _column(self, code: str) -> Column | None:
        return next((column for column in self.definition.columns if column.code == code), None)

    # --- Chosen columns ---------------------------------------------------------------------------
    @cached_property
    def visible_columns(self) -> list[Column]:
        """The columns this person chose, in the table's order; the row's link is always visible."""
        chosen = Preference.objects.value(self.request.user.pk, f"columns:{self.definition.name}")
        wanted = set(chosen) if isinstance(chosen, list) else None
        return [
            column
            for column in self.definition.columns
            if column.link or (column.code in wanted if wanted is not None else column.default)
        ]

    @property
    def optional_columns(self) -> list[tuple[Column, bool]]:
        """(column, whether it is visible) of those that can be hidden."""
        return [(column, column in self.visible_columns) for column in self.definition.columns if not column.link]

    # --- Addresses --------------------------------------------------------------------------------
    def url(self, **changes: str) -> str:
        """This page with some of the table's parameters changed; an empty one is removed."""
        query = self.parameters.copy()
        for name, value in changes.items():
            query.pop(self.definition.prefix + name, None)
            if value:
                query[self.definition.prefix + name] = value
        for name in [name for name, value in query.items() if not value]:
            query.pop(name)
        return f"{self.request.path}?{query.urlencode()}" if query else self.request.path

    @property
    def clear_url(self) -> str:
        """This page without search and filters."""
        return self.url(**dict.fromkeys(["q", "at", *self.filter_values], ""))

    @property
    def text(self) -> str:
        """The state to carry in a form."""
        return self.parameters.urlencode()

    def return_url(self, url_name: str) -> str:
        """The list `url_name` with the state that a form carried."""
        carried = self.text if "state" in self.request.POST else ""
        return reverse(url_name) + (f"?{carried}" if carried else "")

    @property
    def other_parameters(self) -> list[tuple[str, str]]:
        """Parameters of the page that are not the table's, so that its form keeps them."""
        prefix = self.definition.prefix
        own = {prefix + name for name in ["q", "sort", "at", "export"]}
        own |= {prefix + name for item in self.definition.filters for name in item.names}
        return [(name, str(value)) for name, value in self.parameters.items() if name not in own and value]
