"""What segments can ask about mail: who received, opened and clicked, and when. People, not machines."""

from typing import Any

from django.db.models import Count, QuerySet
from django.utils.translation import gettext_lazy

from campaigns.models import Delivery, Event
from core.rules.fields import Field, Phrase, fields
from core.rules.operators import Kind
from core.rules.sources import Events

MAIL = gettext_lazy("E-mail")


def register() -> None:
    for field in (_received(), _clicked(), _opened()):
        fields.register(field)


def _sent() -> "QuerySet[Any]":
    return Delivery.objects.filter(state=Delivery.State.SENT)


def _clicks() -> "QuerySet[Any]":
    return Event.objects.filter(kind=Event.Kind.CLICK, machine="")


def _opens() -> "QuerySet[Any]":
    return Event.objects.filter(kind=Event.Kind.OPEN, machine="")


def _received() -> Field:
    return Field(
        code="mail_received",
        label=gettext_lazy("mails received"),
        group=MAIL,
        kind=Kind.COUNT,
        is_windowed=True,
        least=0,
        source=Events(_sent, "changed_at", lambda: Count("send_id"), "contact_id"),
        phrases={
            "some": Phrase(gettext_lazy("received mail%(window)s"), is_clause=True),
            "never": Phrase(gettext_lazy("received no mail%(window)s"), is_clause=True),
            "measured": Phrase(gettext_lazy("received mail %(times)s%(window)s"), is_clause=True),
        },
    )


def _clicked() -> Field:
    return Field(
        code="mail_clicked",
        label=gettext_lazy("clicks in mails"),
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


def _opened() -> Field:
    return Field(
        code="mail_opened",
        label=gettext_lazy("mails opened (uncertain)"),
        group=MAIL,
        kind=Kind.COUNT,
        is_windowed=True,
        least=0,
        source=Events(_opens, "at", lambda: Count("id"), "contact_id"),
        phrases={
            "some": Phrase(gettext_lazy("opened a mail%(window)s"), is_clause=True),
            "never": Phrase(gettext_lazy("opened no mail%(window)s"), is_clause=True),
            "measured": Phrase(gettext_lazy("opened mails %(times)s%(window)s"), is_clause=True),
        },
    )
