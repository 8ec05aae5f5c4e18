"""What segments can ask about the leads of a contact."""

from functools import partial

from django.db.models import Count
from django.utils.translation import gettext_lazy

from core.rules.fields import Field, Phrase
from core.rules.operators import Kind
from core.rules.sources import Events, Happened
from crm.channels.segment_choices import channels
from crm.contacts.segment_fields import RELATION
from crm.leads.models import Lead

_relationship = partial(Field, group=RELATION)

LEAD_FIELDS = (
    _relationship(
        code="leads",
        label=gettext_lazy("number of leads"),
        kind=Kind.COUNT,
        is_windowed=True,
        least=0,
        source=Events(Lead.objects.all, "occurred_at", lambda: Count("pk")),
        phrases={
            "some": Phrase(gettext_lazy("showed interest%(window)s"), is_clause=True),
            "never": Phrase(gettext_lazy("showed no interest%(window)s"), is_clause=True),
            "measured": Phrase(gettext_lazy("showed interest %(times)s%(window)s"), is_clause=True),
        },
    ),
    _relationship(
        code="lead_channel",
        label=gettext_lazy("lead through channel"),
        kind=Kind.CHOICES,
        is_windowed=True,
        source=Happened(Lead.objects.all, "channel__code", "occurred_at"),
        choices=channels,
        phrases={
            "has_any_of": Phrase(gettext_lazy("showed interest through %(value)s%(window)s"), is_clause=True),
            "has_all_of": Phrase(gettext_lazy("showed interest through %(value)s%(window)s"), is_clause=True),
            "has_none_of": Phrase(gettext_lazy("showed no interest through %(value)s%(window)s"), is_clause=True),
        },
    ),
)
