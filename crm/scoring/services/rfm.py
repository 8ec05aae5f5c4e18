"""Scoring the whole base by recency, frequency and monetary value, and the segments made of the scores.

The method is that of the R package rfm, whose published scores it reproduces: an edge is the value at which the next
band begins, one unit (day, order, unit of money) above a linear .2 .4 .6 .8 quantile of the customers who bought; a
score is one plus the number of edges the value has reached, reversed for recency. Equal values always get equal
scores.
"""

import csv
import io
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from typing import TYPE_CHECKING, Any, TextIO

from django.db import connection, transaction
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
from core.spreadsheets import safe_cell
from crm.contacts.lifecycle import stages_after_scoring
from crm.jobs.recovery import job_lock
from crm.sales.models import Order
from crm.scoring.models import RfmRun, RfmScore, RfmSegment

if TYPE_CHECKING:
    import numpy as np
    import pandas as pd

SHARD = 50_000
QUANTILES = (0.2, 0.4, 0.6, 0.8)
MEASURES = ("recency", "frequency", "monetary")
ALL_CELLS = frozenset(f"{r}{f}{m}" for r in range(1, 6) for f in range(1, 6) for m in range(1, 6))

# Who bought what up to the end of the day `as_of` in the company's zone; archived people are left out.
AGGREGATE = """
DROP TABLE IF EXISTS rfm_base;
CREATE TEMPORARY TABLE rfm_base AS
SELECT o.contact_id, %(as_of)s::date - (max(o.placed_at) AT TIME ZONE %(zone)s)::date AS recency,
       count(*)::int AS frequency, round(sum(o.gross * o.rate), 2) AS monetary
FROM crm_order o JOIN crm_contact c ON c.id = o.contact_id AND c.archived_at IS NULL
WHERE o.kind = 'sale' AND o.gross > 0 AND o.placed_at < (%(as_of)s::date + 1)::timestamp AT TIME ZONE %(zone)s
GROUP BY o.contact_id
"""
REPLACE = """
DELETE FROM crm_rfmscore;
INSERT INTO crm_rfmscore (contact_id, run_id, recency_days, frequency, monetary, r, f, m, segment_id)
SELECT s.contact_id, %(run)s, s.recency, s.frequency, s.monetary, s.r, s.f, s.m, g.id
FROM rfm_scored s JOIN (
  SELECT id, jsonb_array_elements_text(cells) AS cell FROM crm_rfmsegment) g
  ON g.cell = s.r::text || s.f::text || s.m::text
"""
FADING_SEGMENTS = ("cannot_lose", "at_risk", "hibernating")
GONE_SEGMENTS = ("lost",)
SCORES = """
SELECT s.contact_id, s.recency_days AS days, g.code IN ({fading}) AS is_fading, g.code IN ({gone}) AS is_gone
FROM crm_rfmscore s JOIN crm_rfmsegment g ON g.id = s.segment_id
"""
REASSIGN = """
UPDATE crm_rfmscore s SET segment_id = g.id
FROM (SELECT id, jsonb_array_elements_text(cells) AS cell FROM crm_rfmsegment) g
WHERE g.cell = s.r::text || s.f::text || s.m::text AND s.segment_id <> g.id
"""


@dataclass(frozen=True)
class RfmResult:
    """What a scoring found; `message` says what is odd about it ("only one customer"), empty when nothing is."""

    as_of: date
    customers: int
    edges: Mapping[str, list[float]] | None
    message: str = ""

    def as_json(self) -> dict[str, Any]:
        edges = None if self.edges is None else {name: [_plain(edge) for edge in self.edges[name]] for name in MEASURES}
        data = {"as_of": self.as_of.isoformat(), "customers": self.customers, "edges": edges}
        return {**data, "message": self.message} if self.message else data


