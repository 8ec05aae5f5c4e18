"""Starting, pausing, resuming and ending a send, and the two explicit ways to send again.

Every change is a conditional update; the engine notices within a batch. Nothing here sends: workers do.
"""

from typing import Any

from django.db import transaction
from django.db.models import Count, F, QuerySet, Sum
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from accounts.audit.services import audit_record
from accounts.people.models import User
from core.errors import Conflict
from core.tasks import enqueue
from crm.contacts.models import Contact
from delivery.engine.ledger import ledger_skip_waiting, ledger_unknown_waiting
from delivery.sends import states
from delivery.sends.authors import author_of
from delivery.sends.models import Batch, Delivery, Send
from delivery.sends.states import Transition


def require_editable(send: Send) -> Send:
    """The send, locked for the rest of the transaction. Raises Conflict `send_is_fixed` once it was launched."""
    locked = Send.objects.select_for_update().get(pk=send.pk)
    if locked.state != Send.State.DRAFT:
        raise Conflict(
            _("This campaign was launched and can no longer be changed. Return it to draft first, or duplicate it."),
            code="send_is_fixed",
        )
    return locked


RESTORED = "restored"  # why a delivery is unknown: the send came back with a backup


def require_decided(send: Send) -> None:
    """Raises Conflict `restored_undecided` while contacts may have received a restored send without this installation
    knowing, and nobody decided about them."""
    if send.backup_taken_at:
        message = _(
            "This was restored from a backup, and contacts may have received it since. Decide about them on its page."
        )
        raise Conflict(message, code="restored_undecided")


def send_start(*, send: Send, actor: User | None) -> Send:
    """Start a send that waits for its time or for a decision: its audience is frozen in the background and the first
    batches leave. Raises Conflict `send_not_running`."""
    _require(send, states.START, actor, launched_at=timezone.now(), launched_by=actor or send.launched_by)
    enqueue("delivery.freeze", send_id=send.pk)
    return send


def send_pause(*, send: Send, actor: User) -> Send:
    """Hold a send: what is on the wire ends, nothing new leaves. Raises Conflict `send_not_running`."""
    return _require(send, states.PAUSE, actor)


def send_resume(*, send: Send, actor: User) -> Send:
    """Go on with a send that was paused or stopped, where it left off. Raises Conflict `send_not_running`,
    `restored_undecided`."""
    require_decided(send)
    if send.audience is None:
        return send_start(send=send, actor=actor)
    _require(send, states.RESUME, actor)
    enqueue("delivery.wake", send_id=send.pk)
    return send


@transaction.atomic
def send_cancel(*, send: Send, actor: User, expected: int | None = None) -> Send:
    """End a send for good: recipients that still wait are skipped; `expected` is how many the person was shown. Of a
    send that came back with a backup those are unknown: they may have received it since.

    Raises Conflict `send_not_running`, or `count_changed` when it is another number by now.
    """
    if expected is not None and (waiting := send_waiting(send)) != expected:
        message = ngettext(
            "%(count)s contact is still waiting. Nothing was cancelled. Check the number and confirm again.",
            "%(count)s contacts are still waiting. Nothing was cancelled. Check the number and confirm again.",
            waiting,
        )
        raise Conflict(message % {"count": waiting}, code="count_changed", fields={"expected": str(waiting)})
    restored = send.backup_taken_at is not None
    _require(send, states.CANCEL, actor, finished_at=timezone.now())
    if restored:
        ledger_unknown_waiting(send_id=send.pk, reason=RESTORED)
    ledger_skip_waiting(send_id=send.pk, reason=Delivery.Skip.CANCELLED)
    return send


def send_waiting(send: Send) -> int:
    """How many of a send's audience nothing is decided of yet."""
    rest = Sum(F("size") - F("sent") - F("failed") - F("skipped") - F("unknown"))
    return int(Batch.objects.filter(send=send).aggregate(rest=rest)["rest"] or 0)


def retry_failed(
    *, send: Send, actor: User, expected: int | None = None, people: QuerySet[Contact] | None = None
) -> int:
    """Try the failed recipients again, exactly those; how many. See `_send_again`."""
    return _send_again(send, actor, Delivery.State.FAILED, "send_retry_failed", expected, people)


def resend_unknown(
    *, send: Send, actor: User, expected: int | None = None, people: QuerySet[Contact] | None = None
) -> int:
    """Send to those of whom it is not known whether they got it, exactly those; how many. See `_send_again`."""
    return _send_again(send, actor, Delivery.State.UNKNOWN, "send_resend_unknown", expected, people)


