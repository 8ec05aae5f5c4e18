"""What core offers to the rest: its tasks and its clock."""

from typing import Any

from core.job_metrics import job_metrics
from core.mail import tasks  # noqa: F401
from core.mail.metrics import transactional_mail_metrics
from core.mail.transactional import mails_hold
from core.metrics import MetricSource, metric_sources
from core.restored import RestoreHold, restore_holds

metric_sources.register(MetricSource("jobs", job_metrics))
metric_sources.register(MetricSource("transactional_mail", transactional_mail_metrics))
restore_holds.register(RestoreHold("transactional_mail", mails_hold))

BEAT: dict[str, dict[str, Any]] = {
    "core.mail_retry": {"task": "core.mail_retry", "schedule": 60.0},
}
