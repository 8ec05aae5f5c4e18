"""Keeping sends under way in sight: one that was out of sight for long asks before it goes on.

After hours without power, or when a backup is restored, the database says that people wait who may have got the mail
long ago, or who should not get it at this hour.
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
    """Note that a running send is in sight; False when it is not running, or was out of sight for too long."""
    running = Send.objects.filter(pk=send_id, state=Send.State.SENDING)
    return bool(running.exclude(pk__in=Send.objects.out_of_sight(stale_after())).update(seen_at=timezone.now()))


def sends_stop_stale() -> int:
    """Stop what was out of sight for too long, with the reason; how many."""
    count = 0
    for send in Send.objects.out_of_sight(stale_after()):
        reason = _(
            "Nothing left after %(time)s: the system was not running. Nothing more leaves until you resume it. If a "
            "backup was restored, whoever got it after that time would get it again."
        )
        since = send.seen_at or send.launched_at or timezone.now()
        count += send_stop(send_id=send.pk, reason=reason % {"time": company_time_text(since)})
    return count


def stale_after() -> timedelta:
    """As long as a start may be late; ten minutes at least, so that a restart is none."""
    return max(SendingPolicy.get().grace, MIN_STALE_AFTER)
