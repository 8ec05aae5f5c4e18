"""The map of customers by recency and worth, scoring on demand, and its segments."""

from datetime import date
from typing import Any

from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from accounts.access import SignedInRequest, is_marketer, is_office, require
from core.errors import DomainError
from core.models import Job
from core.ui.messages import toast
from crm.contacts.lifecycle import SCORING_DAYS
from crm.scoring.models import RfmRun, RfmSegment
from crm.scoring.rfm_grid import map_places, map_tiles, score_bands
from crm.scoring.services.rfm import FADING_SEGMENTS, GONE_SEGMENTS, rfm_default_as_of, rfm_segments_save, rfm_start


@require_GET
@require(is_office)
def rfm_map(request: SignedInRequest) -> HttpResponse:
    run = RfmRun.objects.newest()
    job = Job.objects.filter(kind="rfm").order_by("-created_at").first()
    tiles = map_tiles()
    context: dict[str, Any] = {
        "run": run,
        "tiles": tiles,
        "segments": sorted({tile.segment.pk: tile for tile in tiles}.values(), key=lambda tile: -tile.customers),
        "runs": RfmRun.objects.finished().order_by("-finished_at")[:10],
        "job": job if job is not None and not job.is_finished else None,
        "failed": job.error if job is not None and job.state == Job.State.FAILED else "",
        "default_as_of": rfm_default_as_of(),
        "rule": _stage_rule(),
        "may_score": is_marketer(request.user),
        "bands": score_bands(run.edges) if run else [],
    }
    return render(request, "crm/scoring/rfm_grid.html", context)


def _stage_rule() -> dict[str, Any]:
    """What a scoring does to the life cycle, by the names the segments have here."""
    names = {segment.code: str(segment) for segment in RfmSegment.objects.all()}
    return {
        "days": SCORING_DAYS,
        "segments": ", ".join(names[code] for code in (*FADING_SEGMENTS, *GONE_SEGMENTS) if code in names),
        "gone": ", ".join(names[code] for code in GONE_SEGMENTS if code in names),
    }


@require_POST
@require(is_marketer)
def rfm_score(request: SignedInRequest) -> HttpResponse:
    text = request.POST.get("as_of", "")
    try:
        as_of = date.fromisoformat(text) if text else None
    except ValueError:
        raise DomainError(_("“%(text)s” is not a valid date.") % {"text": text[:20]}, code="bad_date") from None
    rfm_start(actor=request.user, as_of=as_of)
    return redirect("rfm_map")


@require_GET
@require(is_office)
def rfm_progress(request: SignedInRequest, public_id: str) -> HttpResponse:
    job = get_object_or_404(Job, kind="rfm", public_id=public_id)
    response = render(request, "crm/jobs/_progress.html", {"job": job, "url": request.path})
    if job.is_finished:
        response["HX-Refresh"] = "true"
    return response


@require_http_methods(["GET", "POST"])
@require(is_marketer)
def rfm_segments(request: SignedInRequest) -> HttpResponse:
    """Redraw the map and reword its segments."""
    segments = list(RfmSegment.objects.all())
    error = ""
    if request.method == "POST":
        places = {(r, w): request.POST.get(f"place_{r}_{w}", "") for r in range(1, 6) for w in range(1, 6)}
        texts = {
            one.code: (request.POST.get(f"name_{one.code}", str(one)), request.POST.get(f"advice_{one.code}", ""))
            for one in segments
        }
        try:
            rfm_segments_save(places=places, texts=texts, actor=request.user)
        except DomainError as refused:
            error = refused.message
        else:
            toast(request, _("RFM segments saved."))
            return redirect("rfm_map")
    drawn = map_places(segments)
    context = {
        "segments": [
            {"segment": one, "name": str(one), "advice": _(one.advice) if one.advice else ""} for one in segments
        ],
        "grid": [[(r, worth, drawn.get((r, worth))) for r in range(1, 6)] for worth in range(5, 0, -1)],
        "error": error,
    }
    return render(request, "crm/scoring/rfm_segments.html", context, status=422 if error else 200)
