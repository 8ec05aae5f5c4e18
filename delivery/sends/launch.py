"""The one way anything is sent: screens, the API and salespeople's letters launch here, and a send with a problem is
refused. What only its author knows of it is asked from `delivery.sends.authors`, what only its channel knows from
`delivery.sends.channels`."""

from collections.abc import Iterator
from datetime import datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from accounts.people.models import User
from core.errors import Conflict, DomainError
from core.tasks import enqueue
from core.ui.dates import moment
from core.zones import validate_zone
from delivery.sends.authors import Problem, author_of, author_row
from delivery.sends.channels import channel_of
from delivery.sends.models import Send
from delivery.sends.queries import audience_preview
from delivery.sends.services import require_decided, send_resume
from delivery.sends.states import LAUNCH, LAUNCHABLE, SCHEDULE, UNSCHEDULE, send_transition

LOOKED_LATELY = timedelta(hours=1)
MAX_AHEAD = timedelta(days=731)


def launch_problems(send: Send) -> list[Problem]:
    """Everything that keeps `send` from leaving, in the order of the steps; the audience is counted at launch only."""
    author, variants = author_of(send), list(send.variants.all())
    channel = channel_of(send).launch_checks(send, variants)
    found = [*channel, *_topic(send), *author.launch_checks(send, variants)]
    return sorted(found, key=lambda problem: author.steps.index(problem.step))


def send_launch(
    *, send: Send, actor: User, at: datetime | None = None, zone: str = "", expected: int | None = None
) -> Send:
    """Send now, or at `at` (an instant; `zone` is the zone it was said in). Launches once, however often it is asked.

    `expected` is the number of recipients the person was shown: a different one is refused, so that nobody sends to
    more people than they agreed to.
    Raises DomainError with the code of the first problem, `audience_empty`, `schedule_in_the_past`,
    `schedule_too_far`; Conflict `already_launched`, `audience_changed`, `restored_undecided`.
    """
    if send.state not in LAUNCHABLE:
        raise _launched_already()
    if send.state != Send.State.DRAFT:
        require_decided(send)
    if at is not None:
        _check_schedule(at, zone)
    channel_of(send).look(send, None)
    _refuse_with(launch_problems(send))
    reachable = audience_preview(send=send).sendable
    if not reachable:
        raise DomainError(
            _("No contact in this audience can receive e-mail, so there is nothing to send."), code="audience_empty"
        )
    if expected is not None and expected != reachable:
        raise Conflict(
            ngettext(
                "The audience is now %(count)s contact. Nothing was sent. Check the number and confirm again.",
                "The audience is now %(count)s contacts. Nothing was sent. Check the number and confirm again.",
                reachable,
            )
            % {"count": reachable},
            code="audience_changed",
            fields={"expected": str(reachable)},
        )
    _go(send, actor=actor, at=at, zone=zone)
    return send


def launch_recheck(*, send: Send) -> str:
    """Check a send once more as it starts, which may be weeks after its launch; its warnings, in words. The recipients
    that are left are counted by the freezing.

    Raises DomainError with the code of the first problem.
    """
    if author_row(send) is None:
        return ""
    channel_of(send).look(send, LOOKED_LATELY)
    _refuse_with(launch_problems(send))
    return " ".join(warning.message for warning in launch_warnings(send) if warning.code != "sender_is_local")


def send_resume_checked(*, send: Send, actor: User) -> Send:
    """Go on with a send; one that never began is checked as at its launch, so that the person sees its problems at
    once. Raises as `send_launch`, and Conflict `send_not_running`."""
    require_decided(send)
    if send.audience is None:
        channel_of(send).look(send, None)
        _refuse_with(launch_problems(send))
    return send_resume(send=send, actor=actor)


def _refuse_with(problems: list[Problem]) -> None:
    if problems:
        raise DomainError(problems[0].message, code=problems[0].code, fields={p.code: p.message for p in problems})


def send_unschedule(*, send: Send, actor: User) -> Send:
    """Take a send that waits for its time or for a decision back to draft. Raises Conflict `send_not_scheduled` when it
    has begun."""
    if not send_transition(send=send, transition=UNSCHEDULE, actor=actor):
        raise Conflict(_("This send is no longer scheduled."), code="send_not_scheduled")
    return send


@transaction.atomic
def _go(send: Send, *, actor: User, at: datetime | None, zone: str) -> None:
    """The change that only one of several launches makes: the others wait for its row and find it changed."""
    columns: dict[str, Any] = {"launched_at": timezone.now(), "launched_by": actor}
    if at is not None:
        columns |= {"scheduled_at": at, "scheduled_zone": zone}
    transition = LAUNCH if at is None else SCHEDULE
    if not send_transition(send=send, transition=transition, actor=actor, **columns):
        raise _launched_already()
    author_of(send).before_launch(send, list(send.variants.all()))
    if at is None:
        enqueue("delivery.freeze", send_id=send.pk)


def _check_schedule(at: datetime, zone: str) -> None:
    validate_zone(zone or "UTC")
    if at > timezone.now() + MAX_AHEAD:
        message = _("That is more than two years ahead. Choose an earlier day.")
        raise DomainError(message, code="schedule_too_far", fields={"at": message})
    if at <= timezone.now():
        said = at.astimezone(ZoneInfo(zone or "UTC"))
        message = _("%(time)s (%(zone)s) has already passed. Choose a later time, or send now.") % {
            "time": f"{said:%Y-%m-%d %H:%M}",
            "zone": zone or "UTC",
        }
        raise DomainError(message, code="schedule_in_the_past", fields={"at": message})


def _topic(send: Send) -> Iterator[Problem]:
    if send.topic is not None and send.topic.archived_at:
        yield Problem(
            "topic_archived",
            _("The consent topic “%(topic)s” was archived. Choose another topic.") % {"topic": send.topic},
            "create",
        )


def launch_warnings(send: Send) -> list[Problem]:
    """What does not keep `send` from leaving, but may keep it from arriving; or that it goes to nobody outside."""
    found = list(channel_of(send).launch_warnings(send))
    if send.backup_taken_at and send.state == Send.State.DRAFT:
        words = _(
            "This draft comes from a backup taken on %(time)s. If it was launched after that, its recipients would "
            "receive it again."
        )
        found.append(Problem("restored", words % {"time": moment(send.backup_taken_at)}, "create"))
    return found


def _launched_already() -> Conflict:
    return Conflict(_("This was already launched; it is not sent twice."), code="already_launched")