@transaction.atomic
def _send_again(
    send: Send,
    actor: User,
    state: Delivery.State,
    action: str,
    expected: int | None,
    people: QuerySet[Contact] | None,
) -> int:
    """`expected` is the number the person confirmed; `people`: only to those of them (None: to everybody).

    Raises Conflict `send_not_running` unless the send is under way or finished, `count_changed` when it is another
    number of people by now; nothing is sent again then.
    """
    usable = Send.objects.filter(pk=send.pk, state__in=states.SENDS_AGAIN)
    if not usable.select_for_update().exists():
        raise states.not_allowed()
    batches = Batch.objects.filter(send=send, **{f"{state.value}__gt": 0}).exclude(state=Batch.State.CLAIMED)
    again = dict(batches.select_for_update().values_list("number", state.value))
    rows = Delivery.objects.filter(send_id=send.pk, batch__in=list(again), state=state)
    if people is not None:
        rows = rows.filter(contact_id__in=people.order_by().values("pk"))
        again = dict(rows.values_list("batch").annotate(Count("contact_id")))
    count = rows.update(
        state=Delivery.State.PENDING, reason="", attempts=0, next_attempt_at=None, changed_at=timezone.now()
    )
    if expected is not None and count != expected:
        message = ngettext(
            "There is now %(count)s message to send again. Nothing was sent. Check the number and confirm again.",
            "There are now %(count)s messages to send again. Nothing was sent. Check the number and confirm again.",
            count,
        )
        raise Conflict(message % {"count": count}, code="count_changed", fields={"expected": str(count)})
    for many in set(again.values()):
        Batch.objects.filter(send=send, number__in=[number for number, them in again.items() if them == many]).update(
            state=Batch.State.READY, due_at=timezone.now(), done_at=None, **{state.value: F(state.value) - many}
        )
    if count:
        states.send_transition(send=send, transition=states.REOPEN, actor=actor)
        audit_record(actor=actor, action=action, subject=send, changes={state.value: (count, 0)})
        enqueue("delivery.wake", send_id=send.pk)
    send.refresh_from_db()
    return count


def send_finish(*, send_id: int) -> bool:
    """Finish a send whose every recipient is accounted for; False when that is not so yet.

    The sum is asked of the roll-up and must equal the frozen audience.
    """
    if Batch.objects.filter(send_id=send_id).exclude(state=Batch.State.DONE).exists():
        return False
    columns = F("sent") + F("failed") + F("skipped") + F("unknown")
    total = Batch.objects.filter(send_id=send_id).aggregate(total=Sum(columns))["total"]
    if total is None:
        return False  # not frozen yet: nobody is accounted for
    send = Send.objects.filter(pk=send_id, state=Send.State.SENDING, audience=total).first()
    if send is None:
        return False
    return states.send_transition(send=send, transition=states.FINISH, actor=None, finished_at=timezone.now())


def send_hold_late(*, send_id: int) -> bool:
    """Hold a send whose time passed while the system was away: it is asked for first. False when it was not waiting."""
    reason = _("The scheduled time passed while the system was not running. Nothing is sent until you decide.")
    return _by_system(send_id, states.HOLD_LATE, reason)


def send_refuse(*, send_id: int, reason: str) -> bool:
    """Keep a send that was to start from starting, with the reason: it is held, or goes back to draft where its author
    has it so. False when it was not starting."""
    send = Send.objects.filter(pk=send_id).first()
    if send is None:
        return False
    transition = states.RETURN if author_of(send).returns_refused else states.REFUSE
    return states.send_transition(send=send, transition=transition, actor=None, reason=reason)


def send_warn(*, send_id: int, warning: str) -> None:
    """Keep the warnings with which a send started."""
    send = Send.objects.get(pk=send_id)
    Send.objects.filter(pk=send_id).update(warning=warning[:500])
    audit_record(actor=None, action="send_warn", subject=send, changes={"warning": (None, warning)})


def send_stop(*, send_id: int, reason: str) -> bool:
    """The circuit breaker: nothing more leaves until a person resumes the send. `reason` is the sentence its page
    shows. False when it was not running."""
    return _by_system(send_id, states.STOP, reason)


def _by_system(send_id: int, transition: Transition, reason: str) -> bool:
    send = Send.objects.filter(pk=send_id).first()
    return send is not None and states.send_transition(send=send, transition=transition, actor=None, reason=reason)


def _require(send: Send, transition: Transition, actor: User | None, **columns: Any) -> Send:
    if not states.send_transition(send=send, transition=transition, actor=actor, **columns):
        raise states.not_allowed()
    return send
