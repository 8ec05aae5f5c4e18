"""The segment editor: words, rules, and who they find while one types."""

from dataclasses import dataclass, field
from decimal import Decimal
from typing import Any

from django.db import connection, transaction
from django.db.utils import OperationalError
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST

from accounts.access import SignedInRequest, require
from core.errors import Conflict, DomainError
from core.forms import add_domain_error
from core.rules.sentence import rules_sentence
from core.rules.tree import InvalidRules, Problem, read_rules
from core.ui.messages import toast
from crm.contacts.models import Contact
from marketing.access import may_edit
from marketing.segments.forms import SegmentForm
from marketing.segments.models import Segment
from marketing.segments.queries import audience_measure, base_measure, rule_context, rules_audience, segment_sentence
from marketing.segments.rule_form import draft_change, draft_of_post, draft_view, field_groups
from marketing.segments.segment_presets import SEGMENT_PRESETS, segment_preset
from marketing.segments.services import segment_create, segment_update

PREVIEW_CONTACTS = 10
PREVIEW_MILLISECONDS = 8000


@dataclass
class Preview:
    """Whom a draft finds: sentence, count, share of everybody, value, ten of them; `message` when it cannot say."""

    sentence: str = ""
    size: int | None = None
    share: Decimal | None = None
    value: Decimal | None = None
    people: list[Contact] = field(default_factory=list)
    message: str = ""
    problems: list[Problem] = field(default_factory=list)


def preview_of(draft: dict[str, Any]) -> Preview:
    """Counted now. A rule that takes longer than eight seconds is not waited for."""
    try:
        root = read_rules(draft)
        context = rule_context()
        preview = Preview(sentence=rules_sentence(root, context))
        people = rules_audience(root, context)
        with transaction.atomic(), connection.cursor() as cursor:
            cursor.execute(f"SET LOCAL statement_timeout = {PREVIEW_MILLISECONDS}")
            measure, everybody = audience_measure(people), base_measure()
            preview.people = list(people.order_by("-net_total", "pk")[:PREVIEW_CONTACTS])
    except InvalidRules as error:
        return Preview(message=error.message, problems=error.problems)
    except OperationalError:
        preview.message = _(
            "The count takes too long to show while you edit. You can save; the segment is counted after saving."
        )
        return preview
    preview.size, preview.value = measure.size, measure.value
    preview.share = Decimal(measure.size) / everybody.size if everybody.size else None
    return preview


@require(may_edit)
@require_http_methods(["GET", "HEAD", "POST"])
def segment_create_view(request: SignedInRequest) -> HttpResponse:
    """From nothing, from a starter (`?from=best`), or from rules another page offers."""
    if request.method == "POST":
        return _save(request, None)
    begun = segment_preset(request.GET.get("from", ""))
    if begun is None and "from" not in request.GET:
        return render(request, "marketing/segments/presets.html", {"starters": SEGMENT_PRESETS})
    initial = {"name": begun.name, "description": begun.description} if begun else {}
    form = SegmentForm(initial={**initial, "owner": request.user.pk, "version": 0})
    return _page(request, None, form, begun.rules if begun else {})


@require(may_edit)
@require_http_methods(["GET", "HEAD", "POST"])
def segment_edit(request: SignedInRequest, public_id: str) -> HttpResponse:
    segment = get_object_or_404(Segment.objects.visible_to(request.user).active(), public_id=public_id)
    if request.method == "POST":
        return _save(request, segment)
    form = SegmentForm(instance=segment, initial={"version": segment.version})
    return _page(request, segment, form, segment.rules)


@require(may_edit)
@require_POST
def segment_builder(request: SignedInRequest) -> HttpResponse:
    """The builder after one change (`do`), and what it finds now. Nothing is kept."""
    draft = draft_change(draft_of_post(request.POST), request.POST.get("do", ""))
    context = {"root": draft_view(draft), "groups": field_groups(), "preview": preview_of(draft), "swap": True}
    return render(request, "marketing/segments/_builder_answer.html", context)


@require(may_edit)
@require_POST
def segment_preview(request: SignedInRequest) -> HttpResponse:
    """Whom the rules find as they are typed. Nothing is kept."""
    return render(request, "marketing/segments/_preview.html", {"preview": preview_of(draft_of_post(request.POST))})


def _save(request: SignedInRequest, segment: Segment | None) -> HttpResponse:
    draft = draft_of_post(request.POST)
    form = SegmentForm(request.POST, instance=Segment.objects.get(pk=segment.pk) if segment else None)
    if not form.is_valid():
        return _page(request, segment, form, draft, status=422)
    words = {name: form.cleaned_data[name] for name in form.Meta.fields}
    try:
        if segment is None:
            saved = segment_create(rules=draft, actor=request.user, **words)
        else:
            version = form.cleaned_data["version"] or 0
            saved = segment_update(segment=segment, version=version, actor=request.user, rules=draft, **words)
    except InvalidRules as error:
        add_domain_error(form, error)
        return _page(request, segment, form, draft, problems=error.problems, status=422)
    except Conflict as error:
        return _page(request, segment, form, draft, conflict=error.message, status=409)
    except DomainError as error:
        add_domain_error(form, error)
        return _page(request, segment, form, draft, status=422)
    toast(request, _("“%(name)s” saved.") % {"name": saved.name})
    return redirect("segment_detail", saved.public_id)


def _page(
    request: SignedInRequest,
    segment: Segment | None,
    form: SegmentForm,
    draft: dict[str, Any],
    *,
    problems: list[Problem] | None = None,
    conflict: str = "",
    status: int = 200,
) -> HttpResponse:
    theirs = Segment.objects.get(pk=segment.pk) if segment and conflict else None
    context = {
        "segment": segment,
        "form": form,
        "root": draft_view(draft, problems or []),
        "groups": field_groups(),
        "preview": preview_of(draft),
        "conflict": conflict,
        "theirs": theirs,
        "theirs_sentence": segment_sentence(theirs) if theirs else "",
        "is_dirty": status != 200,
    }
    return render(request, "marketing/segments/editor.html", context, status=status)
