"""What core offers to the rest: its tasks and its clock."""

from typing import Any

from core.mail import tasks  # noqa: F401

BEAT: dict[str, dict[str, Any]] = {
    "core.mail_retry": {"task": "core.mail_retry", "schedule": 60.0},
}