def rfm_default_as_of() -> date | None:
    """The day after the last order of a customer, by the company's calendar; None without orders. Never the clock."""
    newest = Order.objects.of_customers().order_by("-placed_at").values_list("placed_at", flat=True).first()
    return newest.astimezone(Company.get().zone).date() + timedelta(days=1) if newest else None


def rfm_score(*, as_of: date | None = None, progress: ProgressLine | None = None) -> RfmResult:
    """Score every customer as of the end of a day and replace the scores as a whole; the job ends with them.

    As of the day after the last order (the default), customers who stay away become at risk or lost, see
    `crm.contacts.lifecycle`.

    Raises Conflict `rfm_is_running`, JobCancelled, DomainError `no_customers` or `rfm_cells_not_covered`; the scores
    stay as they were then.
    """
    progress = progress or ProgressLine(None)
    with advisory_lock("rfm") as mine:
        if not mine:
            raise _running()
        newest = rfm_default_as_of()
        day = as_of or newest
        if day is None:
            raise _no_customers(None)
        with transaction.atomic():
            result = _score(day, progress)
            if day == newest:
                _stages_update(day)
            if progress.job is not None and not job_finish(job=progress.job, result=result.as_json()):
                raise JobCancelled
        return result


def _stages_update(day: date) -> None:
    end = datetime.combine(day + timedelta(days=1), time.min, Company.get().zone)
    scores = SCORES.format(fading=_codes(FADING_SEGMENTS), gone=_codes(GONE_SEGMENTS))
    stages_after_scoring(scores=scores, at=min(end, timezone.now()))


def _codes(segments: Sequence[str]) -> str:
    return ", ".join(f"'{code}'" for code in segments)


def _running() -> Conflict:
    return Conflict(_("Scoring is already running. Wait until scoring has ended."), code="rfm_is_running")


def _no_customers(day: date | None) -> DomainError:
    if day is None:
        return DomainError(_("No purchases yet. Import orders first."), code="no_customers")
    return DomainError(
        _("No purchases up to %(day)s. Choose a later date or import orders.") % {"day": day.isoformat()},
        code="no_customers",
    )


def _score(day: date, progress: ProgressLine) -> RfmResult:
    started = timezone.now()
    cells_check({segment.code: segment.cells for segment in RfmSegment.objects.all()})
    progress.tell(step=_("Calculating the purchases of each customer"))
    with connection.cursor() as cursor:
        cursor.execute(AGGREGATE, {"as_of": day, "zone": Company.get().time_zone})
    import pandas as pd  # here: eighty megabytes that a worker which sends mail does not need

    base = pd.concat(list(_shards()), ignore_index=True)
    if base.empty:
        raise _no_customers(day)
    edges = {name: rfm_edges(base[name].to_numpy(dtype=float)) for name in MEASURES}
    progress.tell(done=0, total=len(base), step=_("Scoring customers"))
    with connection.cursor() as cursor:
        cursor.execute(
            "DROP TABLE IF EXISTS rfm_scored; CREATE TEMPORARY TABLE rfm_scored (contact_id bigint, recency int,"
            " frequency int, monetary numeric(14,2), r smallint, f smallint, m smallint)"
        )
        for start in range(0, len(base), SHARD):
            shard = base.iloc[start : start + SHARD]
            _copy(cursor, rfm_scores(shard, edges))
            progress.tell(done=min(start + SHARD, len(base)))
        run = RfmRun.objects.create(
            as_of=day, edges=edges, customers=len(base), started_at=started, finished_at=timezone.now()
        )
        cursor.execute(REPLACE, {"run": run.pk})
        cursor.execute("DROP TABLE rfm_base, rfm_scored")
    message = ""
    if len(base) == 1:
        message = _(
            "Only one customer has bought. Scores compare customers with "
            "each other, so at least two customers are needed."
        )
    return RfmResult(day, len(base), edges, message)


