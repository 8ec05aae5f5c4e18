"""Sends that came back with a backup: contacts who were waiting then may have received them since.

The backup does not know what left after it was taken. So nothing goes on by itself: what was under way is stopped, what
was scheduled is held, and a person decides about those contacts. They become unknown, as after the loss of a worker, or
the person knows that nothing left and sends to them.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from accounts.audit.services import audit_record
from accounts.people.models import User
from core.errors import Conflict
from delivery.engine.ledger import ledger_unknown_waiting
from delivery.sends import states
from delivery.sends.authors import author_row
from delivery.sends.launch import launch_recheck
from delivery.sends.models import Send
from delivery.sends.queries import audience_preview
from delivery.sends.services import RESTORED, send_resume, send_start, send_waiting

State = Send.State


def sends_hold(taken_at: datetime) -> Iterator[str]:
    """What a restore keeps from going on by itself."""
    reason = _("A backup taken on %(time)s was restored: contacts who were waiting may have received it since.")
    time = f"{taken_at.astimezone(UTC):%Y-%m-%d %H:%M} UTC"
    stopped, held = states.restored_sends_hold(taken_at=taken_at, reason=reason % {"time": time})
    yield f"Sends stopped: {stopped}; held: {held}. They go on when a person decides about them."


@dataclass(frozen=True)
class Restored:
    """What there is to decide: when the backup was taken, and how many may have received the message since.
    `is_frozen`: the audience was fixed by then; otherwise it is counted as of now."""

    taken_at: datetime
    count: int
    is_frozen: bool


def restored_of(send: Send) -> Restored | None:
    """None when there is nothing to decide; a draft is launched, or not."""
    if send.backup_taken_at is None or send.state not in {State.LATE, State.HELD, State.STOPPED}:
        return None
    if send.audience is not None:
        return Restored(send.backup_taken_at, send_waiting(send), True)
    count = audience_preview(send=send).sendable if author_row(send) is not None else 0
    return Restored(send.backup_taken_at, count, False)


def restored_decide(*, send: Send, actor: User, as_unknown: bool, expected: int) -> Send:
    """Go on with a restored send. `as_unknown`: those who may have received it are recorded as unknown, and nothing is
    sent to them by itself; otherwise they get it. `expected` is how many the person was shown.

    A send whose audience was not fixed yet is frozen for the record when `as_unknown`; otherwise it waits for its time
    as it did in the backup. Raises DomainError as a launch does, Conflict `restored_decided`, `count_changed`.
    """
    if send.audience is None and as_unknown:
        launch_recheck(send=send)
    with transaction.atomic():
        held = Send.objects.select_for_update(of=("self",)).get(pk=send.pk)
        restored = restored_of(held)
        if restored is None:
            raise Conflict(_("A decision was already made. Check the current state."), code="restored_decided")
        if expected != restored.count:
            raise _count_changed(restored.count)
        changes: dict[str, tuple[Any, Any]] = {"backup_taken_at": (held.backup_taken_at, None)}
        if as_unknown:
            changes["unknown"] = (0, restored.count)
        audit_record(actor=actor, action="send_restored_decide", subject=held, changes=changes)
        if not restored.is_frozen and as_unknown:
            return send_start(send=held, actor=actor)  # its mark makes the frozen audience unknown
        if as_unknown:
            ledger_unknown_waiting(send_id=held.pk, reason=RESTORED)
        Send.objects.filter(pk=held.pk).update(backup_taken_at=None)
        held.refresh_from_db()
        if restored.is_frozen:
            return send_resume(send=held, actor=actor)
        if held.scheduled_at is not None:  # it is checked again as it starts; what is under way is not changed
            is_coming = held.scheduled_at > timezone.now()
            transition = states.WAIT_AGAIN if is_coming else states.WAIT_LATE
            states.send_transition(send=held, transition=transition, actor=actor)
        return held


def _count_changed(count: int) -> Conflict:
    message = ngettext(
        "There is now %(count)s contact. Nothing was changed. Check the number and confirm again.",
        "There are now %(count)s contacts. Nothing was changed. Check the number and confirm again.",
        count,
    )
    return Conflict(message % {"count": count}, code="count_changed", fields={"expected": str(count)})
