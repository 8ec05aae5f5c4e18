"""The table of one list page: its state comes from the address, its answer is the page, a part of it, or a file."""

from collections.abc import Sequence
from typing import Any

from django.db.models import QuerySet
from django.http import HttpRequest, HttpResponseBase, HttpResponseRedirect
from django.shortcuts import render
from django.utils.cache import patch_vary_headers

from core.ui.tables.bulk import Selection, TableBulk
from core.ui.tables.definition import TableDefinition
from core.ui.tables.export import TableExport
from core.ui.tables.keyset import Row
from core.ui.tables.query import TableQuery
from core.ui.tables.rendering import Line, TableRendering
from core.ui.tables.state import TableState


class Table(TableDefinition[Row]):
    """Subclass per list; see docs/design-system.md. Give it the request and the rows this person may see.

    `state`: what the address says. `query`: the rows. `rendering`: what the templates draw. `export`: the files.
    `bulk`: actions on many rows.
    """

    def __init__(self, request: HttpRequest, queryset: QuerySet[Row]) -> None:
        super().__init__(request, queryset)
        self.state = TableState(self)
        self.query = TableQuery(self, self.state)
        self.rendering = TableRendering(self, self.state, self.query)
        self.export = TableExport(self, self.state, self.query)
        self.bulk = TableBulk(self, self.state, self.query)

    @property
    def queryset(self) -> QuerySet[Row]:
        """All filtered rows, on all pages."""
        return self.query.queryset

    @property
    def total(self) -> int:
        """The number of filtered rows, on all pages."""
        return self.query.total

    @property
    def lines(self) -> list[Line[Row]]:
        """The rows of the page, as drawn."""
        return self.rendering.lines

    def respond(self, template: str, context: dict[str, Any] | None = None) -> HttpResponseBase:
        """The page; its table alone for htmx; or the file that the address names."""
        kind = self.state.get("export")
        if self.exportable and kind in {"csv", "xlsx"}:
            return self.export.response(kind)
        parts = {self.dom_id: "components/_table_answer.html", self.tools_id: "components/_table_tools.html"}
        template = parts.get(self.request.headers.get("HX-Target", ""), template)
        response = render(self.request, template, {"table": self, **(context or {})})
        patch_vary_headers(response, ["HX-Request", "HX-Target"])
        return response

    # --- For the views of bulk actions ------------------------------------------------------------
    def selection(self) -> Selection[Row]:
        """The selected rows. Raises DomainError `nothing_chosen`, Conflict `selection_changed`."""
        return self.bulk.selection()

    def bulk_selection(self) -> Selection[Row]:
        """The rows of a bulk action that can be undone: the selected ones, or those of the action that `?undo=`
        reverses. Raises as `selection`, and DomainError `undo_gone`."""
        return self.bulk.undo_selection() if self.bulk.is_undo else self.bulk.selection()

    def report(self, text: str, done: Sequence[Row | int], *, undo: str, refused: Sequence[str] = ()) -> None:
        """Messages about what a bulk action did, with its undo, and about what it refused."""
        self.bulk.report(text, done, undo=undo, refused=refused)

    def redirect(self, url_name: str) -> HttpResponseRedirect:
        """To the list, in the state the person left it in."""
        return HttpResponseRedirect(self.state.return_url(url_name))
