"""What became of letters: sent, opened, clicked, in a few queries for a whole list."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from django.db.models import Count, Q, Sum

from accounts.models import User
from campaigns.models import Batch, Delivery, Engagement, Letter, Variant
from crm.results import ResultEvent


@dataclass(frozen=True)
class Outcome:
    """One letter's figures; opens and clicks are people, machines left out."""

    subject: str
    recipients: int
    sent: int
    failed: int
    skipped: int
    opened: int
    clicked: int


def letter_outcomes(letters: Sequence[Letter]) -> dict[int, Outcome]:
    """By the letter's key."""
    sends = [letter.send_id for letter in letters]
    subjects = dict(Variant.objects.filter(send__in=sends, label="A").values_list("send_id", "subject"))
    totals = {
        row["send_id"]: (row["sent"], row["failed"], row["skipped"])
        for row in Batch.objects.filter(send__in=sends)
        .values("send_id")
        .annotate(sent=Sum("sent"), failed=Sum("failed"), skipped=Sum("skipped"))
    }
    reacted = {
        row["send_id"]: (row["opened"], row["clicked"])
        for row in Engagement.objects.filter(send_id__in=sends)
        .values("send_id")
        .annotate(
            opened=Count("contact_id", filter=Q(human_opens__gt=0)),
            clicked=Count("contact_id", filter=Q(human_clicks__gt=0)),
        )
    }
    return {
        letter.pk: Outcome(
            subjects.get(letter.send_id, ""),
            len(letter.recipients),
            *totals.get(letter.send_id, (0, 0, 0)),
            *reacted.get(letter.send_id, (0, 0)),
        )
        for letter in letters
    }


def letters_delivered(user: User, begins_at: datetime, ends_at: datetime) -> list[ResultEvent]:
    """What the person wrote and the mail server took, one event a recipient."""
    sends = list(Letter.objects.filter(author=user).values_list("send", flat=True))
    sent = Delivery.objects.filter(
        send__in=sends, state=Delivery.State.SENT, changed_at__gte=begins_at, changed_at__lt=ends_at
    )
    return [ResultEvent(at, contact) for at, contact in sent.values_list("changed_at", "contact_id")]