def _shards() -> Iterator["pd.DataFrame"]:
    """What each customer bought, a shard of customers at a time, so that Python never holds all rows as objects."""
    import pandas as pd

    last = 0
    columns = ["contact_id", "recency", "frequency", "monetary"]
    with connection.cursor() as cursor:
        while True:
            cursor.execute(
                "SELECT contact_id, recency, frequency, monetary::float8 FROM rfm_base WHERE contact_id > %s"
                " ORDER BY contact_id LIMIT %s",
                [last, SHARD],
            )
            rows = cursor.fetchall()
            shard = pd.DataFrame(rows, columns=columns).astype(
                {"contact_id": "int64", "recency": "int64", "frequency": "int64", "monetary": "float64"}
            )
            yield shard
            if len(rows) < SHARD:
                return
            last = rows[-1][0]


def rfm_edges(values: "np.ndarray[Any, np.dtype[np.float64]]") -> list[float]:
    """Where each next band begins: one above the linear .2 .4 .6 .8 quantiles, to a millionth."""
    import numpy as np

    return [round(float(edge) + 1, 6) for edge in np.quantile(values, QUANTILES, method="linear")]


def rfm_scores(base: "pd.DataFrame", edges: Mapping[str, Sequence[float]]) -> "pd.DataFrame":
    """Add the scores r, f, m (1 to 5, 5 is best) to rows of contact_id, recency, frequency, monetary."""
    import numpy as np

    reached = {
        name: np.searchsorted(edges[name], base[name].round(6).to_numpy(dtype=float), side="right") for name in MEASURES
    }
    return base.assign(r=5 - reached["recency"], f=1 + reached["frequency"], m=1 + reached["monetary"])


def _copy(cursor: Any, scored: "pd.DataFrame") -> None:
    buffer = io.StringIO()
    scored.to_csv(buffer, index=False, header=False)
    buffer.seek(0)
    cursor.copy_expert("COPY rfm_scored FROM STDIN WITH (FORMAT csv)", buffer)


def _plain(edge: float) -> float | int:
    return int(edge) if edge == int(edge) else edge


def rfm_start(*, actor: User, as_of: date | None = None) -> Job:
    """Hand a scoring to the worker. Raises Conflict `rfm_is_running` when one is waiting or running."""
    if Job.objects.running().filter(kind="rfm").exists():
        raise _running()
    job = job_start(
        kind="rfm",
        task="crm.score_rfm",
        actor_id=actor.pk,
        label=_("Scoring customers"),
        as_of=as_of.isoformat() if as_of else None,
        language=actor.language,
    )
    audit_record(actor=actor, action="rfm_start", subject=job)
    return job


def rfm_work(*, job_id: int) -> None:
    """Do a scoring job; a job that was taken before is left alone."""
    job = job_claim(job_id=job_id)
    if job is None:
        return
    as_of = job.parameters.get("as_of")
    language = job.parameters.get("language") or Company.get().language
    with translation.override(language), advisory_lock(job_lock(job)):
        try:
            with ProgressLine(job) as progress:
                rfm_score(as_of=date.fromisoformat(as_of) if as_of else None, progress=progress)
        except JobCancelled:
            return
        except DomainError as error:
            job_fail(job=job, error=error.message)
            return
        except Exception:
            job_fail(job=job, error=_("Something went wrong on our side. The scores were not changed."))
            raise


def rfm_nightly() -> RfmResult | None:
    """Score once per company day, after one in the morning there; called every half hour. None when not due."""
    local = timezone.now().astimezone(Company.get().zone)
    midnight = local.replace(hour=0, minute=0, second=0, microsecond=0)
    if local.hour < 1 or RfmRun.objects.filter(finished_at__gte=midnight).exists():
        return None
    try:
        return rfm_score()
    except DomainError:
        return None


