"""Segments: the list, one segment, its people; putting away, bringing back, copying, counting again."""

import csv
from collections.abc import Iterator
from typing import Any

from django.core.paginator import Paginator
from django.db.models import QuerySet
from django.http import HttpResponse, HttpResponseBase, StreamingHttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils import timezone
from django.utils.text import slugify
from django.utils.translation import gettext as _
from django.utils.translation import ngettext
from django.views.decorators.http import require_POST, require_safe

from accounts.access import SignedInRequest, require
from accounts.company.models import Company
from core.rules.tree import InvalidRules
from core.ui.messages import toast
from crm.contacts.models import Contact
from marketing.access import may_edit, may_read
from marketing.segments.charts import bubbles, size_line
from marketing.segments.models import Segment
from marketing.segments.queries import rule_context, segment_audience, segment_overlap, segment_rows, segment_sentence
from marketing.segments.services import (
    segment_archive,
    segment_duplicate,
    segment_measure,
    segment_restore,
    segments_archive,
    segments_restore,
)
from marketing.segments.tables import segment_table
from marketing.segments.uses import segment_uses

PAGE_SIZE = 50
FORMULA_STARTS = ("=", "+", "-", "@", "\t", "\r")


def _segment(request: SignedInRequest, public_id: str) -> Segment:
    return get_object_or_404(Segment.objects.visible_to(request.user), public_id=public_id)


@require(may_read)
@require_safe
def segment_list(request: SignedInRequest) -> HttpResponseBase:
    """Which segments do we work with, and how do they grow?"""
    return segment_table(request).respond("marketing/segments/list.html", {"may_edit": may_edit(request.user)})


@require(may_edit)
@require_POST
def segment_bulk_archive(request: SignedInRequest) -> HttpResponse:
    """Put the chosen segments away; those in use say where."""
    table = segment_table(request)
    many = segments_archive(segments=table.bulk_selection().queryset, actor=request.user)
    text = ngettext("%(count)s segment archived.", "%(count)s segments archived.", len(many.keys))
    table.report(text, many.keys, undo="segment_bulk_restore", refused=many.refused)
    return table.redirect("segment_list")


@require(may_edit)
@require_POST
def segment_bulk_restore(request: SignedInRequest) -> HttpResponse:
    table = segment_table(request)
    done = segments_restore(segments=table.bulk_selection().queryset, actor=request.user).keys
    text = ngettext("%(count)s segment restored.", "%(count)s segments restored.", len(done))
    table.report(text, done, undo="segment_bulk_archive")
    return table.redirect("segment_list")


@require(may_read)
@require_safe
def segment_map(request: SignedInRequest) -> HttpResponse:
    """Who are our key segments and what do we do for each?"""
    segments = Segment.objects.visible_to(request.user).active()
    only_key = request.GET.get("show") != "all" and segments.filter(is_key=True).exists()
    if only_key:
        segments = segments.filter(is_key=True)
    rows = segment_rows(segments.order_by("-value"), today=timezone.localdate(timezone=Company.get().zone))
    context = {
        "rows": rows,
        "only_key": only_key,
        "bubbles": bubbles(rows),
        "overlap": segment_overlap([row.segment for row in rows]),
        "may_edit": may_edit(request.user),
    }
    return render(request, "marketing/segments/map.html", context)


@require(may_read)
@require_safe
def segment_detail(request: SignedInRequest, public_id: str) -> HttpResponse:
    """Who is this segment, what do we do for it, and where is it used?"""
    segment = _segment(request, public_id)
    problem = ""
    people: QuerySet[Contact] = Contact.objects.none()
    try:
        people = segment_audience(segment)
    except InvalidRules as error:
        problem = error.message
    sizes = list(segment.sizes.order_by("day"))
    order = "-net_total" if request.GET.get("order") != "name" else "first_name"
    page = Paginator(people.order_by(order, "pk"), PAGE_SIZE).get_page(request.GET.get("page"))
    rows = segment_rows(Segment.objects.filter(pk=segment.pk), today=timezone.localdate(timezone=Company.get().zone))
    context: dict[str, Any] = {
        "segment": segment,
        "row": rows[0],
        "sentence": segment_sentence(segment, rule_context()),
        "problem": problem,
        "page": page,
        "sizes": sizes,
        "line": size_line(sizes),
        "propositions": segment.propositions.filter(archived_at=None).prefetch_related("versions"),
        "uses": [(source.title, found) for source in segment_uses if (found := source.uses(segment))],
        "may_edit": may_edit(request.user),
    }
    return render(request, "marketing/segments/detail.html", context)


@require(may_read)
@require_safe
def segment_export(request: SignedInRequest, public_id: str) -> HttpResponse | StreamingHttpResponse:
    """The people of the segment as CSV, as it is now."""
    segment = _segment(request, public_id)
    people = segment_audience(segment).order_by("pk")
    response = StreamingHttpResponse(_csv(people), content_type="text/csv; charset=utf-8")
    name = slugify(segment.name) or "segment"
    response["Content-Disposition"] = f'attachment; filename="{name}.csv"'
    return response


def _csv(people: Any) -> Iterator[str]:
    class Line:
        def write(self, text: str) -> str:
            return text

    writer = csv.writer(Line())
    columns = ["public_id", "email", "first_name", "last_name", "city", "country", "stage", "order_count", "net_total"]
    yield "\ufeff"
    yield writer.writerow(columns)
    for values in people.values_list(*columns).iterator(chunk_size=2000):
        yield writer.writerow([_escape_formula(value) for value in values])


def _escape_formula(value: Any) -> Any:
    """Text that a spreadsheet would take for a formula begins with an apostrophe; numbers stay numbers."""
    return f"'{value}" if isinstance(value, str) and value.startswith(FORMULA_STARTS) else value


@require(may_edit)
@require_POST
def segment_archive_view(request: SignedInRequest, public_id: str) -> HttpResponse:
    segment = _segment(request, public_id)
    segment_archive(segment=segment, actor=request.user)
    undo = reverse("segment_restore", args=[segment.public_id])
    toast(request, _("“%(name)s” archived.") % {"name": segment.name}, undo=undo)
    return redirect("segment_list")


@require(may_edit)
@require_POST
def segment_restore_view(request: SignedInRequest, public_id: str) -> HttpResponse:
    segment = _segment(request, public_id)
    segment_restore(segment=segment, actor=request.user)
    toast(request, _("“%(name)s” restored.") % {"name": segment.name})
    return redirect("segment_detail", segment.public_id)


@require(may_edit)
@require_POST
def segment_duplicate_view(request: SignedInRequest, public_id: str) -> HttpResponse:
    copy = segment_duplicate(segment=_segment(request, public_id), actor=request.user)
    toast(request, _("Segment duplicated. The copy is “%(name)s”.") % {"name": copy.name})
    return redirect("segment_edit", copy.public_id)


@require(may_edit)
@require_POST
def segment_count_view(request: SignedInRequest, public_id: str) -> HttpResponse:
    segment = _segment(request, public_id)
    segment_measure(segment=segment)
    toast(request, _("Segment recounted."))
    return redirect("segment_detail", segment.public_id)
