"""An import from the file to the report: upload, mapping, dry run, import, and what happens when a worker dies."""

import hashlib
import shutil
import tempfile
from collections.abc import Iterable, Iterator, Mapping
from contextlib import contextmanager
from functools import partial
from itertools import islice
from pathlib import Path
from typing import IO, Any

from django.core.files import File
from django.core.files.base import ContentFile
from django.db import transaction
from django.utils import timezone, translation
from django.utils.translation import gettext as _

from accounts.audit.services import audit_record
from accounts.company.models import Company
from accounts.people.models import User
from core.errors import Conflict, DomainError
from core.locks import advisory_lock
from core.models import Job
from core.services.jobs import job_claim, job_fail, job_finish, job_start
from core.services.progress import JobCancelled, ProgressLine
from crm.imports.kinds import ImportKind, import_kinds
from crm.imports.mapping import mapping_check, mapping_guess
from crm.imports.models import ImportFile
from crm.imports.reading import CORRECTION_COLUMNS, Reading, read_rows, reading_detect
from crm.imports.run import FileRun
from crm.imports.values import DateOrders, Format, date_orders, decimal_mark
from crm.jobs.recovery import job_lock

MAX_UPLOAD_BYTES = 500 * 1024 * 1024
SUFFIXES = (".csv", ".csv.gz", ".txt", ".tsv", ".xlsx", ".gz")
SAMPLE_ROWS = 20_000
_NUMBERS = ("amount", "price", "quantity")


@contextmanager
def local_path(file: ImportFile) -> Iterator[Path]:
    """The uploaded file as a path on this machine, wherever uploads are stored."""
    try:
        yield Path(file.file.path)
    except NotImplementedError:
        with tempfile.NamedTemporaryFile(suffix=Path(file.name).suffix) as copy, file.file.open("rb") as stored:
            shutil.copyfileobj(stored, copy)
            copy.flush()
            yield Path(copy.name)


def import_upload(*, kind: ImportKind, name: str, content: IO[bytes], size: int, actor: User | None) -> ImportFile:
    """Keep an uploaded file and find out how to read it, with a first guess at its columns.

    Raises DomainError `file_type`, `file_too_large`, or what `reading_detect` raises; then nothing is kept.
    """
    if not name.lower().endswith(SUFFIXES):
        raise DomainError(_("Choose a CSV, .csv.gz or .xlsx file."), code="file_type")
    if size > MAX_UPLOAD_BYTES:
        raise DomainError(_("The file is larger than 500 MB. Compress it or split it."), code="file_too_large")
    file = ImportFile(kind=kind.code, name=name[-200:], actor=actor)
    file.file.save(name[-100:], File(content), save=False)
    try:
        with local_path(file) as path:
            reading = reading_detect(path)
            file.sha256 = _digest(path)
            file.reading = reading.as_json()
            file.mapping = {"columns": mapping_guess(kind, reading.headers), "options": {}}
            file.mapping["options"] = options_guess(file, path)
    except DomainError:
        file.file.delete(save=False)
        raise
    file.save()
    audit_record(actor=actor, action="import_upload", subject=file)
    return file


def options_guess(file: ImportFile, path: Path) -> dict[str, Any]:
    """How the file writes dates and numbers, from its first rows: `date_order`, `decimal`, and the source."""
    columns = file.mapping["columns"]
    reading = Reading.from_json(file.reading)
    rows = [cells for _number, cells in islice(read_rows(path, reading), SAMPLE_ROWS)]
    orders = _column_orders(rows, columns)
    texts = [
        cells[columns[code]] for code in _NUMBERS if code in columns for cells in rows if columns[code] < len(cells)
    ]
    kind = import_kinds[file.kind]
    return {
        "date_order": orders.guess,
        "date_is_ambiguous": orders.is_ambiguous,
        "decimal": decimal_mark(texts),
        "source": file.mapping["options"].get("source") or kind.default_source,
        "rates": file.mapping["options"].get("rates", {}),
        "channel": file.mapping["options"].get("channel", ""),
    }


def _column_orders(rows: Iterable[list[str]], columns: Mapping[str, int]) -> DateOrders:
    position = next((columns[code] for code in ("date", "day") if code in columns), None)
    if position is None:
        return DateOrders(dmy=False, mdy=False, seen=0)
    return date_orders(cells[position] for cells in rows if position < len(cells))


@transaction.atomic
def import_map(*, file: ImportFile, columns: Mapping[str, int], options: Mapping[str, Any], actor: User | None) -> None:
    """Settle which column holds what and how dates and numbers are written.

    Raises DomainError `column_missing`, `column_twice`, what the kind's `check` raises, or Conflict
    `import_is_running`.
    """
    _check_not_running(file)
    width = len(Reading.from_json(file.reading).headers)
    kind = import_kinds[file.kind]
    known = {field.code for field in kind.fields}
    chosen = {code: int(n) for code, n in columns.items() if code in known and 0 <= int(n) < width}
    mapping_check(kind, chosen)
    file.mapping = {"columns": chosen, "options": {**file.mapping.get("options", {}), **options}}
    kind.check(chosen, file.mapping["options"])
    file.checked = {}
    file.save(update_fields=["mapping", "checked"])


