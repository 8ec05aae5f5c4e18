"""The import wizard: file, columns, what would happen, what happened."""

import re
from decimal import Decimal, InvalidOperation
from typing import Any

from django.http import FileResponse, Http404, HttpResponse, HttpResponseBase
from django.shortcuts import get_object_or_404, redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from accounts.access import SignedInRequest, is_marketer, is_office, require
from accounts.company.models import Company
from core.errors import DomainError
from core.models import Job
from core.parsing import whole_number
from core.services.jobs import job_cancel
from core.ui.messages import toast
from crm.channels.models import Channel
from crm.imports.kinds import ImportKind, import_kinds
from crm.imports.models import ImportFile
from crm.imports.reading import Reading
from crm.imports.run import reading_sentences
from crm.imports.services import SUFFIXES, import_map, import_start, import_upload, preview_rows
from crm.imports.tables import ImportTable

# A comma between two rates stands before a letter; one before a figure is a decimal comma.
_BETWEEN_RATES = re.compile(r";|,(?!\s*\d)|\s+(?=[^\W\d])")


@require_GET
@require(is_office)
def import_list(request: SignedInRequest) -> HttpResponseBase:
    rows = ImportFile.objects.visible_to(request.user).select_related("actor")
    return ImportTable(request, rows).respond("crm/imports/list.html", {"may_import": is_marketer(request.user)})


@require_http_methods(["GET", "POST"])
@require(is_marketer)
def import_create(request: SignedInRequest) -> HttpResponse:
    """Choose what the file holds and the file."""
    kinds = [kind for kind in import_kinds if kind.visible_to(request.user)]
    chosen = request.POST.get("kind") or request.GET.get("kind") or "orders"
    kind = next((one for one in kinds if one.code == chosen), kinds[0])
    errors: list[str] = []
    if request.method == "POST":
        uploaded = request.FILES.get("file")
        if uploaded is None:
            errors = [_("Choose a file first.")]
        else:
            try:
                file = import_upload(
                    kind=kind, name=uploaded.name or "", content=uploaded.file, size=uploaded.size or 0,  # type: ignore[arg-type]
                    actor=request.user,
                )  # fmt: skip
            except DomainError as error:
                errors = [error.message]
            else:
                return redirect("import_detail", file.public_id)
    context = {"kinds": kinds, "kind": kind, "errors": errors, "accept": ",".join(SUFFIXES)}
    return render(request, "crm/imports/create.html", context, status=422 if errors else 200)


def _file(request: SignedInRequest, public_id: str) -> ImportFile:
    files = ImportFile.objects.visible_to(request.user).select_related("job", "actor")
    return get_object_or_404(files, public_id=public_id)


@require_GET
@require(is_office)
def import_detail(request: SignedInRequest, public_id: str) -> HttpResponse:
    """One file, at the step it is at: columns, check, import, result."""
    file = _file(request, public_id)
    return render(request, "crm/imports/detail.html", _context(request, file))


def _context(request: SignedInRequest, file: ImportFile) -> dict[str, Any]:
    kind = import_kinds[file.kind]
    job = file.job
    running = job is not None and not job.is_finished
    step = "result" if file.report else "running" if running else "check" if file.checked else "columns"
    if running:
        step = "running"
    elif not file.report and request.GET.get("step") == "columns":
        step = "columns"
    context: dict[str, Any] = {
        "file": file,
        "kind": kind,
        "job": job,
        "step": step,
        "steps": _steps(file, step),
        "may_import": is_marketer(request.user),
        "error": job.error if job is not None and job.state == Job.State.FAILED else "",
        "stopped": job is not None and job.state == Job.State.CANCELLED,
    }
    if step == "columns":
        context |= _columns_context(file, kind)
    elif step in {"check", "result"}:
        context |= _report_context(file.report or file.checked, kind)
    return context


def _steps(file: ImportFile, step: str) -> list[dict[str, Any]]:
    titles = {"file": _("File"), "columns": _("Columns"), "check": _("Preview"), "result": _("Result")}
    order = list(titles)
    now = order.index({"running": "result" if file.checked else "check"}.get(step, step))
    url = f"/imports/{file.public_id}/?step=columns"
    return [
        {
            "title": title,
            "state": "done" if n < now or file.report else "current" if n == now else "todo",
            "active": n == now,
            "url": url if code == "columns" and n < now and not file.report and step != "running" else "",
        }
        for n, (code, title) in enumerate(titles.items())
    ]


