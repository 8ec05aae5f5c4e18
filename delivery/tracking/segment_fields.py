"""What segments can ask about clicks and opens: people's, not programs'."""

from typing import Any

from django.db.models import Count, QuerySet
from django.utils.translation import gettext_lazy

from core.rules.fields import Field, Phrase
from core.rules.operators import Kind
from core.rules.sources import Events
from delivery.sends.segment_fields import MAIL
from delivery.tracking.models import Event


def _clicks() -> "QuerySet[Any]":
    return Event.objects.filter(kind=Event.Kind.CLICK, machine="")


def _opens() -> "QuerySet[Any]":
    return Event.objects.filter(kind=Event.Kind.OPEN, machine="")


def clicked_field() -> Field:
    return Field(
        code="mail_clicked",
        label=gettext_lazy("clicks in e-mails"),
        group=MAIL,
        kind=Kind.COUNT,
        is_windowed=True,
        least=0,
        source=Events(_clicks, "at", lambda: Count("id"), "contact_id"),
        phrases={
            "some": Phrase(gettext_lazy("clicked%(window)s"), is_clause=True),
            "never": Phrase(gettext_lazy("did not click%(window)s"), is_clause=True),
            "measured": Phrase(gettext_lazy("clicked %(times)s%(window)s"), is_clause=True),
        },
    )


def opened_field() -> Field:
    return Field(
        code="mail_opened",
        label=gettext_lazy("e-mails opened (uncertain)"),
        group=MAIL,
        kind=Kind.COUNT,
        is_windowed=True,
        least=0,
        source=Events(_opens, "at", lambda: Count("id"), "contact_id"),
        phrases={
            "some": Phrase(gettext_lazy("opened an e-mail%(window)s"), is_clause=True),
            "never": Phrase(gettext_lazy("opened no e-mail%(window)s"), is_clause=True),
            "measured": Phrase(gettext_lazy("opened e-mails %(times)s%(window)s"), is_clause=True),
        },
    )