@transaction.atomic
def import_start(*, file: ImportFile, dry_run: bool, actor: User | None) -> Job:
    """Hand the file to the worker: a dry run counts, an import writes. Raises Conflict `import_is_running`."""
    _check_not_running(file)
    kind = import_kinds[file.kind]
    mapping_check(kind, file.mapping["columns"])
    kind.check(file.mapping["columns"], file.mapping["options"])
    job = job_start(
        kind="import_check" if dry_run else "import",
        task="crm.import_file",
        actor_id=actor.pk if actor else None,
        label=_("Checking %(name)s") % {"name": file.name}
        if dry_run
        else _("Importing %(name)s") % {"name": file.name},
        file_id=file.pk,
        dry_run=dry_run,
    )
    ImportFile.objects.filter(pk=file.pk).update(job=job)
    file.job = job
    audit_record(actor=actor, action="import_check" if dry_run else "import_start", subject=file)
    return job


def _check_not_running(file: ImportFile) -> None:
    if file.job_id and Job.objects.running().filter(pk=file.job_id).exists():
        raise Conflict(_("This file is being processed. Wait until the import has ended."), code="import_is_running")


def import_work(*, job_id: int) -> None:
    """Do what an import job asks for. A job that was taken before is left alone, so a task delivered twice is harmless.

    Runs outside any transaction; what it writes, it writes in one.
    """
    job = job_claim(job_id=job_id)
    if job is None:
        return
    file = ImportFile.objects.select_related("actor").get(pk=job.parameters["file_id"])
    with translation.override(_language(file.actor)), advisory_lock(job_lock(job)):
        try:
            with ProgressLine(job) as progress:
                import_run(file=file, dry_run=job.parameters["dry_run"], progress=progress)
        except JobCancelled:
            return
        except DomainError as error:
            job_fail(job=job, error=error.message)
            return
        except Exception:
            job_fail(job=job, error=_("Something went wrong on our side. Nothing was imported. Try again."))
            raise


def import_run(*, file: ImportFile, dry_run: bool, progress: ProgressLine) -> dict[str, Any]:
    """Read the file through its kind and keep the report and the rejects. One import of a kind runs at a time.

    What is written, the report and the end of the job stand or fall together: a job cancelled up to the last moment
    leaves nothing, one that has ended can no longer be cancelled. Raises Conflict `import_elsewhere`, JobCancelled,
    or what reading raises; nothing is written then.
    """
    kind = import_kinds[file.kind]
    with advisory_lock(f"import:{kind.code}") as mine:
        if not mine:
            raise Conflict(
                _(
                    "Another import of the same kind is running. Nothing was changed. "
                    "Start this import when the other import has ended."
                ),
                code="import_elsewhere",
            )
        with (
            local_path(file) as path,
            tempfile.TemporaryFile("w+", encoding="utf-8-sig", newline="") as rejects,
            transaction.atomic(),
        ):
            run = file_run(file, path, dry_run=dry_run, progress=progress, rejects=rejects)
            report = run.finish(kind.run(run))
            _save_result(file, run, report, rejects)
            if progress.job is not None and not job_finish(job=progress.job, result=report):
                raise JobCancelled
    return report


def file_run(file: ImportFile, path: Path, *, dry_run: bool, progress: ProgressLine, rejects: Any) -> FileRun:
    """The pass over a file as its mapping says."""
    options = file.mapping["options"]
    return FileRun(
        path=path,
        reading=Reading.from_json(file.reading),
        columns=file.mapping["columns"],
        format=Format(
            zone=Company.get().zone, date_order=options.get("date_order", "ymd"), decimal=options.get("decimal", ".")
        ),
        source=options.get("source") or import_kinds[file.kind].default_source,
        actor=file.actor,
        dry_run=dry_run,
        progress=progress,
        rejects_file=rejects,
        options={**options, "columns": file.mapping["columns"]},
    )


def _save_result(file: ImportFile, run: FileRun, report: dict[str, Any], rejects: Any) -> None:
    if file.rejects.name:
        transaction.on_commit(partial(file.rejects.storage.delete, file.rejects.name))
        file.rejects = ""
    if run.rejected:
        rejects.flush()
        rejects.seek(0)
        stem = file.name.split(".")[0][:60]
        file.rejects.save(f"{stem}-rejects.csv", ContentFile(rejects.buffer.read()), save=False)
    if run.dry_run:
        file.checked = report
    else:
        file.report, file.finished_at = report, timezone.now()
    file.save(update_fields=["checked", "report", "rejects", "finished_at"])
    if not run.dry_run:
        counts = {key: (None, report[key]) for key in ("rows", "imported", "updated")}
        audit_record(actor=file.actor, action="import_finish", subject=file, changes=counts)


def preview_rows(file: ImportFile, *, limit: int = 8) -> list[tuple[int, list[str]]]:
    """The first rows of a file, cut to its columns, with their numbers."""
    reading = Reading.from_json(file.reading)
    width = len(reading.headers)
    with local_path(file) as path:
        rows = list(islice(read_rows(path, reading), limit))
    return [(number, [*cells, *[""] * width][:width]) for number, cells in rows]


def _digest(path: Path) -> str:
    with path.open("rb") as stream:
        return hashlib.file_digest(stream, "sha256").hexdigest()


def _language(actor: User | None) -> str:
    return actor.language if actor else Company.get().language


__all__ = [
    "CORRECTION_COLUMNS", "import_map", "import_run", "import_start", "import_upload", "import_work",
    "preview_rows",
]  # fmt: skip
