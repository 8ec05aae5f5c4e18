"""Closing out what a dead worker left: its journal replayed, what nobody can know marked unknown."""

from datetime import timedelta

import structlog
from django.conf import settings
from django.db import connection, transaction
from django.db.models import Q, QuerySet
from django.utils import timezone
from django.utils.translation import gettext as _

from delivery.engine.journal import (
    Key,
    Orphan,
    Replay,
    closed_out,
    closed_out_forget,
    host_id,
    journal_folder,
    journals,
)
from delivery.engine.ledger import Result, batch_release, results_apply, waiting_skip
from delivery.sends.models import Batch, Delivery, Send

log = structlog.get_logger(__name__)
State = Delivery.State


def claims_recover() -> int:
    """Close out the claims of every worker that died; how many batches. Safe to run anywhere, any number of times."""
    return orphans_recover() + _without_journal() + _lost_hosts()


def orphans_recover() -> int:
    """Close out the journals on this home whose owner is gone. Every worker does so before a run: the tick may be at
    home elsewhere."""
    count = 0
    for path in journals():
        orphan = Orphan.take(path)
        if orphan is None:
            continue
        try:
            replays = orphan.replay()
            claimed = Batch.objects.claimed().filter(owner=orphan.owner).values_list("send_id", "number")
            keys = {Key(send_id, number) for send_id, number in claimed}
            for key in keys:
                _close_out(key, orphan.owner, replays.get(key, Replay({}, set())))
            count += len(keys)
        except BaseException:
            orphan.release()
            raise
        orphan.remove()
    return count


@transaction.atomic
def _close_out(key: Key, owner: str, replay: Replay) -> None:
    """Recorded results as recorded, who was on the wire unknown, everybody else waits as before."""
    results = list(replay.results.values())
    results += [Result(contact_id, State.UNKNOWN, "worker_died") for contact_id in sorted(replay.in_flight)]
    with connection.cursor() as cursor:
        results_apply(cursor, send_id=key.send_id, batch=key.batch, results=results, provider_id=replay.provider_id)
        if Send.objects.filter(pk=key.send_id, state=Send.State.CANCELLED).exists():
            waiting_skip(cursor, send_id=key.send_id, batches=[key.batch], reason=Delivery.Skip.CANCELLED)
        batch_release(cursor, send_id=key.send_id, batch=key.batch, owner=owner)
    log.warning("claim_recovered", send=key.send_id, batch=key.batch, unknown=len(replay.in_flight))


def _without_journal() -> int:
    """Claims made on this home whose journal does not exist any more. Where it was closed out before, the claim was
    committed after its owner had died: nobody of it was on the wire, and all go on waiting."""
    closed_out_forget()
    claimed = Batch.objects.claimed().filter(host=host_id()).values_list("owner", "send_id", "number")
    gone, count = [], 0
    for owner, send_id, number in claimed:
        if (journal_folder() / f"{owner}.log").exists():
            continue
        if closed_out(owner).exists():
            _close_out(Key(send_id, number), owner, Replay({}, set()))
            count += 1
        else:
            gone.append(owner)
    return count + (_mark_lost(Batch.objects.claimed().filter(owner__in=gone)) if gone else 0)


def _lost_hosts() -> int:
    """Claims of other homes that have not shown a sign of life, although the database was there to show it to."""
    before = timezone.now() - timedelta(seconds=settings.SENDING_LOST_SECONDS)
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_postmaster_start_time() > %s", [before])
        if cursor.fetchone()[0]:
            return 0
    return _mark_lost(Batch.objects.claimed().filter(heartbeat_at__lt=before).exclude(host=host_id()))


def _mark_lost(batches: "QuerySet[Batch]") -> int:
    """Everybody without a recorded result in these batches is unknown, and the send says so. Nothing has left of a
    claim that had not begun: all of it goes on waiting."""
    count = 0
    for batch in batches:
        with transaction.atomic(), connection.cursor() as cursor:
            held = Batch.objects.claimed().select_for_update().filter(pk=batch.pk, owner=batch.owner).first()
            if held is None:
                continue
            count += 1
            if not held.begun:
                batch_release(cursor, send_id=batch.send_id, batch=batch.number)
                log.warning("claim_given_back", send=batch.send_id, batch=batch.number)
                continue
            unanswered = Q(state=State.PENDING) | Q(state=State.DEFERRED, next_attempt_at__lte=timezone.now())
            rows = Delivery.objects.filter(unanswered, send_id=batch.send_id, batch=batch.number)
            lost = rows.update(state=State.UNKNOWN, reason="worker_lost", changed_at=timezone.now())
            batch_release(cursor, send_id=batch.send_id, batch=batch.number)
            words = _("A sending process failed. For %(count)s recipients the delivery result is unknown.")
            Send.objects.filter(pk=batch.send_id).update(state_reason=words % {"count": lost})
        log.error("claim_lost", send=batch.send_id, batch=batch.number, unknown=lost)
    return count
