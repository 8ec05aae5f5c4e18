"""When a mail server does not take our mail: wait, and stop the send with a reason people can read."""

from datetime import datetime, timedelta

from django.conf import settings
from django.db.models.functions import Coalesce, Now
from django.utils import timezone
from django.utils.translation import gettext as _

from accounts.company.models import Company
from campaigns.engine.smtp import Answer
from campaigns.models.sends import Batch, Send
from core.errors import TransportError
from core.ui.dates import short_date

PAUSE = timedelta(seconds=3)


def trouble_note(send: Send, error: TransportError) -> None:
    """Write down that the server is away and let its batches rest; stop the send when waiting is no use."""
    if error.permanent:
        stop(send, str(error))
        return
    running = Send.objects.filter(pk=send.pk, state=Send.State.SENDING)
    running.update(trouble_since=Coalesce("trouble_since", Now()), state_reason=str(error)[:300])
    send.refresh_from_db(fields=["trouble_since", "state"])
    if send.trouble_since and timezone.now() - send.trouble_since > timedelta(seconds=settings.SENDING_TROUBLE_SECONDS):
        stop(send, _("The mail server has not taken mail since %(time)s: %(error)s") % {
            "time": moment_of(send.trouble_since), "error": error,
        })  # fmt: skip
        return
    later = timezone.now() + max(PAUSE, timedelta(seconds=error.wait))
    Batch.objects.filter(send=send, state=Batch.State.READY, due_at__lt=later).update(due_at=later)


def moment_of(at: datetime) -> str:
    """A moment as the company's clocks show it, in words that stay."""
    there = timezone.localtime(at, Company.get().zone)
    return f"{short_date(there)}, {there:%H:%M %Z}"


def trouble_over(send: Send) -> None:
    Send.objects.filter(pk=send.pk, state=Send.State.SENDING).update(trouble_since=None, state_reason="")
    send.trouble_since = None


def sender_refused(answer: Answer) -> TransportError:
    """The server does not let us send from this address at all: no recipient is to blame."""
    words = _("The mail server does not accept the sender: %(answer)s")
    return TransportError(words % {"answer": f"{answer.code} {answer.text}"[:200]}, permanent=True)


def stop(send: Send, reason: str) -> None:
    """The circuit breaker: nothing more leaves until a person resumes it."""
    Send.objects.filter(pk=send.pk, state=Send.State.SENDING).update(
        state=Send.State.STOPPED, state_reason=reason[:300]
    )