def _columns_context(file: ImportFile, kind: ImportKind) -> dict[str, Any]:
    reading = Reading.from_json(file.reading)
    columns, options = file.mapping["columns"], file.mapping["options"]
    names = {n: kind.field(code).title for code, n in columns.items()}
    rows = preview_rows(file)
    return {
        "reading": reading,
        "fields": [
            {
                "field": field,
                "column": columns.get(field.code),
                "sample": next((cells[columns[field.code]] for _n, cells in rows if field.code in columns), ""),
                "needed": field.required or any(field.code in group for group in kind.groups),
            }
            for field in kind.fields
        ],
        "headers": list(enumerate(reading.headers)),
        "rows": rows,
        "names": [names.get(n, "") for n in range(len(reading.headers))],
        "options": options,
        "rates_text": ", ".join(f"{code}={rate}" for code, rate in options.get("rates", {}).items()),
        "channels": Channel.objects.active(),
        "company": Company.get(),
    }


def _report_context(report: dict[str, Any], kind: ImportKind) -> dict[str, Any]:
    money = {"gross", "returns", "anonymous_net", "amount", "total"}
    said, unknown = (
        {**reading_sentences(), **kind.sentences()},
        _("Another reason: see the file of rejected rows."),
    )
    return {
        "report": report,
        "rejected_total": sum(report["rejected"].values()),
        "rejected": [{"code": code, "text": said.get(code, unknown), "count": count}
                     for code, count in sorted(report["rejected"].items(), key=lambda pair: -pair[1])],
        "figures": [
            {"label": label, "value": report[code], "money": code in money}
            for code, label in kind.figures if code in report
        ],
        "links": kind.result_links(report),
        "changes": report["imported"] + report["updated"],
    }  # fmt: skip


@require_POST
@require(is_marketer)
def import_columns(request: SignedInRequest, public_id: str) -> HttpResponse:
    """Settle the columns and have the file checked."""
    file = _file(request, public_id)
    columns = {
        name.removeprefix("column_"): number
        for name, value in request.POST.items()
        if name.startswith("column_") and (number := whole_number(str(value))) is not None
    }
    options: dict[str, Any] = {
        "source": request.POST.get("source", "").replace("\0", "").strip()[:40],
        "channel": request.POST.get("channel", ""),
    }
    if request.POST.get("date_order") in {"ymd", "dmy", "mdy"}:
        options["date_order"] = request.POST["date_order"]
        options["date_is_ambiguous"] = False
    if request.POST.get("decimal") in {".", ","}:
        options["decimal"] = request.POST["decimal"]
    try:
        options["rates"] = _rates(request.POST.get("rates", ""))
        import_map(file=file, columns=columns, options=options, actor=request.user)
        import_start(file=file, dry_run=True, actor=request.user)
    except DomainError as error:
        file.mapping = {"columns": columns, "options": {**file.mapping["options"], **options}}
        context = {**_context(request, file), "error": error.message, "step": "columns"}
        context |= _columns_context(file, import_kinds[file.kind])
        context |= {"rates_text": request.POST.get("rates", "")[:300], "rates_error": error.fields.get("rates", "")}
        return render(request, "crm/imports/detail.html", context, status=error.status)
    return redirect("import_detail", public_id)


def _rates(text: str) -> dict[str, str]:
    """`USD=0.92, GBP=1,17` as {currency: rate}. Raises DomainError `bad_rate`."""
    rates = {}
    for part in filter(None, (piece.strip() for piece in _BETWEEN_RATES.split(text))):
        code, _mark, rate = (piece.strip() for piece in part.partition("="))
        try:
            value = Decimal(rate.replace(",", "."))
            good = len(code) == 3 and code.isascii() and code.isalpha() and 0 < value < 10**9
        except (InvalidOperation, ValueError):
            good = False
        if not good:
            message = _("“%(text)s” is not a valid exchange rate. Use the format USD=0.92.") % {"text": part}
            raise DomainError(message, code="bad_rate", fields={"rates": message})
        rates[code.upper()] = str(value)
    return rates


@require_POST
@require(is_marketer)
def import_begin(request: SignedInRequest, public_id: str) -> HttpResponse:
    file = _file(request, public_id)
    import_start(file=file, dry_run=False, actor=request.user)
    return redirect("import_detail", public_id)


@require_POST
@require(is_marketer)
def import_stop(request: SignedInRequest, public_id: str) -> HttpResponse:
    file = _file(request, public_id)
    if file.job is not None and job_cancel(job=file.job):
        toast(request, _("Import cancelled. Nothing was imported."))
    return redirect("import_detail", public_id)


@require_GET
@require(is_office)
def import_progress(request: SignedInRequest, public_id: str) -> HttpResponse:
    """How far the work is; when it has ended the page is loaded anew."""
    file = _file(request, public_id)
    response = render(request, "crm/jobs/_progress.html", {"job": file.job, "url": request.path})
    if file.job is None or file.job.is_finished:
        response["HX-Refresh"] = "true"
    return response


@require_GET
@require(is_marketer)
def import_rejects(request: SignedInRequest, public_id: str) -> HttpResponseBase:
    file = _file(request, public_id)
    if not file.rejects:
        raise Http404
    name = f"{file.name.split('.')[0][:60]}-rejects.csv"
    return FileResponse(file.rejects.open("rb"), as_attachment=True, filename=name, content_type="text/csv")
