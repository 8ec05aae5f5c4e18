"""What lists of campaigns and letters show of their sends: states, reactions and rates."""

from collections.abc import Collection
from typing import Any

from django.db.models import Case, F, FloatField, Q, When
from django.db.models.expressions import Combinable
from django.db.models.functions import Cast, Coalesce, NullIf
from django.utils.translation import gettext_lazy as _

from delivery.sends.models import Send
from delivery.sends.states import ENDED, UNDER_WAY, WAITING_FOR_START

STATES: dict[str, Collection[str]] = {
    "draft": (Send.State.DRAFT,),
    "scheduled": WAITING_FOR_START,
    "running": UNDER_WAY,
    "finished": ENDED,
}
STATE_CHOICES = [
    ("draft", _("Drafts")),
    ("scheduled", _("Scheduled")),
    ("running", _("Running")),
    ("finished", _("Finished")),
]


def in_state(value: str) -> Q:
    return Q(send__state__in=STATES[value])


def reacted(row: Any, what: str) -> int | None:
    """How many people opened, clicked or unsubscribed; None before anything was sent."""
    if not row.sent:
        return None
    return int(getattr(getattr(row.send, "reactions", None), what, 0))


def rate(row: Any, what: str) -> float | None:
    """Their share of those it was sent to; None before anything was sent, or where nothing is counted by person."""
    count = reacted(row, what)
    return None if count is None or not row.send.is_tracked else min(1.0, count / row.sent)


def rate_in_sql(what: str) -> Combinable:
    """`rate`, to sort by."""
    count = Cast(Coalesce(F(f"send__reactions__{what}"), 0), FloatField())
    share = count / NullIf(Cast(F("sent"), FloatField()), 0.0)
    return Case(When(send__is_tracked=True, then=share), output_field=FloatField())


PEOPLE_ONLY = _("Each contact is counted once. Automatic opens and clicks are excluded.")
