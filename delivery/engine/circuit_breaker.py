"""When a mail server does not take our mail: wait, and stop the send with a reason people can read."""

from datetime import datetime, timedelta

from django.conf import settings
from django.db.models.functions import Coalesce, Now
from django.utils import timezone
from django.utils.translation import gettext as _

from accounts.company.models import Company
from core.errors import TransportError
from core.ui.dates import short_date
from delivery.sends.models import Batch, Send
from delivery.sends.services import send_stop
from delivery.transports.smtp import Answer

PAUSE = timedelta(seconds=3)


def server_failure_record(send: Send, error: TransportError) -> None:
    """Write down that the server is away and let its batches rest; stop the send when waiting is no use."""
    if error.permanent:
        send_stop(send_id=send.pk, reason=str(error))
        return
    running = Send.objects.filter(pk=send.pk, state=Send.State.SENDING)
    running.update(failing_since=Coalesce("failing_since", Now()), state_reason=str(error)[:300])
    send.refresh_from_db(fields=["failing_since", "state"])
    if send.failing_since and timezone.now() - send.failing_since > timedelta(
        seconds=settings.SENDING_STOP_AFTER_SECONDS
    ):
        words = _("The mail server has not accepted messages since %(time)s: %(error)s")
        send_stop(send_id=send.pk, reason=words % {"time": company_time_text(send.failing_since), "error": error})
        return
    later = timezone.now() + max(PAUSE, timedelta(seconds=error.wait))
    Batch.objects.filter(send=send, state=Batch.State.READY, due_at__lt=later).update(due_at=later)


def company_time_text(at: datetime) -> str:
    """A moment as the company's clocks show it, in words that stay."""
    there = timezone.localtime(at, Company.get().zone)
    return f"{short_date(there)}, {there:%H:%M %Z}"


def server_failure_clear(send: Send) -> None:
    Send.objects.filter(pk=send.pk, state=Send.State.SENDING).update(failing_since=None, state_reason="")
    send.failing_since = None


def sender_refused(answer: Answer) -> TransportError:
    """The server does not let us send from this address at all: no recipient is to blame."""
    words = _("The mail server does not accept the sender: %(answer)s")
    return TransportError(words % {"answer": f"{answer.code} {answer.text}"[:200]}, permanent=True)
