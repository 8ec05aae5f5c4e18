"""Value propositions: what we promise each segment, version by version, and whether it turned out true."""

import difflib
from dataclasses import dataclass
from typing import Any

from django.http import HttpResponse, HttpResponseBase
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils.html import format_html, format_html_join
from django.utils.safestring import SafeString
from django.utils.translation import gettext as _
from django.utils.translation import ngettext
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from accounts.access import SignedInRequest, require
from core.errors import Conflict, DomainError
from core.ui.messages import toast
from marketing.access import may_edit, may_read
from marketing.propositions.evidence import evidence_sources
from marketing.propositions.forms import PropositionCreateForm, PropositionForm, VerdictForm
from marketing.propositions.models import PropositionVersion, ValueProposition
from marketing.propositions.services import (
    TEXT_FIELDS,
    proposition_archive,
    proposition_create,
    proposition_restore,
    propositions_archive,
    propositions_restore,
    version_edit,
    version_judge,
    version_put_in_force,
    version_redefine,
)
from marketing.propositions.tables import proposition_table
from marketing.segments.queries import segment_sentence


def _proposition(request: SignedInRequest, public_id: str) -> ValueProposition:
    rows = ValueProposition.objects.visible_to(request.user).select_related("segment", "owner")
    return get_object_or_404(rows, public_id=public_id)


def _version(request: SignedInRequest, public_id: str, number: int) -> PropositionVersion:
    rows = PropositionVersion.objects.visible_to(request.user).select_related("proposition__segment")
    return get_object_or_404(rows, proposition__public_id=public_id, number=number)


@require(may_read)
@require_safe
def proposition_list(request: SignedInRequest) -> HttpResponseBase:
    """What do we promise, to whom, and is it true?"""
    return proposition_table(request).respond("marketing/propositions/list.html", {"may_edit": may_edit(request.user)})


@require(may_edit)
@require_POST
def proposition_bulk_archive(request: SignedInRequest) -> HttpResponse:
    table = proposition_table(request)
    done = propositions_archive(propositions=table.bulk_selection().queryset, actor=request.user)
    text = ngettext("%(count)s value proposition archived.", "%(count)s value propositions archived.", len(done))
    table.report(text, done, undo="proposition_bulk_restore")
    return table.redirect("proposition_list")


@require(may_edit)
@require_POST
def proposition_bulk_restore(request: SignedInRequest) -> HttpResponse:
    table = proposition_table(request)
    done = propositions_restore(propositions=table.bulk_selection().queryset, actor=request.user)
    text = ngettext("%(count)s value proposition restored.", "%(count)s value propositions restored.", len(done))
    table.report(text, done, undo="proposition_bulk_archive")
    return table.redirect("proposition_list")


@require(may_edit)
@require_http_methods(["GET", "HEAD", "POST"])
def proposition_create_view(request: SignedInRequest) -> HttpResponse:
    form = PropositionCreateForm(request.POST or None, initial={"segment": request.GET.get("segment", "")})
    if request.method == "POST" and form.is_valid():
        words = {name: form.cleaned_data[name] for name in TEXT_FIELDS}
        version = proposition_create(
            segment=form.cleaned_data["segment"], name=form.cleaned_data["name"], actor=request.user, **words
        )
        toast(request, _("Version 1 is a draft. Activate the version when it is ready."))
        return redirect("proposition_detail", version.proposition.public_id)
    status = 422 if request.method == "POST" else 200
    return render(request, "marketing/propositions/edit.html", {"form": form}, status=status)


@dataclass(frozen=True)
class Cell:
    """One field of the canvas: its name, its text, and the text marked against another version."""

    name: str
    label: str
    text: str
    marked: SafeString | str = ""


@require(may_read)
@require_safe
def proposition_detail(request: SignedInRequest, public_id: str) -> HttpResponse:
    """The canvas of one version (`?v=2`), the line of versions, the evidence, and the differences (`?against=1`)."""
    proposition = _proposition(request, public_id)
    versions = list(proposition.versions.all())
    by_number = {str(it.number): it for it in versions}
    in_force = next((it for it in versions if it.state == PropositionVersion.State.IN_FORCE), None)
    shown = by_number.get(request.GET.get("v", "")) or in_force or versions[0]
    against = by_number.get(request.GET.get("against", ""))
    evidence = [(source.title, found) for source in evidence_sources if (found := source.evidence(shown))]
    context = {
        "proposition": proposition,
        "versions": versions[::-1],
        "shown": shown,
        "in_force": in_force,
        "draft": next((it for it in versions if it.state == PropositionVersion.State.DRAFT), None),
        "against": against,
        "previous": by_number.get(str(shown.number - 1)),
        "cells": [_cell(shown, name, against) for name in TEXT_FIELDS],
        "evidence": evidence,
        "sentence": segment_sentence(proposition.segment),
        "verdict_form": VerdictForm(initial={"verdict": shown.verdict, "note": shown.verdict_note}),
        "may_edit": may_edit(request.user),
    }
    return render(request, "marketing/propositions/detail.html", context)


