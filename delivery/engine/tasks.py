"""What Celery calls of the engine: ids in, one call each. All of it may run twice."""

from celery import Task, current_app, shared_task

from delivery.engine.deliver import deliver
from delivery.engine.prepare import send_prepare
from delivery.engine.test_messages import deliver_test_message
from delivery.engine.tick import slot_free, slot_take, tick, wake
from delivery.sends.services import send_finish


@shared_task(name="delivery.tick")
def tick_task() -> None:
    tick()


@shared_task(name="delivery.freeze")
def freeze_task(send_id: int) -> None:
    if send_prepare(send_id=send_id):
        wake(send_id)


@shared_task(name="delivery.wake")
def wake_task(send_id: int) -> None:
    wake(send_id)


@shared_task(name="delivery.deliver")
def deliver_task(send_id: int, slot: int = 0) -> None:
    """One run, then another in a task of its own, so that many sends share the workers."""
    slot_take(send_id, slot, again=True)
    if deliver(send_id=send_id):
        current_app.send_task("delivery.deliver", kwargs={"send_id": send_id, "slot": slot})
    else:
        slot_free(send_id, slot)
        send_finish(send_id=send_id)


@shared_task(bind=True, name="delivery.send_test", max_retries=4)
def send_test_task(self: "Task[..., None]", test_message_id: int) -> None:
    """A mail server that does not answer, or asks for patience, is asked again four times within two minutes."""
    if deliver_test_message(test_message_id=test_message_id, is_last=self.request.retries >= 4):
        raise self.retry(countdown=5 * 2**self.request.retries)
