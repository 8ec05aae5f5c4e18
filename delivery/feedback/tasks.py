"""What Celery calls to read what came back. All of it may run twice."""

from celery import current_app, shared_task

from delivery.feedback.mailboxes import mailbox_poll, mailboxes_due
from delivery.feedback.services import soft_sweep


@shared_task(name="delivery.poll_mailboxes")
def poll_mailboxes_task() -> None:
    """A task for each mailbox, so that one that does not answer holds up no other."""
    for mailbox_id in mailboxes_due():
        current_app.send_task("delivery.poll_mailbox", kwargs={"mailbox_id": mailbox_id}, expires=120)


@shared_task(name="delivery.poll_mailbox")
def poll_mailbox_task(mailbox_id: int) -> None:
    mailbox_poll(mailbox_id=mailbox_id)


@shared_task(name="delivery.sweep_soft_bounces")
def sweep_soft_bounces_task() -> None:
    soft_sweep()
