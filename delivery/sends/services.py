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
from delivery.engine.ledger import ledger_skip_waiting
from delivery.sends.models import Batch, Delivery, Send, SendQuerySet


def require_editable(send: Send) -> Send:
    """The send, locked for the rest of the transaction. Raises Conflict `send_is_fixed` once it was launched."""
    locked = Send.objects.select_for_update().get(pk=send.pk)
    if locked.state != Send.State.DRAFT:
        raise Conflict(
            _("This has been launched and can no longer be changed. Cancel the schedule first, or duplicate it."),
            code="send_is_fixed",
        )
    return locked


State = Send.State
SENDS_AGAIN = (State.SENDING, State.FINISHED, State.STOPPED, State.PAUSED)


def send_start(*, send: Send, actor: User | None) -> Send:
    """Hand a checked send to the engine: its audience is frozen in the background and the first batches leave.

    Raises Conflict `send_already_started`.
    """
    states = [State.DRAFT, State.SCHEDULED, State.LATE, State.HELD, State.STOPPED]
    startable = Send.objects.filter(pk=send.pk, audience=None, state__in=states)
    changes = {
        "state": State.FREEZING, "state_reason": "", "warning": "", "launched_at": timezone.now(), "seen_at": None,
    }  # fmt: skip
    _change(startable, send, actor, "send_start", launched_by=actor or send.launched_by, **changes)
    enqueue("delivery.freeze", send_id=send.pk)
    return send


def send_pause(*, send: Send, actor: User) -> Send:
    """Hold a send: what is on the wire ends, nothing new leaves. Raises Conflict `send_not_running`."""
    return _change(Send.objects.filter(pk=send.pk, state=State.SENDING), send, actor, "send_pause", state=State.PAUSED)


def send_resume(*, send: Send, actor: User) -> Send:
    """Go on with a send that was paused or stopped, where it left off. Raises Conflict `send_not_running`."""
    if send.audience is None:
        return send_start(send=send, actor=actor)
    held = Send.objects.filter(pk=send.pk, state__in=[State.PAUSED, State.STOPPED]).exclude(audience=None)
    _change(held, send, actor, "send_resume", state=State.SENDING, state_reason="", trouble_since=None, seen_at=None)
    enqueue("delivery.wake", send_id=send.pk)
    return send


@transaction.atomic
def send_cancel(*, send: Send, actor: User, expected: int | None = None) -> Send:
    """End a send for good: whoever is still waiting is skipped; `expected` is how many the person was shown.

    Raises Conflict `send_not_running`, or `count_changed` when it is another number by now.
    """
    if expected is not None and (waiting := send_waiting(send)) != expected:
        message = ngettext(
            "%(count)s contact still waits by now. Nothing was cancelled: look again and confirm.",
            "%(count)s contacts still wait by now. Nothing was cancelled: look again and confirm.",
            waiting,
        )
        raise Conflict(message % {"count": waiting}, code="count_changed", fields={"expected": str(waiting)})
    running = Send.objects.filter(
        pk=send.pk,
        state__in=[
            State.SCHEDULED,
            State.LATE,
            State.HELD,
            State.FREEZING,
            State.SENDING,
            State.PAUSED,
            State.STOPPED,
        ],
    )
    _change(running, send, actor, "send_cancel", state=State.CANCELLED, finished_at=timezone.now())
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
    usable = Send.objects.filter(pk=send.pk, state__in=SENDS_AGAIN)
    if not usable.select_for_update().exists():
        raise _not_running()
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
            "It is %(count)s message by now. Nothing was sent again: look again and confirm.",
            "It is %(count)s messages by now. Nothing was sent again: look again and confirm.",
            count,
        )
        raise Conflict(message % {"count": count}, code="count_changed", fields={"expected": str(count)})
    for many in set(again.values()):
        Batch.objects.filter(send=send, number__in=[number for number, them in again.items() if them == many]).update(
            state=Batch.State.READY, due_at=timezone.now(), done_at=None, **{state.value: F(state.value) - many}
        )
    if count:
        Send.objects.filter(pk=send.pk, state=State.FINISHED).update(
            state=State.SENDING, finished_at=None, seen_at=None
        )
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
    return bool(
        Send.objects.filter(pk=send_id, state=State.SENDING, audience=total).update(
            state=State.FINISHED, finished_at=timezone.now(), trouble_since=None, state_reason=""
        )
    )


def send_hold_late(*, send_id: int) -> bool:
    """Hold a send whose time passed while the system was away: it is asked for first. False when it was not waiting."""
    reason = _("Its time passed while the system was not running. Nothing is sent until you decide.")
    held = Send.objects.filter(pk=send_id, state=State.SCHEDULED).update(state=State.LATE, state_reason=reason)
    return bool(held)


@transaction.atomic
def send_refuse(*, send_id: int, reason: str) -> bool:
    """Keep a send that was to start from starting, with the reason. A campaign waits for a decision; a letter goes back
    to its author's desk. False when it was not starting."""
    starting = Send.objects.select_for_update().filter(pk=send_id, state=State.FREEZING, audience=None)
    send = starting.first()
    if send is None:
        return False
    is_letter = send.kind == Send.Kind.LETTER
    state, launched_at = (State.DRAFT, None) if is_letter else (State.HELD, send.launched_at)
    Send.objects.filter(pk=send_id).update(state=state, state_reason=reason[:300], launched_at=launched_at)
    audit_record(
        actor=None, action="send_refuse", subject=send, changes={"state": (send.state, state), "why": (None, reason)}
    )
    return True


def send_warn(*, send_id: int, warning: str) -> None:
    """Keep what was known to be amiss when a send started all the same."""
    send = Send.objects.get(pk=send_id)
    Send.objects.filter(pk=send_id).update(warning=warning[:500])
    audit_record(actor=None, action="send_warn", subject=send, changes={"warning": (None, warning)})


def send_stop(*, send_id: int, reason: str) -> bool:
    """Stop a send by itself (the circuit breaker), with a reason people can read. False when it was not running."""
    stopped = Send.objects.filter(pk=send_id, state__in=[State.SENDING, State.FREEZING, State.SCHEDULED]).update(
        state=State.STOPPED, state_reason=reason[:300]
    )
    return bool(stopped)


@transaction.atomic
def _change(allowed: SendQuerySet, send: Send, actor: User | None, action: str, **changes: Any) -> Send:
    before = send.state
    if not allowed.update(**changes):
        raise _not_running()
    send.refresh_from_db()
    audit_record(actor=actor, action=action, subject=send, changes={"state": (before, send.state)})
    return send


def _not_running() -> Conflict:
    return Conflict(
        _("This send is not in a state that allows it any more. Look at where it stands."), code="send_not_running"
    )
