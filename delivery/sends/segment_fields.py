"""What segments can ask about the mails somebody was sent."""

from typing import Any

from django.db.models import Count, QuerySet
from django.utils.translation import gettext_lazy

from core.rules.fields import Field, Phrase
from core.rules.operators import Kind
from core.rules.sources import Events
from delivery.sends.models import Delivery

MAIL = gettext_lazy("E-mail")


def _sent() -> "QuerySet[Any]":
    return Delivery.objects.filter(state=Delivery.State.SENT)


def received_field() -> Field:
    return Field(
        code="mail_received",
        label=gettext_lazy("e-mails received"),
        group=MAIL,
        kind=Kind.COUNT,
        is_windowed=True,
        least=0,
        source=Events(_sent, "changed_at", lambda: Count("send_id"), "contact_id"),
        phrases={
            "some": Phrase(gettext_lazy("received e-mail%(window)s"), is_clause=True),
            "never": Phrase(gettext_lazy("received no e-mail%(window)s"), is_clause=True),
            "measured": Phrase(gettext_lazy("received e-mail %(times)s%(window)s"), is_clause=True),
        },
    )
