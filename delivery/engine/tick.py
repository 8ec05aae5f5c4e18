"""What beat does every few seconds: due times live in Postgres, and this finds them. Two ticks change nothing."""

from datetime import timedelta

import redis
import structlog
from celery import current_app
from django.conf import settings
from django.utils import timezone

from core.errors import Conflict
from core.locks import advisory_lock
from delivery.engine.recover import claims_recover
from delivery.engine.stale import send_heartbeat, sends_stop_stale
from delivery.engine.throttle import shared
from delivery.feedback.thresholds import feedback_watch
from delivery.guardrails.models import SendingPolicy
from delivery.sends.models import Batch, Send
from delivery.sends.services import send_finish, send_hold_late, send_start

log = structlog.get_logger(__name__)

TICK_LOCK = "delivery.tick"
FREEZE_AGAIN = timedelta(seconds=60)


def tick() -> None:
    """Start what is due, close out what died, finish what is done, and wake workers for the rest."""
    with advisory_lock(TICK_LOCK) as held:
        if not held:
            return
        sends_stop_stale()
        _start_due()
        _freeze_again()
        claims_recover()
        feedback_watch()
        for send_id in Send.objects.filter(state=Send.State.SENDING).values_list("pk", flat=True):
            if send_heartbeat(send_id=send_id) and not send_finish(send_id=send_id):
                wake(send_id)


def wake(send_id: int) -> int:
    """Ask workers to deliver a send that has batches due; how many were asked. Those already at it are not."""
    ready = Batch.objects.claimable().filter(send_id=send_id)[: settings.SENDING_WORKERS].count()
    asked = 0
    for slot in range(ready):
        if slot_take(send_id, slot):
            current_app.send_task("delivery.deliver", kwargs={"send_id": send_id, "slot": slot})
            asked += 1
    return asked


def slot_take(send_id: int, slot: int, *, again: bool = False) -> bool:
    """Take one of a send's places for workers for one run. Only saves work: two workers in one place are safe."""
    try:
        key = f"cauce:deliver:{send_id}:{slot}"
        return bool(shared().set(key, 1, nx=not again, ex=settings.SENDING_RUN_SECONDS + 5))
    except redis.RedisError:
        return True


def slot_free(send_id: int, slot: int) -> None:
    try:
        shared().delete(f"cauce:deliver:{send_id}:{slot}")
    except redis.RedisError as error:
        log.warning("slot_not_freed", send=send_id, error=str(error))


def _start_due() -> None:
    """Start what is scheduled for now; what is too late asks first."""
    grace = SendingPolicy.get().grace
    for send in Send.objects.due():
        if send.scheduled_at and timezone.now() - send.scheduled_at > grace:
            send_hold_late(send_id=send.pk)
            continue
        try:
            send_start(send=send, actor=send.launched_by)
        except Conflict:
            log.info("send_started_elsewhere", send=send.pk)


def _freeze_again() -> None:
    """A freeze whose worker died is asked for again."""
    stale = Send.objects.filter(state=Send.State.FREEZING, launched_at__lt=timezone.now() - FREEZE_AGAIN)
    for send_id in stale.values_list("pk", flat=True):
        current_app.send_task("delivery.freeze", kwargs={"send_id": send_id})
