"""The states of a send: which change leads from where to where, and the one function that makes a change.

Every change of `Send.state` goes through `send_transition`, so that it is claimed by one writer and stands in the audit
trail. Where nothing is named as its cause, a change keeps `state_reason`.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from django.db import transaction
from django.db.models import Q
from django.utils.functional import Promise
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from accounts.audit.services import audit_record
from accounts.people.models import User
from core.errors import Conflict
from delivery.sends.models import Send

State = Send.State

# The audience is frozen when a send begins: before, its start can be decided on again.
ALWAYS = Q()
NOT_FROZEN = Q(audience=None)
FROZEN = Q(audience__isnull=False)


@dataclass(frozen=True)
class Transition:
    """One change of state. `action` and `title` are its entry in the audit trail; `condition` is what has to hold
    besides the state; `resets` are the columns that the change always sets."""

    action: str
    title: str | Promise
    sources: frozenset[State]
    target: State
    condition: Q = ALWAYS
    resets: Mapping[str, Any] = field(default_factory=dict)


# A send that is late or was held is decided on by launching it again: now, or at another time.
LAUNCHABLE = frozenset({State.DRAFT, State.LATE, State.HELD})
WAITING_FOR_START = frozenset({State.SCHEDULED, State.LATE, State.HELD})
BEFORE_START = frozenset({State.DRAFT, *WAITING_FOR_START})
RUNNING = frozenset({State.FREEZING, State.SENDING})
UNDER_WAY = frozenset({*RUNNING, State.PAUSED, State.STOPPED})
ENDED = frozenset({State.FINISHED, State.CANCELLED})
AT_REST = frozenset({State.DRAFT, *ENDED})
# In these states failed and unknown recipients can be sent to again.
SENDS_AGAIN = frozenset({State.SENDING, State.FINISHED, State.STOPPED, State.PAUSED})

_BEGIN_AGAIN: Mapping[str, Any] = {"state_reason": "", "warning": "", "heartbeat_at": None}
# A person decided, or everybody who may have a restored send is unknown.
_DECIDED: Mapping[str, Any] = {"backup_taken_at": None}

SCHEDULE = Transition(
    "send_schedule",
    gettext_lazy("Send scheduled"),
    LAUNCHABLE,
    State.SCHEDULED,
    resets={"state_reason": "", **_DECIDED},
)
UNSCHEDULE = Transition(
    "send_unschedule",
    gettext_lazy("Scheduled send returned to draft"),
    WAITING_FOR_START,
    State.DRAFT,
    resets={
        "state_reason": "", "scheduled_at": None, "scheduled_zone": "", "launched_at": None, "launched_by": None,
    },
)  # fmt: skip
LAUNCH = Transition(
    "send_launch",
    gettext_lazy("Send launched"),
    LAUNCHABLE,
    State.FREEZING,
    NOT_FROZEN,
    resets={**_BEGIN_AGAIN, **_DECIDED},
)
START = Transition(
    "send_start",
    gettext_lazy("Send started"),
    WAITING_FOR_START | {State.STOPPED},
    State.FREEZING,
    NOT_FROZEN,
    resets=_BEGIN_AGAIN,
)
HOLD_LATE = Transition("send_hold_late", gettext_lazy("Late send held"), frozenset({State.SCHEDULED}), State.LATE)
REFUSE = Transition(
    "send_refuse", gettext_lazy("Send held at launch"), frozenset({State.FREEZING}), State.HELD, NOT_FROZEN
)
RETURN = Transition(
    "send_return",
    gettext_lazy("Send returned to draft at launch"),
    frozenset({State.FREEZING}),
    State.DRAFT,
    NOT_FROZEN,
    resets={"launched_at": None},
)
BEGIN = Transition(
    "send_begin", gettext_lazy("Sending began"), frozenset({State.FREEZING}), State.SENDING, FROZEN, resets=_DECIDED
)
PAUSE = Transition("send_pause", gettext_lazy("Send paused"), frozenset({State.SENDING}), State.PAUSED)
RESUME = Transition(
    "send_resume",
    gettext_lazy("Send resumed"),
    frozenset({State.PAUSED, State.STOPPED}),
    State.SENDING,
    FROZEN,
    resets={"state_reason": "", "failing_since": None, "heartbeat_at": None, **_DECIDED},
)
STOP = Transition(
    "send_stop",
    gettext_lazy("Send stopped automatically"),
    frozenset({State.SCHEDULED, State.FREEZING, State.SENDING}),
    State.STOPPED,
)
CANCEL = Transition(
    "send_cancel",
    gettext_lazy("Send cancelled"),
    frozenset(State) - AT_REST,
    State.CANCELLED,
    resets=_DECIDED,
)
FINISH = Transition(
    "send_finish",
    gettext_lazy("Send finished"),
    frozenset({State.SENDING}),
    State.FINISHED,
    FROZEN,
    resets={"state_reason": "", "failing_since": None},
)
REOPEN = Transition(
    "send_reopen",
    gettext_lazy("Finished send reopened"),
    frozenset({State.FINISHED}),
    State.SENDING,
    FROZEN,
    resets={"finished_at": None, "heartbeat_at": None},
)
# A send that waited for its time in a backup does so again, once a person knows that it did not start since.
WAIT_AGAIN = Transition(
    "send_wait_again",
    gettext_lazy("Restored send scheduled again"),
    frozenset({State.LATE, State.HELD}),
    State.SCHEDULED,
    NOT_FROZEN,
    resets={"state_reason": "", **_DECIDED},
)
WAIT_LATE = Transition(
    "send_wait_late",
    gettext_lazy("Restored send waits for a decision"),
    frozenset({State.LATE, State.HELD}),
    State.LATE,
    NOT_FROZEN,
    resets={"state_reason": "", **_DECIDED},
)

TRANSITIONS = (
    SCHEDULE, UNSCHEDULE, LAUNCH, START, HOLD_LATE, REFUSE, RETURN, BEGIN, PAUSE, RESUME, STOP, CANCEL, FINISH, REOPEN,
    WAIT_AGAIN, WAIT_LATE,
)  # fmt: skip


@transaction.atomic
def send_transition(
    *, send: Send, transition: Transition, actor: User | None, reason: str | None = None, **columns: Any
) -> bool:
    """Make a change of state, refresh `send` and record it; False when its state does not allow it (any more).

    `actor` None is the system. `reason` is the sentence that the page shows; `columns` are set in the same statement.
    """
    if reason is not None:
        columns["state_reason"] = reason[:300]
    allowed = Send.objects.filter(transition.condition, pk=send.pk, state__in=transition.sources)
    # Locked, so that the state in the audit trail is the one that was changed.
    before = allowed.select_for_update(no_key=True).values("state", "scheduled_at").first()
    if before is None or not allowed.update(state=transition.target, **{**transition.resets, **columns}):
        return False
    send.refresh_from_db()
    changes: dict[str, tuple[Any, Any]] = {"state": (before["state"], send.state)}
    if before["scheduled_at"] != send.scheduled_at:
        changes["scheduled_at"] = (before["scheduled_at"], send.scheduled_at)
    if reason:
        changes["state_reason"] = (None, reason)
    audit_record(actor=actor, action=transition.action, subject=send, changes=changes)
    return True


def not_allowed() -> Conflict:
    """The refusal of a person's change that the state of the send does not allow."""
    return Conflict(
        _("The state of this send no longer allows this action. Check the current state."), code="send_not_running"
    )


def restored_sends_hold(*, taken_at: datetime, reason: str) -> tuple[int, int]:
    """Stop what was under way in a backup of that moment, hold what was scheduled, and mark every send that could have
    gone on since; how many were stopped and held.

    It runs on the tables of the version that made the backup, and so writes columns alone: the restore is one entry in
    the audit trail.
    """
    marks: dict[str, Any] = {"backup_taken_at": taken_at}
    Send.objects.filter(state__in=[State.DRAFT, State.LATE, State.HELD, State.STOPPED]).update(**marks)
    marks["state_reason"] = reason[:300]
    running = Send.objects.filter(state__in=[*RUNNING, State.PAUSED])
    stopped = running.update(state=State.STOPPED, failing_since=None, **marks)
    return stopped, Send.objects.filter(state=State.SCHEDULED).update(state=State.HELD, **marks)
