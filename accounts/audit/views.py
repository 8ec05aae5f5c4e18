"""The audit trail, and its export."""

from collections.abc import Iterator

from django.core.paginator import Paginator
from django.http import HttpResponse, StreamingHttpResponse
from django.shortcuts import render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET

from accounts.access import SignedInRequest, is_office, require
from accounts.audit.entries import readable
from accounts.audit.forms import AuditFilterForm
from accounts.audit.models import AuditEntry, AuditQuerySet
from accounts.audit.titles import action_title
from core.ui.numbers import DASH
from core.ui.tables.export import csv_response

PAGE_SIZE = 50


@require_GET
@require(is_office)
def audit_list(request: SignedInRequest) -> HttpResponse:
    form, entries = _filtered(request)
    page = Paginator(entries, PAGE_SIZE).get_page(request.GET.get("page"))
    rows = [readable(entry) for entry in page]
    query = request.GET.copy()
    query.pop("page", None)
    context = {"form": form, "page": page, "rows": rows, "query": query.urlencode()}
    return render(request, "accounts/audit/list.html", context)


@require_GET
@require(is_office)
def audit_export(request: SignedInRequest) -> StreamingHttpResponse:
    """The filtered trail as CSV, oldest changes last, times in the reader's zone with its offset."""
    _form, entries = _filtered(request)
    header = [_("When"), _("User"), _("Action"), _("Kind"), _("Item"), _("Before"), _("After")]
    return csv_response(_("Audit trail"), header, _exported(entries))


def _filtered(request: SignedInRequest) -> tuple[AuditFilterForm, AuditQuerySet]:
    codes = AuditEntry.objects.order_by("action").values_list("action", flat=True).distinct()
    form = AuditFilterForm(request.GET, actions=[(code, action_title(code)) for code in codes])
    entries = AuditEntry.objects.select_related("actor")
    if form.is_valid():
        entries = entries.matching(**form.cleaned_data, zone=timezone.get_current_timezone())
    return form, entries


def _exported(entries: AuditQuerySet) -> Iterator[list[str]]:
    for entry in entries.iterator(chunk_size=500):
        shown = readable(entry)
        yield [
            timezone.localtime(entry.at).isoformat(timespec="seconds"),
            entry.actor_label,
            shown.title,
            shown.kind,
            shown.name,
            "; ".join(f"{line.label}: {line.before}" for line in shown.changes if line.before != DASH),
            "; ".join(f"{line.label}: {line.after}" for line in shown.changes if line.after != DASH),
        ]
