"""The table of one list page: its state comes from the address, its answer is the page, a part of it, or a file."""

from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass
from functools import cached_property
from itertools import chain, islice
from typing import Any, ClassVar, Generic

from django.contrib import messages
from django.core.exceptions import FieldDoesNotExist
from django.db.models import Q, QuerySet
from django.http import HttpRequest, HttpResponseBase, HttpResponseRedirect, QueryDict
from django.shortcuts import render
from django.urls import reverse
from django.utils.cache import patch_vary_headers
from django.utils.functional import Promise
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from core.errors import Conflict, DomainError
from core.models import Preference
from core.services.undo import undo_keep, undo_take
from core.typed import whole_number
from core.ui.messages import toast
from core.ui.numbers import number
from core.ui.tables.columns import Column, Exported
from core.ui.tables.export import csv_response, xlsx_response
from core.ui.tables.filters import ArchivedFilter, Filter, Values
from core.ui.tables.keyset import Cursor, Page, Row, keyset_ordered, keyset_page

LONGEST_SEARCH = 100
FILTERS_IN_SIGHT = 3
EXPORTED_AT_ONCE = 2000
MOST_REASONS = 5
COUNTED_AT_ONCE = 10_000


@dataclass(frozen=True)
class BulkAction:
    """Something done to all chosen rows: a POST to `url_name` with the selection.

    `confirm`: a sentence asked first, for what cannot be undone; the person then types the count. `visible_to`: who is
    offered it. `away`: only for what an `ArchivedFilter` shows as put away (True) or as in use (False).
    """

    code: str
    label: str | Promise
    url_name: str
    icon: str = ""
    confirm: str | Promise = ""
    visible_to: Callable[[Any], bool] = lambda _user: True
    away: bool | None = None

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


@dataclass(frozen=True)
class Selection(Generic[Row]):
    """The rows a bulk action is for, and how many they are."""

    queryset: QuerySet[Row]
    count: int


def few_keys(*found: "QuerySet[Any, Any]") -> set[Any] | None:
    """The keys that some queries (each of one flat column) find together; None when they are too many to list. A search
    by few keys reads those rows alone; one that finds many is quicker as a condition on each row of a page."""
    keys: set[Any] = set()
    for rows in found:
        keys |= set(rows[: COUNTED_AT_ONCE + 1])
        if len(keys) > COUNTED_AT_ONCE:
            return None
    return keys


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


