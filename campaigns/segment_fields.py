"""What segments can ask about mail: who received, opened and clicked, and when. People, not machines."""

from typing import Any

from django.db.models import Count, Exists, OuterRef, Q, QuerySet
from django.utils.translation import gettext_lazy

from campaigns.models.bounces import Bounce
from campaigns.models.sends import Delivery
from campaigns.models.tracking import Event
from core.rules import choices as choices
from core.rules.fields import Field, Phrase, fields
from core.rules.operators import Kind
from core.rules.sources import Coded, Events
from crm.consent.models import Suppression

MAIL = gettext_lazy("E-mail")


def register() -> None:
    for field in (_received(), _clicked(), _opened(), _bounced(), _complained(), _suppressed()):
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


def _bounces() -> "QuerySet[Any]":
    return Bounce.objects.filter(kind__in=[Bounce.Kind.HARD, Bounce.Kind.SOFT], contact__isnull=False)


def _complaints() -> "QuerySet[Any]":
    return Bounce.objects.filter(kind=Bounce.Kind.COMPLAINT, contact__isnull=False)


def _bounced() -> Field:
    return Field(
        code="mail_bounced",
        label=gettext_lazy("mails that bounced"),
        group=MAIL,
        kind=Kind.COUNT,
        is_windowed=True,
        least=0,
        source=Events(_bounces, "at", lambda: Count("id"), "contact_id"),
        phrases={
            "some": Phrase(gettext_lazy("had mail bounce%(window)s"), is_clause=True),
            "never": Phrase(gettext_lazy("had no mail bounce%(window)s"), is_clause=True),
            "measured": Phrase(gettext_lazy("had mail bounce %(times)s%(window)s"), is_clause=True),
        },
    )


def _complained() -> Field:
    return Field(
        code="mail_complained",
        label=gettext_lazy("complaints about mails"),
        group=MAIL,
        kind=Kind.COUNT,
        is_windowed=True,
        least=0,
        source=Events(_complaints, "at", lambda: Count("id"), "contact_id"),
        phrases={
            "some": Phrase(gettext_lazy("complained%(window)s"), is_clause=True),
            "never": Phrase(gettext_lazy("did not complain%(window)s"), is_clause=True),
            "measured": Phrase(gettext_lazy("complained %(times)s%(window)s"), is_clause=True),
        },
    )


def _suppressed_because(codes: tuple[str, ...]) -> Q:
    listed = Suppression.objects.in_force().filter(reason__in=codes, address_hash=OuterRef("address_hash"))
    return Q(Exists(listed))


def _suppressed() -> Field:
    return Field(
        code="suppressed",
        label=gettext_lazy("suppressed because"),
        group=MAIL,
        kind=Kind.CHOICE,
        source=Coded(_suppressed_because, lambda: _suppressed_because(tuple(Suppression.Reason.values))),
        choices=choices.fixed([(reason.value, reason.label) for reason in Suppression.Reason]),
        phrases={
            "is_any_of": Phrase(gettext_lazy("suppressed (%(value)s)")),
            "is_none_of": Phrase(gettext_lazy("not suppressed (%(value)s)")),
            "is_set": Phrase(gettext_lazy("suppressed")),
            "is_not_set": Phrase(gettext_lazy("not suppressed")),
        },
    )
