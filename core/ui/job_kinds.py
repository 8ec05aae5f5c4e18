"""What each kind of job is called and where its outcome is read; apps register theirs."""

from collections.abc import Callable
from dataclasses import dataclass

from django.utils.functional import Promise
from django.utils.translation import gettext as _

from core.models import Job
from core.registry import Registry


@dataclass(frozen=True)
class JobKind:
    """`code` is `Job.kind`. `title`: what is being done ("Importing orders"); `unit`: what is counted ("rows").

    `done_url` and `done_label`: where to go on when it is done; `result_template`: a partial that gets `job` and says
    what came of it; `back_url`: where to start again after a failure.
    """

    code: str
    title: str | Promise
    unit: str | Promise = ""
    done_url: Callable[[Job], str] | None = None
    done_label: str | Promise = ""
    result_template: str = ""
    back_url: Callable[[Job], str] | None = None


job_kinds: Registry[JobKind] = Registry("job kind")


def job_kind(job: Job) -> JobKind:
    """The registered kind of `job`, or a plain one."""
    return job_kinds.get(job.kind) or JobKind(job.kind, job.label or _("Background job"))
