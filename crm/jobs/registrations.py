"""Looking for jobs whose worker died, every minute."""

from typing import Any

BEAT: dict[str, dict[str, Any]] = {
    "crm-recover-jobs": {"task": "crm.recover_jobs", "schedule": 60.0},
}