def rfm_export(*, to: TextIO) -> int:
    """Write `customer, r, f, m` of the newest run as CSV; a customer by number, else address, else public id."""
    query = """
      SELECT coalesce((SELECT min(i.external_id) FROM crm_contactidentity i WHERE i.contact_id = c.id),
                      nullif(c.email, ''), c.public_id) AS customer, s.r, s.f, s.m
      FROM crm_rfmscore s JOIN crm_contact c ON c.id = s.contact_id ORDER BY 1
    """
    writer, count = csv.writer(to), 0
    writer.writerow(["customer", "r", "f", "m"])
    with connection.cursor() as cursor:
        cursor.execute(query)
        while rows := cursor.fetchmany(5_000):
            count += len(rows)
            writer.writerows([safe_cell(customer), r, f, m] for customer, r, f, m in rows)
    return count


def cells_check(cells_by_code: Mapping[str, Sequence[str]]) -> None:
    """Raises DomainError `rfm_cells_not_covered` unless the segments cover all 125 cells, each once."""
    listed = [cell for cells in cells_by_code.values() for cell in cells]
    twice = sorted({cell for cell in listed if listed.count(cell) > 1}) if len(set(listed)) < len(listed) else []
    wrong = sorted(set(listed) - ALL_CELLS)
    missing = sorted(ALL_CELLS - set(listed))
    if not (twice or wrong or missing):
        return
    what = {"missing": missing, "twice": twice, "unknown": wrong}
    detail = "; ".join(f"{name} {', '.join(cells[:6])}" for name, cells in _named(what) if cells)
    raise DomainError(
        _("The segments must cover each of the 125 combinations exactly once (%(detail)s).") % {"detail": detail},
        code="rfm_cells_not_covered",
    )


def _named(what: Mapping[str, list[str]]) -> list[tuple[str, list[str]]]:
    names = {"missing": _("in no segment:"), "twice": _("in two segments:"), "unknown": _("unknown:")}
    return [(names[key], cells) for key, cells in what.items()]


def place_cells(recency: int, worth: int) -> list[str]:
    """The cells of one place of the map: a recency and a worth, the mean of F and M rounded up."""
    pairs = ((f, m) for f in range(1, 6) for m in range(1, 6) if (f + m + 1) // 2 == worth)
    return [f"{recency}{f}{m}" for f, m in pairs]


@transaction.atomic
def rfm_segments_save(
    *, places: Mapping[tuple[int, int], str], texts: Mapping[str, tuple[str, str]], actor: User
) -> None:
    """Redraw the map: `places` gives each (recency, worth) of the 25 its segment's code, `texts` the (name, advice)
    of each code. The scores stay; customers move to their segment at once.

    Raises DomainError `rfm_cells_not_covered` or `rfm_name_missing`.
    """
    segments = {segment.code: segment for segment in RfmSegment.objects.select_for_update()}
    cells: dict[str, list[str]] = {code: [] for code in segments}
    for (recency, worth), code in places.items():
        if code in cells:
            cells[code] += place_cells(recency, worth)
    cells_check(cells)
    for code, segment in segments.items():
        name, advice = texts.get(code, (segment.name, segment.advice))
        if not name.strip():
            raise DomainError(_("Every segment needs a name."), code="rfm_name_missing")
        before = {name: getattr(segment, name) for name in ("name", "advice", "cells")}
        # The names that came with the product are stored in English and translated when shown.
        if name.strip() != str(segment):
            segment.name = name.strip()[:60]
        if advice.strip() != _(segment.advice):
            segment.advice = advice.strip()[:200]
        segment.cells = sorted(cells[code])
        changed = {name: (value, getattr(segment, name)) for name, value in before.items()}
        if changes := {name: pair for name, pair in changed.items() if pair[0] != pair[1]}:
            segment.save()
            audit_record(actor=actor, action="rfm_segments_save", subject=segment, changes=changes)
    with connection.cursor() as cursor:
        cursor.execute(REASSIGN)


def rfm_of(contact_id: int) -> RfmScore | None:
    """A customer's scores in the newest run."""
    return RfmScore.objects.select_related("segment", "run").filter(contact_id=contact_id).first()
