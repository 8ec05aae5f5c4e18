"""The heartbeat of running sends: a send without one for long is stale, and a person decides before it goes on.

After hours without power, or when a backup was restored, the database lists recipients as waiting who may have got the
mail long ago, or who should not get it at this hour.
"""

from datetime import timedelta

from django.utils import timezone
from django.utils.translation import gettext as _

from delivery.engine.circuit_breaker import company_time_text
from delivery.guardrails.models import SendingPolicy
from delivery.sends.models import Send
from delivery.sends.services import send_stop

MIN_STALE_AFTER = timedelta(minutes=10)


def send_heartbeat(*, send_id: int) -> bool:
    """Record the heartbeat of a running send; False when it is not running, or is stale."""
    running = Send.objects.filter(pk=send_id, state=Send.State.SENDING)
    return bool(running.exclude(pk__in=Send.objects.stale(stale_after())).update(heartbeat_at=timezone.now()))


def sends_stop_stale() -> int:
    """Stop every stale send, with the reason; how many."""
    count = 0
    for send in Send.objects.stale(stale_after()):
        reason = _(
            "The system stopped sending after %(time)s. Sending waits until you resume. If a backup was "
            "restored, contacts who got the message after that time would get it again."
        )
        since = send.heartbeat_at or send.launched_at or timezone.now()
        count += send_stop(send_id=send.pk, reason=reason % {"time": company_time_text(since)})
    return count


def stale_after() -> timedelta:
    """As long as a start may be late; ten minutes at least, so that a restart makes no send stale."""
    return max(SendingPolicy.get().grace, MIN_STALE_AFTER)
