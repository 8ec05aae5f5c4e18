"""What pages of any send show and do: its progress, and sending again."""

from typing import Any

from django.db.models import QuerySet
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from accounts.access import SignedInRequest
from core.ui.messages import toast
from crm.contacts.models import Contact
from delivery.domains.services.warm_up import Outlook, warmup_outlook
from delivery.sends.forms import CountForm, RestoredForm
from delivery.sends.launch import send_resume_checked
from delivery.sends.models import Send
from delivery.sends.queries import Progress, send_progress
from delivery.sends.recipients_table import reason_label
from delivery.sends.restored import restored_decide, restored_of
from delivery.sends.services import resend_unknown, retry_failed
from delivery.sends.states import BEFORE_START, UNDER_WAY

WATCHED = {*UNDER_WAY, Send.State.SCHEDULED}


def resume_with_toast(request: SignedInRequest, send: Send) -> None:
    """Go on with a paused or stopped send, or decide about one that came back with a backup, and say so."""
    if send.backup_taken_at is None:
        send_resume_checked(send=send, actor=request.user)
        toast(request, _("Sending resumed."))
        return
    as_unknown, expected = RestoredForm.decided(request.POST)
    send = restored_decide(send=send, actor=request.user, as_unknown=as_unknown, expected=expected)
    if as_unknown:
        text = ngettext("%(count)s contact recorded as unknown.", "%(count)s contacts recorded as unknown.", expected)
        toast(request, text % {"count": expected})
    elif send.state == Send.State.SENDING:
        toast(request, _("Sending resumed."))
    elif send.state == Send.State.SCHEDULED:
        toast(request, _("Scheduled, as it was in the backup."))
    else:
        toast(request, _("Nothing was sent. Start or reschedule the send."))


def retry_failed_with_toast(request: SignedInRequest, send: Send, people: "QuerySet[Contact] | None" = None) -> None:
    """Try the failed again, as many as the person confirmed, and say so; a campaign's or a letter's."""
    count = retry_failed(send=send, actor=request.user, expected=CountForm.of(request.POST), people=people)
    text = ngettext("Retrying %(count)s failed message.", "Retrying %(count)s failed messages.", count)
    toast(request, text % {"count": count})


def resend_unknown_with_toast(request: SignedInRequest, send: Send, people: "QuerySet[Contact] | None" = None) -> None:
    """Send again to the unknown, as many as the person confirmed, and say so; a campaign's or a letter's."""
    count = resend_unknown(send=send, actor=request.user, expected=CountForm.of(request.POST), people=people)
    text = ngettext("Resending %(count)s message.", "Resending %(count)s messages.", count)
    toast(request, text % {"count": count})


def progress_context(send: Send) -> dict[str, Any]:
    """Progress with its states in words, for the campaign's page and the letter's."""
    restored = restored_of(send)
    if send.audience is None and send.state in BEFORE_START:
        return {"progress": None, "is_live": send.state == Send.State.SCHEDULED, "restored": restored}
    progress = send_progress(send)
    skips = [(reason_label(reason), count) for reason, count in sorted(progress.skips.items())]
    return {
        "progress": progress,
        "is_live": send.state in WATCHED and restored is None,
        "skips": skips,
        "left": progress.waiting + progress.claimed + progress.deferred,
        "outlook": _resting(send, progress),
        "is_over": send.state not in WATCHED,
        "restored": restored,
    }


def _resting(send: Send, progress: Progress) -> Outlook | None:
    """When the rest goes on, while the sender's domain is warming up and today is not enough for it."""
    if send.state != Send.State.SENDING:
        return None
    outlook = warmup_outlook(send.identity, progress.waiting + progress.claimed + progress.deferred)
    return outlook if outlook is not None and outlook.days else None