def _cell(version: PropositionVersion, name: str, against: PropositionVersion | None) -> Cell:
    label = str(PropositionVersion._meta.get_field(name).verbose_name)  # type: ignore[union-attr]
    text = getattr(version, name)
    return Cell(name, label, text, text_difference(getattr(against, name), text) if against else "")


def text_difference(before: str, after: str) -> SafeString:
    """`after` with what is new in <ins> and what went in <del>, word by word."""
    old, new = before.split(), after.split()
    parts: list[tuple[SafeString]] = []
    for kind, a, b, c, d in difflib.SequenceMatcher(a=old, b=new, autojunk=False).get_opcodes():
        if kind == "equal":
            parts.append((format_html("{}", " ".join(old[a:b])),))
            continue
        if old[a:b]:
            parts.append((format_html("<del>{}</del>", " ".join(old[a:b])),))
        if new[c:d]:
            parts.append((format_html("<ins>{}</ins>", " ".join(new[c:d])),))
    return format_html_join(" ", "{}", parts)


@require(may_edit)
@require_http_methods(["GET", "HEAD", "POST"])
def version_edit_view(request: SignedInRequest, public_id: str, number: int) -> HttpResponse:
    """Rewrite a draft."""
    version = _version(request, public_id, number)
    if request.method != "POST":
        if version.state != PropositionVersion.State.DRAFT:
            raise Conflict(
                _("Version %(number)s has already been active and can no longer be edited.")
                % {"number": version.number},
                code="version_not_draft",
            )
        form = PropositionForm(instance=version, initial={"revision": version.revision})
        return render(request, "marketing/propositions/edit.html", {"form": form, "version": version})
    form = PropositionForm(request.POST, instance=_version(request, public_id, number))
    context: dict[str, Any] = {"form": form, "version": version}
    if not form.is_valid():
        return render(request, "marketing/propositions/edit.html", context, status=422)
    words = {name: form.cleaned_data[name] for name in TEXT_FIELDS}
    try:
        version_edit(version=version, revision=form.cleaned_data["revision"] or 0, actor=request.user, **words)
    except Conflict as error:
        theirs = [_cell(version, name, None) for name in TEXT_FIELDS if getattr(version, name) != words[name]]
        context |= {"conflict": error.message, "theirs": theirs, "is_final": error.code == "version_not_draft"}
        return render(request, "marketing/propositions/edit.html", context, status=409)
    toast(request, _("Draft saved."))
    return redirect(_url(version))


@require(may_edit)
@require_POST
def version_put_in_force_view(request: SignedInRequest, public_id: str, number: int) -> HttpResponse:
    version = version_put_in_force(version=_version(request, public_id, number), actor=request.user)
    toast(request, _("Version %(number)s is active.") % {"number": version.number})
    return redirect(_url(version))


@require(may_edit)
@require_POST
def version_redefine_view(request: SignedInRequest, public_id: str, number: int) -> HttpResponse:
    draft = version_redefine(version=_version(request, public_id, number), actor=request.user)
    return redirect("version_edit", public_id, draft.number)


@require(may_edit)
@require_POST
def version_judge_view(request: SignedInRequest, public_id: str, number: int) -> HttpResponse:
    version = _version(request, public_id, number)
    form = VerdictForm(request.POST)
    if not form.is_valid():
        raise DomainError(_("Choose a verdict."), code="verdict_invalid")
    version_judge(
        version=version, verdict=form.cleaned_data["verdict"], note=form.cleaned_data["note"], actor=request.user
    )
    toast(request, _("Verdict saved."))
    return redirect(_url(version))


@require(may_edit)
@require_POST
def proposition_archive_view(request: SignedInRequest, public_id: str) -> HttpResponse:
    proposition = _proposition(request, public_id)
    proposition_archive(proposition=proposition, actor=request.user)
    undo = reverse("proposition_restore", args=[public_id])
    toast(request, _("“%(name)s” archived.") % {"name": proposition.name}, undo=undo)
    return redirect("proposition_list")


@require(may_edit)
@require_POST
def proposition_restore_view(request: SignedInRequest, public_id: str) -> HttpResponse:
    proposition = _proposition(request, public_id)
    proposition_restore(proposition=proposition, actor=request.user)
    toast(request, _("“%(name)s” restored.") % {"name": proposition.name})
    return redirect("proposition_detail", public_id)


def _url(version: PropositionVersion) -> str:
    return f"{reverse('proposition_detail', args=[version.proposition.public_id])}?v={version.number}"
