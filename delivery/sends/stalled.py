"""Sends that do not get on: batches are due, and no worker takes them."""

from datetime import datetime, timedelta

from django.db.models import Exists, OuterRef
from django.utils import timezone
from django.utils.translation import gettext as _

from delivery.sends.models import Batch

STALLED_AFTER = timedelta(minutes=5)


def is_stalled() -> Exists:
    """Of rows with a `send`: a batch of it has been due for a while, and none was finished since."""
    limit = stalled_since()
    return Exists(Batch.objects.filter(send=OuterRef("send"), state=Batch.State.READY, due_at__lt=limit).filter(
        ~Exists(Batch.objects.filter(send=OuterRef("send"), done_at__gt=limit))
    ))  # fmt: skip


def stalled_since() -> datetime:
    """What was due before this moment stands still."""
    return timezone.now() - STALLED_AFTER


def stalled_reason() -> str:
    return _("Sending has not moved for five minutes: no sending process is running.")