class Table(Generic[Row]):
    """Subclass per list; see docs/design-system.md. Give it the request and the rows this person may see."""

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
    is_found_often = False  # set by a `search` whose matches are too many to count beforehand
    tie: ClassVar[str] = "pk"  # a whole number by which rows of equal sort value differ

    def __init__(self, request: HttpRequest, queryset: QuerySet[Row]) -> None:
        self.request = request
        self.base = queryset
        self.state = QueryDict(request.POST["state"][:4000]) if "state" in request.POST else request.GET

    # --- For subclasses ---------------------------------------------------------------------------
    def row_url(self, row: Row) -> str:
        """Where a click on the row leads; by default the row's own page."""
        own = getattr(row, "get_absolute_url", None)
        return str(own()) if own else ""

    def row_label(self, row: Row) -> str:
        """What the row is called, for those who hear it."""
        return str(row)

    def row_class(self, row: Row) -> str:
        return ""

    def fill(self, rows: Sequence[Row]) -> None:
        """Read what the columns show besides the rows themselves, for all of `rows` (a page, or a piece of an export)
        in a few queries."""

    def known_total(self) -> int | None:
        """How many there are, where that is known without counting the rows."""
        return None

    def search(self, queryset: QuerySet[Row], text: str) -> QuerySet[Row]:
        """Every word must be in some field."""
        for word in text.split():
            found = Q()
            for field in self.search_fields:
                found |= Q(**{f"{field}__icontains": word})
            queryset = queryset.filter(found)
        return queryset

    # --- State ------------------------------------------------------------------------------------
    def _get(self, name: str) -> str:
        return self.state.get(self.prefix + name, "").strip().replace("\x00", "")

    @property
    def search_text(self) -> str:
        return self._get("q")[:LONGEST_SEARCH]

    @cached_property
    def values(self) -> Values:
        """Every filter parameter that is set."""
        names = [name for item in self.filters for name in item.names]
        return {name: self._get(name) for name in names if self._get(name)}

    @property
    def counted_at_once(self) -> int:
        return COUNTED_AT_ONCE

    @property
    def is_narrowed(self) -> bool:
        return bool(self.search_text or self.values)

    @cached_property
    def sorted_by(self) -> tuple[Column, bool]:
        """The column and whether it falls."""
        for wanted in (self._get("sort"), self.default_sort):
            column = self._column(wanted.removeprefix("-"))
            if column is not None and column.sort:
                return column, wanted.startswith("-")
        raise LookupError(f"{self.name}: default_sort names no sortable column")

    @property
    def sort(self) -> str:
        column, falls = self.sorted_by
        return ("-" if falls else "") + column.code

    def _column(self, code: str) -> Column | None:
        return next((column for column in self.columns if column.code == code), None)

    # --- Rows -------------------------------------------------------------------------------------
    @cached_property
    def queryset(self) -> QuerySet[Row]:
        """Everything that is filtered, on all pages."""
        queryset = self.base
        if self.search_text and self.search_fields:
            queryset = self.search(queryset, self.search_text)
        for item in self.filters:
            if item.is_always or any(name in self.values for name in item.names):
                queryset = item.apply(queryset, self.values)
        return queryset

    @cached_property
    def total(self) -> int:
        """How many there are on all pages."""
        known = self.known_total()
        return self.queryset.order_by().count() if known is None else known

    @cached_property
    def total_at_once(self) -> int | None:
        """The same as far as a page waits for it; None for more than `COUNTED_AT_ONCE`, which it then asks for."""
        if self.known_total() is not None or self.request.headers.get("HX-Target") == self.tools_id:
            return self.total
        if self.is_narrowed:
            return None if self._few is None else len(self._few)
        found = self.queryset.order_by().values(self.tie)[: COUNTED_AT_ONCE + 1].count()
        return found if found <= COUNTED_AT_ONCE else None

    @cached_property
    def _few(self) -> set[Any] | None:
        """The keys of all that was found, where they are few: a page then reads these, and does not go through the
        whole list in its order looking for them."""
        if not self.is_narrowed or self.known_total() is not None:
            return None
        keys = self.queryset.order_by().values_list(self.tie, flat=True)
        return None if self.is_found_often and not self.values else few_keys(keys)

    @cached_property
    def page(self) -> Page[Row]:
        column, falls = self.sorted_by
        cursor = Cursor.decode(self._get("at")) if self._get("at") else None
        found = self._page_at(cursor, column, falls)
        if cursor is not None and not found.rows:
            found = self._page_at(None, column, falls)
        self.fill(found.rows)
        return found

    def _page_at(self, cursor: Cursor | None, column: Column, falls: bool) -> Page[Row]:
        rows = self.queryset if self._few is None else self.base.filter(**{f"{self.tie}__in": self._few})
        return keyset_page(rows, sort=column.sort, descending=falls, cursor=cursor, size=self.page_size, key=self.tie)

    @cached_property
    def lines(self) -> list[Line[Row]]:
        return [
            Line(
                row=row,
                key=self.row_key(row),
                url=self.row_url(row),
                label=self.row_label(row),
                css=self.row_class(row),
                cells=[Cell(column, column.text(row, self.request)) for column in self.shown],
            )
            for row in self.page.rows
        ]

    @cached_property
    def key_field(self) -> str:
        """`public_id` where the model has one, so that database keys do not leave the house."""
        try:
            self.base.model._meta.get_field("public_id")
        except FieldDoesNotExist:
            return "pk"
        return "public_id"

    def row_key(self, row: Row) -> str:
        return str(getattr(row, self.key_field))

    # --- Columns ----------------------------------------------------------------------------------
    @cached_property
    def shown(self) -> list[Column]:
        """The columns this person chose, in the table's order; the row's link always stays."""
        chosen = Preference.objects.value(self.request.user.pk, f"columns:{self.name}")
        wanted = set(chosen) if isinstance(chosen, list) else None
        return [
            column
            for column in self.columns
            if column.link or (column.code in wanted if wanted is not None else column.default)
        ]

    @property
    def choosable(self) -> list[tuple[Column, bool]]:
        """(column, shown) of those that can be hidden."""
        return [(column, column in self.shown) for column in self.columns if not column.link]

    @property
    def headings(self) -> Iterator[Heading]:
        current, falls = self.sorted_by
        for column in self.shown:
            if column is current:
                url = self.url(sort=column.code if falls else f"-{column.code}", at="")
                yield Heading(column, url, "descending" if falls else "ascending")
            else:
                first = f"-{column.code}" if column.falls_first else column.code
                yield Heading(column, self.url(sort=first, at="") if column.sort else "", "")

    # --- Addresses --------------------------------------------------------------------------------
    def url(self, **changes: str) -> str:
        """This page with some of the table's parameters changed; an empty one is taken away."""
        query = self.state.copy()
        for name, value in changes.items():
            query.pop(self.prefix + name, None)
            if value:
                query[self.prefix + name] = value
        for name in [name for name, value in query.items() if not value]:
            query.pop(name)
        return f"{self.request.path}?{query.urlencode()}" if query else self.request.path

    @property
    def next_url(self) -> str:
        return self.url(at=self.page.next) if self.page.next else ""

    @property
    def previous_url(self) -> str:
        return self.url(at=self.page.previous) if self.page.previous else ""

    @property
    def clear_url(self) -> str:
        return self.url(**dict.fromkeys(["q", "at", *self.values], ""))

    @property
    def csv_url(self) -> str:
        return self.url(export="csv", at="")

    @property
    def xlsx_url(self) -> str:
        return self.url(export="xlsx", at="")

    @property
    def state_text(self) -> str:
        """The state to carry in a form."""
        return self.state.urlencode()

    @property
    def other_parameters(self) -> list[tuple[str, str]]:
        """Parameters of the page that are not the table's, so that its form keeps them."""
        own = {self.prefix + name for name in ["q", "sort", "at", "export"]}
        own |= {self.prefix + name for item in self.filters for name in item.names}
        return [(name, str(value)) for name, value in self.state.items() if name not in own and value]

    # --- Drawing ----------------------------------------------------------------------------------
    @property
    def dom_id(self) -> str:
        return f"table-{self.name}"

    @property
    def tools_id(self) -> str:
        return f"{self.dom_id}-tools"

    @property
    def filter_fields(self) -> list[dict[str, Any]]:
        """The filters as drawn; of more than `FILTERS_IN_SIGHT`, those not in use wait behind "More filters"."""
        many = len(self.filters) > FILTERS_IN_SIGHT
        fields = [
            {
                "filter": item,
                "prefix": self.prefix,
                "options": item.options(self.values),
                "ends": item.ends(self.values) if hasattr(item, "ends") else (),
                "is_set": any(name in self.values for name in item.names),
                "template": item.template,
            }
            for item in self.filters
        ]
        for place, field in enumerate(fields):
            field["is_more"] = many and place >= FILTERS_IN_SIGHT - 1 and not field["is_set"]
        return fields

    @cached_property
    def bulk(self) -> list[BulkAction]:
        allowed = [action for action in self.bulk_actions if action.visible_to(self.request.user)]
        shown = next((self.values.get(item.code) for item in self.filters if isinstance(item, ArchivedFilter)), None)
        return [action for action in allowed if shown == "all" or action.away in {None, shown == "yes"}]

    @property
    def empty_action_url(self) -> str:
        offered = self.empty.action_url_name and self.empty.action_visible_to(self.request.user)
        return reverse(self.empty.action_url_name) if offered else ""

    # --- Answers ----------------------------------------------------------------------------------
    def respond(self, template: str, context: dict[str, Any] | None = None) -> HttpResponseBase:
        """The page; its table alone for htmx; or the file that was asked for."""
        wanted = self._get("export")
        if self.exportable and wanted in {"csv", "xlsx"}:
            return self.export(wanted)
        parts = {self.dom_id: "components/_table_answer.html", self.tools_id: "components/_table_tools.html"}
        wanted = parts.get(self.request.headers.get("HX-Target", ""), template)
        response = render(self.request, wanted, {"table": self, **(context or {})})
        patch_vary_headers(response, ["HX-Request", "HX-Target"])
        return response

    def export(self, kind: str) -> HttpResponseBase:
        """All filtered rows with the columns the person sees."""
        header = [str(column.label) for column in self.shown]
        answer = csv_response if kind == "csv" else xlsx_response
        return answer(str(self.title), header, self._exported_rows())

    def _exported_rows(self) -> Iterator[list[Exported]]:
        column, falls = self.sorted_by
        pieces = keyset_ordered(self.queryset, sort=column.sort, descending=falls, key=self.tie)
        rows = chain.from_iterable(piece.iterator(chunk_size=EXPORTED_AT_ONCE) for piece in pieces)
        while piece := list(islice(rows, EXPORTED_AT_ONCE)):
            self.fill(piece)
            for row in piece:
                yield [shown.exported(row) for shown in self.shown]

    def selection(self) -> Selection[Row]:
        """What a bulk action was asked for. Raises DomainError for nothing chosen, Conflict when the list is no longer
        the one whose count the person saw."""
        asked = self.request.POST.get("count", "")
        if self.request.POST.get("all") == "1":
            queryset, seen = self.queryset, asked
        else:
            keys = set(self.request.POST.getlist("ids"))
            seen = str(len(keys))  # one that is not there is not passed over in silence
            if self.key_field == "pk":
                keys = {key for key in keys if whole_number(key) is not None}
            queryset = self.base.filter(**{f"{self.key_field}__in": keys})
        count = queryset.count()
        if not count:
            raise DomainError(_("Nothing is chosen. Tick some rows first."), code="nothing_chosen")
        for number_seen in (text for text in (asked, seen) if text):
            if whole_number(number_seen) != count:
                raise Conflict(
                    _("The list changed: you saw %(seen)s, now there are %(now)s. Nothing was done; look again.")
                    % {"seen": number(whole_number(number_seen) or 0), "now": number(count)},
                    code="selection_changed",
                )
        return Selection(queryset, count)

    # --- Taking a bulk action back ----------------------------------------------------------------
    def asked(self) -> Selection[Row]:
        """What a bulk view is for: the selection, or the rows of the action that `?undo=` takes back. Raises as
        `selection`, and DomainError `undo_gone`."""
        if "undo" not in self.request.GET:
            return self.selection()
        user_id = self.request.user.pk or 0
        keys = undo_take(user_id=user_id, kind=self.name, mark=self.request.GET["undo"])
        queryset = self.base.filter(pk__in=keys)
        count = queryset.count()
        if not count:
            raise DomainError(_("This can no longer be taken back from here."), code="undo_gone")
        return Selection(queryset, count)

    def undo_url(self, url_name: str, rows: Iterable[Row | int]) -> str:
        """The address that does `url_name` (the opposite action) to just these rows (or rows of these keys)."""
        keys = [row if isinstance(row, int) else row.pk for row in rows]
        mark = undo_keep(user_id=self.request.user.pk or 0, kind=self.name, keys=keys)
        return f"{reverse(url_name)}?undo={mark}"

    def told(self, text: str, done: Sequence[Row | int], *, undo: str, refused: Sequence[str] = ()) -> None:
        """Say what a bulk action did, with the way back (the action `undo`), and of the first few it did not do why.

        `text` has a place for %(count)s.
        """
        if done:
            toast(self.request, text % {"count": number(len(done))}, undo=self.undo_url(undo, done))
        for sentence in refused[:MOST_REASONS]:
            messages.warning(self.request, sentence)
        if not done and not refused:
            messages.info(self.request, _("Nothing had to be changed."))

    def back(self, url_name: str) -> HttpResponseRedirect:
        """To the list as it was left."""
        state = self.state_text if "state" in self.request.POST else ""
        return HttpResponseRedirect(reverse(url_name) + (f"?{state}" if state else ""))
