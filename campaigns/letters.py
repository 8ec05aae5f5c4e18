"""What became of letters: sent, opened, clicked, in a few queries for a whole list."""

from collections.abc import Sequence
from dataclasses import dataclass

from django.db.models import Count, Q, Sum

from campaigns.models import Batch, Engagement, Letter, Variant


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
