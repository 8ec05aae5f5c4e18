"""Reading the bounce mailboxes: what is new is recorded and moved to the folder for done mail, what is not understood
stays and is counted."""

from collections import Counter
from dataclasses import dataclass
from typing import Any

import structlog
from django.db import transaction
from django.db.models import F
from django.utils import timezone
from django.utils.translation import gettext as _

from accounts.audit.services import audit_record, changed_fields
from accounts.people.models import User
from core.errors import Conflict, DomainError, TransportError
from core.locks import advisory_lock
from core.secrets import secret_seal
from delivery.feedback.imap import Inbox, inbox
from delivery.feedback.models import BounceMailbox
from delivery.feedback.parse import read
from delivery.feedback.report import Outcome
from delivery.feedback.services import bounce_record
from delivery.preferences.services import mailto_unsubscribe

log = structlog.get_logger(__name__)

CHUNK = 25
MAX_PER_RUN = 1_000
SHOWN = ["name", "identity", "host", "port", "security", "username", "folder", "done_folder"]
WHERE = ("host", "port", "username", "folder")


@dataclass(frozen=True)
class Look:
    """What a test of a mailbox found."""

    messages: int
    unread: int


@transaction.atomic
def mailbox_save(*, mailbox: BounceMailbox, password: str, actor: User) -> BounceMailbox:
    """Add or change a mailbox; an empty password keeps the stored one. Another mailbox is read from its beginning."""
    before = BounceMailbox.objects.filter(pk=mailbox.pk).first()
    if password:
        mailbox.password = secret_seal(password)
    elif before is not None:
        mailbox.password = before.password
    if before is not None and any(getattr(before, name) != getattr(mailbox, name) for name in WHERE):
        mailbox.uid_validity, mailbox.last_uid = None, 0
    mailbox.error, mailbox.failing_since = "", None
    mailbox.save()
    changes: dict[str, Any] = changed_fields(before, mailbox, SHOWN) if before else {}
    if before and before.password != mailbox.password:
        changes["password"] = ("•••", "•••")
    audit_record(actor=actor, action="mailbox_save", subject=mailbox, changes=changes)
    return mailbox


@transaction.atomic
def mailbox_archive(*, mailbox: BounceMailbox, actor: User, archived: bool = True) -> BounceMailbox:
    """Stop reading a mailbox, or read it again."""
    mailbox.archived_at = timezone.now() if archived else None
    mailbox.save(update_fields=["archived_at"])
    audit_record(actor=actor, action="mailbox_archive" if archived else "mailbox_restore", subject=mailbox)
    return mailbox


def mailbox_test(*, mailbox: BounceMailbox) -> Look:
    """Sign in, open the folder, make the one for what is done where it is missing. Changes nothing else.

    Raises DomainError `mailbox_unreachable` with what to change.
    """
    try:
        with inbox(mailbox) as box:
            box.make_done_folder()
            return Look(box.folder.messages, box.unread())
    except TransportError as error:
        raise DomainError(str(error), code="mailbox_unreachable") from error


def mailbox_poll(*, mailbox_id: int) -> Counter[str] | None:
    """Read what is new, at most a thousand messages; how many of each outcome. None when another worker is at it, or
    the mailbox cannot be reached, which it then says."""
    with advisory_lock(f"mailbox:{mailbox_id}") as held:
        mailbox = BounceMailbox.objects.active().filter(pk=mailbox_id).first()
        if not held or mailbox is None:
            return None
        try:
            with inbox(mailbox) as box:
                box.make_done_folder()
                counts = _read_new(mailbox, box)
        except TransportError as error:
            _failed(mailbox, error)
            return None
        BounceMailbox.objects.filter(pk=mailbox.pk).update(polled_at=timezone.now(), failing_since=None, error="")
        return counts


def _read_new(mailbox: BounceMailbox, box: Inbox) -> Counter[str]:
    """UIDs mean something only under one UIDVALIDITY: when it changed, everything is read again, and what was
    recorded before is recognised by its key."""
    last = mailbox.last_uid if mailbox.uid_validity == box.folder.uid_validity else 0
    counts: Counter[str] = Counter()
    uids = box.uids_after(last)[:MAX_PER_RUN]
    for start in range(0, len(uids), CHUNK):
        chunk = uids[start : start + CHUNK]
        done = []
        for letter in box.read(chunk):
            outcome = _take(letter.raw, mailbox)
            counts[outcome.value] += 1
            if outcome is not Outcome.UNKNOWN:
                done.append(letter.uid)
        # Recorded first, moved after: a worker that dies in between reads the chunk again and adds nothing.
        box.move_done(done)
        _advance(mailbox, box.folder.uid_validity, chunk[-1], seen=len(chunk), left=len(chunk) - len(done))
    if not uids:
        BounceMailbox.objects.filter(pk=mailbox.pk).update(uid_validity=box.folder.uid_validity, last_uid=last)
    _count(mailbox, counts)
    return counts


def _take(raw: bytes, mailbox: BounceMailbox) -> Outcome:
    """Record what one message reports, or that somebody leaves by it."""
    reading = read(raw, origin=mailbox.name)
    for report in reading.reports:
        bounce_record(report=report)
    if reading.leaving is not None:
        mailto_unsubscribe(leaving=reading.leaving)
    return reading.outcome


def _advance(mailbox: BounceMailbox, validity: int, uid: int, *, seen: int, left: int) -> None:
    BounceMailbox.objects.filter(pk=mailbox.pk).update(
        uid_validity=validity, last_uid=uid, seen=F("seen") + seen, left=F("left") + left
    )


def _count(mailbox: BounceMailbox, counts: Counter[str]) -> None:
    known = counts[Outcome.REPORT.value]
    leavers = counts[Outcome.LEAVING.value]
    ignored = sum(counts.values()) - known - leavers - counts[Outcome.UNKNOWN.value]
    BounceMailbox.objects.filter(pk=mailbox.pk).update(
        recorded=F("recorded") + known, ignored=F("ignored") + ignored, unsubscribed=F("unsubscribed") + leavers
    )


def _failed(mailbox: BounceMailbox, error: TransportError) -> None:
    log.warning("mailbox_unreachable", mailbox=mailbox.pk, error=str(error))
    now = timezone.now()
    BounceMailbox.objects.filter(pk=mailbox.pk).update(
        polled_at=now, failing_since=mailbox.failing_since or now, error=str(error)[:300]
    )


def mailboxes_due() -> list[int]:
    """Every mailbox in use."""
    return list(BounceMailbox.objects.active().values_list("pk", flat=True))


def mailbox_poll_now(*, mailbox: BounceMailbox) -> Counter[str]:
    """Read a mailbox because a person asked. Raises DomainError `mailbox_unreachable`, Conflict `mailbox_busy`."""
    counts = mailbox_poll(mailbox_id=mailbox.pk)
    if counts is not None:
        return counts
    mailbox.refresh_from_db()
    if mailbox.error:
        raise DomainError(mailbox.error, code="mailbox_unreachable")
    raise Conflict(_("This mailbox is being read just now."), code="mailbox_busy")
