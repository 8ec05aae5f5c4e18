"""What Celery calls: ids in, one call of the engine. All of it may run twice."""

from celery import Task, current_app, shared_task

from campaigns.engine.deliver import deliver
from campaigns.engine.launch import send_prepare
from campaigns.engine.partitions import event_partitions_make
from campaigns.engine.tick import slot_free, slot_take, tick, wake
from campaigns.engine.trial import trial_deliver
from campaigns.services.bounces import soft_sweep
from campaigns.services.deliverability import domain_check_run, domains_recheck
from campaigns.services.mailboxes import mailbox_poll, mailboxes_due
from campaigns.services.previews import trials_let_go
from campaigns.services.retention import let_go
from campaigns.services.sends import send_finish
from campaigns.tracking.collect import events_collect


@shared_task(name="campaigns.tick")
def tick_task() -> None:
    tick()


@shared_task(name="campaigns.freeze")
def freeze_task(send_id: int) -> None:
    if send_prepare(send_id=send_id):
        wake(send_id)


@shared_task(name="campaigns.wake")
def wake_task(send_id: int) -> None:
    wake(send_id)


@shared_task(name="campaigns.deliver")
def deliver_task(send_id: int, slot: int = 0) -> None:
    """One run, then another in a task of its own, so that many sends share the workers."""
    slot_take(send_id, slot, again=True)
    if deliver(send_id=send_id):
        current_app.send_task("campaigns.deliver", kwargs={"send_id": send_id, "slot": slot})
    else:
        slot_free(send_id, slot)
        send_finish(send_id=send_id)


@shared_task(name="campaigns.let_go")
def let_go_task() -> None:
    let_go()
    trials_let_go()


@shared_task(name="campaigns.event_partitions")
def event_partitions_task() -> None:
    event_partitions_make()


@shared_task(bind=True, name="campaigns.send_test", max_retries=4)
def send_test_task(self: "Task[..., None]", trial_id: int) -> None:
    """A mail server that does not answer, or asks for patience, is asked again four times within two minutes."""
    if trial_deliver(trial_id=trial_id, is_last=self.request.retries >= 4):
        raise self.retry(countdown=5 * 2**self.request.retries)


@shared_task(name="campaigns.collect_events")
def collect_events_task() -> None:
    events_collect()


@shared_task(name="campaigns.poll_mailboxes")
def poll_mailboxes_task() -> None:
    """A task for each mailbox, so that one that does not answer holds up no other."""
    for mailbox_id in mailboxes_due():
        current_app.send_task("campaigns.poll_mailbox", kwargs={"mailbox_id": mailbox_id}, expires=120)


@shared_task(name="campaigns.poll_mailbox")
def poll_mailbox_task(mailbox_id: int) -> None:
    mailbox_poll(mailbox_id=mailbox_id)


@shared_task(name="campaigns.sweep_soft_bounces")
def sweep_soft_bounces_task() -> None:
    soft_sweep()


@shared_task(name="campaigns.check_domain")
def check_domain_task(job_id: int) -> None:
    domain_check_run(job_id=job_id)


@shared_task(name="campaigns.recheck_domains")
def recheck_domains_task() -> None:
    domains_recheck()
