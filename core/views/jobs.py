"""Long work a person waits for: how far it is, what came of it, and stopping it."""

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET, require_POST

from core.errors import Conflict
from core.models import Job, JobQuerySet
from core.services.jobs import job_cancel
from core.ui.job_progress import job_context


@login_required
@require_GET
def job_detail(request: HttpRequest, public_id: str) -> HttpResponse:
    """The job's page; for htmx only its progress."""
    job = get_object_or_404(_visible(request), public_id=public_id)
    partial = request.headers.get("HX-Target") == f"job-{job.public_id}"
    return render(request, "components/job.html" if partial else "core/jobs/detail.html", job_context(job))


@login_required
@require_POST
def job_stop(request: HttpRequest, public_id: str) -> HttpResponse:
    job = get_object_or_404(_visible(request), public_id=public_id)
    if not job_cancel(job=job):
        raise Conflict(_("The job had already ended. Nothing was cancelled."), code="job_ended")
    messages.success(request, _("Job cancelled. Completed work was kept."))
    return redirect("job_detail", job.public_id)


def _visible(request: HttpRequest) -> JobQuerySet:
    """Jobs the person started; for the office also what the schedule started."""
    mine = Job.objects.visible_to(request.user.pk or 0)
    if getattr(request.user, "is_salesperson", True):
        return mine
    return mine | Job.objects.filter(actor_id=None)
