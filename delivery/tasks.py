"""The tasks of delivery, where Celery looks for them."""

from delivery.domains.tasks import check_domain_task, recheck_domains_task
from delivery.engine.tasks import deliver_task, freeze_task, send_test_task, tick_task, wake_task
from delivery.feedback.tasks import poll_mailbox_task, poll_mailboxes_task, sweep_soft_bounces_task
from delivery.sends.tasks import purge_task
from delivery.tracking.tasks import collect_events_task, event_partitions_task

__all__ = [
    "check_domain_task",
    "collect_events_task",
    "deliver_task",
    "event_partitions_task",
    "freeze_task",
    "poll_mailbox_task",
    "poll_mailboxes_task",
    "purge_task",
    "recheck_domains_task",
    "send_test_task",
    "sweep_soft_bounces_task",
    "tick_task",
    "wake_task",
]
