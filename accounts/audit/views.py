"""The audit trail, and its export."""

import csv
from collections.abc import Iterator
from typing import Any

from django.core.paginator import Paginator
from django.http import HttpResponse, StreamingHttpResponse
from django.shortcuts import render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET

from accounts.access import SignedInRequest, is_office, require
from accounts.audit.forms import AuditFilterForm
from accounts.audit.models import AuditEntry, AuditQuerySet
from accounts.audit.titles import action_title, object_title

PAGE_SIZE = 50


@require_GET
@require(is_office)
def audit_list(request: SignedInRequest) -> HttpResponse:
    form, entries = _filtered(request)
    page = Paginator(entries, PAGE_SIZE).get_page(request.GET.get("page"))
    rows = [(entry, action_title(entry.action), object_title(entry.object_type)) for entry in page]
    query = request.GET.copy()
    query.pop("page", None)
    context = {"form": form, "page": page, "rows": rows, "query": query.urlencode()}
    return render(request, "accounts/audit/list.html", context)


@require_GET
@require(is_office)
def audit_export(request: SignedInRequest) -> StreamingHttpResponse:
    """The filtered trail as CSV, oldest changes last, times in the reader's zone with its offset."""
    _form, entries = _filtered(request)
    response = StreamingHttpResponse(_csv(entries), content_type="text/csv; charset=utf-8")
    response["Content-Disposition"] = 'attachment; filename="audit.csv"'
    return response


def _filtered(request: SignedInRequest) -> tuple[AuditFilterForm, AuditQuerySet]:
    codes = AuditEntry.objects.order_by("action").values_list("action", flat=True).distinct()
    form = AuditFilterForm(request.GET, actions=[(code, action_title(code)) for code in codes])
    entries = AuditEntry.objects.select_related("actor")
    if form.is_valid():
        entries = entries.matching(**form.cleaned_data, zone=timezone.get_current_timezone())
    return form, entries


class _Echo:
    def write(self, text: str) -> str:
        return text


def _csv(entries: AuditQuerySet) -> Iterator[str]:
    writer: Any = csv.writer(_Echo())
    yield "\ufeff"
    yield writer.writerow([_("When"), _("User"), _("Action"), _("Kind"), _("Item"), _("Before"), _("After")])
    for entry in entries.iterator(chunk_size=500):
        before = "; ".join(f"{name}: {pair[0]}" for name, pair in entry.changes.items() if pair[0] is not None)
        after = "; ".join(f"{name}: {pair[1]}" for name, pair in entry.changes.items() if pair[1] is not None)
        moment = timezone.localtime(entry.at).isoformat(timespec="seconds")
        row = [
            moment,
            entry.actor_label,
            action_title(entry.action),
            object_title(entry.object_type),
            entry.object_label,
            before,
            after,
        ]
        yield writer.writerow([_escape_formula(cell) for cell in row])


def _escape_formula(cell: str) -> str:
    """A cell that no spreadsheet takes for a formula."""
    return f"'{cell}" if cell[:1] in {"=", "+", "-", "@", "\t", "\r"} else cell
