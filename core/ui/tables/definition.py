"""What a feature writes of its list: class attributes, and the few methods it overrides."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any, ClassVar, Generic

from django.db.models import Q, QuerySet
from django.http import HttpRequest
from django.urls import reverse
from django.utils.functional import Promise
from django.utils.translation import gettext_lazy

from core.ui.tables.columns import Column
from core.ui.tables.filters import Filter
from core.ui.tables.keyset import Row


@dataclass(frozen=True)
class BulkAction:
    """An action on all selected rows: a POST to `url_name` with the selection.

    `confirm`: a sentence shown first, for what cannot be undone; the person then types the count. `visible_to`: who is
    offered the action. `archived`: offered only among what an `ArchivedFilter` shows as archived (True) or as in use
    (False).
    """

    code: str
    label: str | Promise
    url_name: str
    icon: str = ""
    confirm: str | Promise = ""
    visible_to: Callable[[Any], bool] = lambda _user: True
    archived: bool | None = None

    def url(self) -> str:
        return reverse(self.url_name)


@dataclass(frozen=True)
class Empty:
    """What a table that was never filled says: what will be here, and the one step that fills it."""

    title: str | Promise
    text: str | Promise = ""
    icon: str = "database"
    action_label: str | Promise = ""
    action_url_name: str = ""
    action_visible_to: Callable[[Any], bool] = lambda _user: True


class TableDefinition(Generic[Row]):
    """The list as its feature describes it. The parts of a table (state, query, rendering, export, bulk) read from
    here what is particular to the list."""

    name: ClassVar[str]
    title: ClassVar[str | Promise]
    columns: ClassVar[Sequence[Column]]
    filters: Sequence[Filter] = ()
    search_fields: ClassVar[Sequence[str]] = ()
    search_label: ClassVar[str | Promise] = gettext_lazy("Search")
    default_sort: ClassVar[str]
    bulk_actions: ClassVar[Sequence[BulkAction]] = ()
    empty: ClassVar[Empty]
    page_size: ClassVar[int] = 50
    prefix: ClassVar[str] = ""
    exportable: ClassVar[bool] = True
    has_many_matches = False  # set by a `search` whose matches are too many to count beforehand
    tie_breaker: ClassVar[str] = "pk"  # a whole number by which rows of equal sort value differ

    def __init__(self, request: HttpRequest, queryset: QuerySet[Row]) -> None:
        self.request = request
        self.base = queryset

    @property
    def dom_id(self) -> str:
        return f"table-{self.name}"

    @property
    def tools_id(self) -> str:
        return f"{self.dom_id}-tools"

    def row_url(self, row: Row) -> str:
        """Where a click on the row leads; by default the row's own page."""
        own = getattr(row, "get_absolute_url", None)
        return str(own()) if own else ""

    def row_label(self, row: Row) -> str:
        """The row's name for screen readers."""
        return str(row)

    def row_class(self, row: Row) -> str:
        """The row's CSS class."""
        return ""

    def prefetch(self, rows: Sequence[Row]) -> None:
        """Read what the columns show besides the rows themselves, for all of `rows` (a page, or a chunk of an export)
        in a few queries."""

    def known_total(self) -> int | None:
        """The number of filtered rows, where it is known without counting them."""
        return None

    def search(self, queryset: QuerySet[Row], text: str) -> QuerySet[Row]:
        """Every word must be in some field."""
        for word in text.split():
            found = Q()
            for field in self.search_fields:
                found |= Q(**{f"{field}__icontains": word})
            queryset = queryset.filter(found)
        return queryset
