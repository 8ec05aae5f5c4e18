"""Tables: search, filters, sorting, keyset pages, bulk actions, chosen columns, export. One class per list page."""

from core.ui.tables.bulk import Selection
from core.ui.tables.columns import Column, Kind
from core.ui.tables.definition import BulkAction, Empty
from core.ui.tables.filters import (
    ArchivedFilter,
    BooleanFilter,
    ChoiceFilter,
    DateRangeFilter,
    Filter,
    NumberRangeFilter,
)
from core.ui.tables.keyset import Page, keyset_page
from core.ui.tables.query import keys_if_few
from core.ui.tables.table import Table

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
    "keys_if_few",
    "keyset_page",
]
