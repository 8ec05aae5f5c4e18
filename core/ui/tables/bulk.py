"""Bulk actions of a table: which are offered, the rows selected for one, the report of what it did, and its undo."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import Generic

from django.contrib import messages
from django.db.models import QuerySet
from django.urls import reverse
from django.utils.translation import gettext as _

from core.errors import Conflict, DomainError
from core.parsing import whole_number
from core.services.undo import undo_save, undo_take
from core.ui.messages import toast
from core.ui.numbers import number
from core.ui.tables.definition import BulkAction, TableDefinition
from core.ui.tables.filters import ArchivedFilter
from core.ui.tables.keyset import Row
from core.ui.tables.query import TableQuery
from core.ui.tables.state import TableState

MAX_REASONS = 5


@dataclass(frozen=True)
class Selection(Generic[Row]):
    """The rows of a bulk action, and their number."""

    queryset: QuerySet[Row]
    count: int


class TableBulk(Generic[Row]):
    """The bulk actions of a table, for this person and this state."""

    def __init__(self, definition: TableDefinition[Row], state: TableState, query: TableQuery[Row]) -> None:
        self.definition = definition
        self.request = definition.request
        self.state = state
        self.query = query

    @cached_property
    def actions(self) -> list[BulkAction]:
        """Those this person may use, and that apply to what an `ArchivedFilter` shows."""
        filters, values = self.definition.filters, self.state.filter_values
        allowed = [action for action in self.definition.bulk_actions if action.visible_to(self.request.user)]
        shown = next((values.get(item.code) for item in filters if isinstance(item, ArchivedFilter)), None)
        return [action for action in allowed if shown == "all" or action.archived in {None, shown == "yes"}]

    # --- Selection --------------------------------------------------------------------------------
    def selection(self) -> Selection[Row]:
        """The selected rows. Raises DomainError `nothing_chosen`, Conflict `selection_changed` when the list is no
        longer the one whose count the person saw."""
        count_seen = self.request.POST.get("count", "")
        if self.request.POST.get("all") == "1":
            queryset, expected = self.query.queryset, count_seen
        else:
            keys = set(self.request.POST.getlist("ids"))
            queryset, expected = self._rows_of(keys), str(len(keys))  # a key without a row is a change of the list
        count = queryset.count()
        if not count:
            raise DomainError(_("No rows are selected. Select at least one row."), code="nothing_chosen")
        for text in (count_seen, expected):
            if text and whole_number(text) != count:
                raise Conflict(
                    _(
                        "The list has changed: %(seen)s before, %(now)s now. Nothing "
                        "was changed. Check the list and try again."
                    )
                    % {"seen": number(whole_number(text) or 0), "now": number(count)},
                    code="selection_changed",
                )
        return Selection(queryset, count)

    def _rows_of(self, keys: set[str]) -> QuerySet[Row]:
        field = self.query.key_field
        if field == "pk":
            keys = {key for key in keys if whole_number(key) is not None}
        return self.definition.base.filter(**{f"{field}__in": keys})

    # --- Undo -------------------------------------------------------------------------------------
    @property
    def is_undo(self) -> bool:
        return "undo" in self.request.GET

    def undo_selection(self) -> Selection[Row]:
        """The rows of the action that `?undo=` reverses. Raises DomainError `undo_gone`."""
        user_id = self.request.user.pk or 0
        keys = undo_take(user_id=user_id, kind=self.definition.name, mark=self.request.GET["undo"])
        queryset = self.definition.base.filter(pk__in=keys)
        count = queryset.count()
        if not count:
            raise DomainError(_("This action can no longer be undone here."), code="undo_gone")
        return Selection(queryset, count)

    def undo_url(self, url_name: str, rows: Iterable[Row | int]) -> str:
        """The address that does `url_name` (the opposite action) to just these rows (or rows of these keys)."""
        keys = [row if isinstance(row, int) else row.pk for row in rows]
        mark = undo_save(user_id=self.request.user.pk or 0, kind=self.definition.name, keys=keys)
        return f"{reverse(url_name)}?undo={mark}"

    # --- Report -----------------------------------------------------------------------------------
    def report(self, text: str, done: Sequence[Row | int], *, undo: str, refused: Sequence[str] = ()) -> None:
        """Messages about `done` (`text` has a place for %(count)s), with the action `undo` as its undo, and about the
        first few rows that were `refused` (a sentence each)."""
        if done:
            toast(self.request, text % {"count": number(len(done))}, undo=self.undo_url(undo, done))
        for sentence in refused[:MAX_REASONS]:
            messages.warning(self.request, sentence)
        if not done and not refused:
            messages.info(self.request, _("No changes were needed."))
