"""Tables: search, filters, sorting, keyset pages, bulk actions, chosen columns, export. One class per list page."""

from core.ui.tables.columns import Column, Kind
from core.ui.tables.filters import (
    ArchivedFilter,
    BooleanFilter,
    ChoiceFilter,
    DateRangeFilter,
    Filter,
    NumberRangeFilter,
)
from core.ui.tables.keyset import Page, keyset_page
from core.ui.tables.table import BulkAction, Empty, Selection, Table, few_keys

__all__ = [
    "ArchivedFilter",
    "BooleanFilter",
    "BulkAction",
    "ChoiceFilter",
    "Column",
    "DateRangeFilter",
    "Empty",
    "Filter",
    "Kind",
    "NumberRangeFilter",
    "Page",
    "Selection",
    "Table",
    "few_keys",
    "keyset_page",
]
