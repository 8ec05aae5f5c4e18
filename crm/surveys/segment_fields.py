"""What segments can ask about the NPS answers of a contact."""

from collections.abc import Sequence
from functools import partial

from django.db.models import Count, Exists, OuterRef, Q
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from core.rules.choices import fixed
from core.rules.fields import Choice, Field, Phrase
from core.rules.operators import Kind
from core.rules.sources import Coded, Events, newest
from crm.contacts.segment_fields import RELATION
from crm.surveys.models import NpsAnswer

NPS_SCORES = {"promoter": (9, 10), "passive": (7, 8), "detractor": (0, 6)}


def nps_categories(codes: Sequence[str] | None, query: str) -> Sequence[Choice]:
    pairs = [("promoter", _("Promoter (9–10)")), ("passive", _("Passive (7–8)")), ("detractor", _("Detractor (0–6)"))]
    return fixed(pairs)(codes, query)


def _answered(codes: tuple[str, ...]) -> Q:
    """By the newest answer."""
    scores = Q(pk__in=[])
    for code in codes:
        if code in NPS_SCORES:
            scores |= Q(score__range=NPS_SCORES[code])
    latest = newest(NpsAnswer.objects.filter(scores), at="answered_at", link="contact")
    return Q(Exists(latest.filter(contact=OuterRef("pk"))))


_relationship = partial(Field, group=RELATION)

NPS_FIELDS = (
    _relationship(
        code="nps",
        label=gettext_lazy("NPS answer"),
        kind=Kind.CHOICE,
        source=Coded(_answered, lambda: Q(Exists(NpsAnswer.objects.filter(contact=OuterRef("pk"))))),
        choices=nps_categories,
    ),
    _relationship(
        code="nps_answered",
        label=gettext_lazy("number of NPS answers"),
        kind=Kind.COUNT,
        is_windowed=True,
        least=0,
        source=Events(NpsAnswer.objects.all, "answered_at", lambda: Count("pk")),
        phrases={
            "some": Phrase(gettext_lazy("answered the survey%(window)s"), is_clause=True),
            "never": Phrase(gettext_lazy("did not answer the survey%(window)s"), is_clause=True),
            "measured": Phrase(gettext_lazy("answered the survey %(times)s%(window)s"), is_clause=True),
        },
    ),
)
