"""The rows of a table: filtered, ordered, one keyset page of them, and their number."""

from collections.abc import Iterator
from functools import cached_property
from typing import Any, Generic

from django.core.exceptions import FieldDoesNotExist
from django.db.models import QuerySet

from core.ui.tables.definition import TableDefinition
from core.ui.tables.keyset import Cursor, Page, Row, keyset_ordered, keyset_page
from core.ui.tables.state import TableState

MAX_COUNTED = 10_000  # a page waits for the number of its rows up to this; for a larger one it asks once it is drawn


def keys_if_few(*found: "QuerySet[Any, Any]") -> set[Any] | None:
    """The keys that some queries (each of one flat column) find together; None for more than `MAX_COUNTED`. A search
    by few keys reads those rows alone; one that finds many is quicker as a condition on each row of a page."""
    keys: set[Any] = set()
    for rows in found:
        keys |= set(rows[: MAX_COUNTED + 1])
        if len(keys) > MAX_COUNTED:
            return None
    return keys


class TableQuery(Generic[Row]):
    """What the state of a table finds among the rows this person may see."""

    def __init__(self, definition: TableDefinition[Row], state: TableState) -> None:
        self.definition = definition
        self.state = state

    # --- Filtering --------------------------------------------------------------------------------
    @cached_property
    def queryset(self) -> QuerySet[Row]:
        """All filtered rows, on all pages."""
        queryset, text, values = self.definition.base, self.state.search_text, self.state.filter_values
        if text and self.definition.search_fields:
            queryset = self.definition.search(queryset, text)
        for item in self.definition.filters:
            if item.always_applies or any(name in values for name in item.names):
                queryset = item.apply(queryset, values)
        return queryset

    @cached_property
    def _few_keys(self) -> set[Any] | None:
        """The keys of all filtered rows, where they are few: a page then reads these, and does not go through the
        whole list in its order looking for them."""
        if not self.state.is_narrowed or self.definition.known_total() is not None:
            return None
        keys = self.queryset.order_by().values_list(self.definition.tie_breaker, flat=True)
        is_too_many = self.definition.has_many_matches and not self.state.filter_values
        return None if is_too_many else keys_if_few(keys)

    # --- Counting ---------------------------------------------------------------------------------
    @cached_property
    def total(self) -> int:
        """The number of filtered rows, on all pages."""
        known = self.definition.known_total()
        return self.queryset.order_by().count() if known is None else known

    @cached_property
    def total_if_few(self) -> int | None:
        """The same as far as a page waits for it; None for more than `MAX_COUNTED`, which the page then asks for."""
        is_asked_for = self.state.request.headers.get("HX-Target") == self.definition.tools_id
        if self.definition.known_total() is not None or is_asked_for:
            return self.total
        if self.state.is_narrowed:
            return None if self._few_keys is None else len(self._few_keys)
        found = self.queryset.order_by().values(self.definition.tie_breaker)[: MAX_COUNTED + 1].count()
        return found if found <= MAX_COUNTED else None

    @property
    def max_counted(self) -> int:
        return MAX_COUNTED

    # --- Paging -----------------------------------------------------------------------------------
    @cached_property
    def page(self) -> Page[Row]:
        """The page of the state; the first where the rows of that one are gone."""
        cursor = self.state.cursor
        found = self._page_at(cursor)
        if cursor is not None and not found.rows:
            found = self._page_at(None)
        self.definition.prefetch(found.rows)
        return found

    def _page_at(self, cursor: Cursor | None) -> Page[Row]:
        (column, descending), key = self.state.sorted_by, self.definition.tie_breaker
        few = self._few_keys
        rows = self.queryset if few is None else self.definition.base.filter(**{f"{key}__in": few})
        size = self.definition.page_size
        return keyset_page(rows, sort=column.sort, descending=descending, cursor=cursor, size=size, key=key)

    def ordered(self) -> Iterator[QuerySet[Row]]:
        """All filtered rows in the order of the pages, in one or two querysets."""
        (column, descending), key = self.state.sorted_by, self.definition.tie_breaker
        return keyset_ordered(self.queryset, sort=column.sort, descending=descending, key=key)

    # --- Keys -------------------------------------------------------------------------------------
    @cached_property
    def key_field(self) -> str:
        """`public_id` where the model has one, so that database keys are not shown."""
        try:
            self.definition.base.model._meta.get_field("public_id")
        except FieldDoesNotExist:
            return "pk"
        return "public_id"

    def row_key(self, row: Row) -> str:
        return str(getattr(row, self.key_field))
