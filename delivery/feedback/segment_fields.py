"""What segments can ask about bounces, complaints and suppressions."""

from typing import Any

from django.db.models import Count, Exists, OuterRef, Q, QuerySet
from django.utils.translation import gettext_lazy

from core.rules import choices as choices
from core.rules.fields import Field, Phrase
from core.rules.operators import Kind
from core.rules.sources import Coded, Events
from crm.consent.models import Suppression
from delivery.feedback.models import Bounce
from delivery.sends.segment_fields import MAIL


def _bounces() -> "QuerySet[Any]":
    return Bounce.objects.filter(kind__in=[Bounce.Kind.HARD, Bounce.Kind.SOFT], contact__isnull=False)


def _complaints() -> "QuerySet[Any]":
    return Bounce.objects.filter(kind=Bounce.Kind.COMPLAINT, contact__isnull=False)


def bounced_field() -> Field:
    return Field(
        code="mail_bounced",
        label=gettext_lazy("e-mails that bounced"),
        group=MAIL,
        kind=Kind.COUNT,
        is_windowed=True,
        least=0,
        source=Events(_bounces, "at", lambda: Count("id"), "contact_id"),
        phrases={
            "some": Phrase(gettext_lazy("had e-mail bounce%(window)s"), is_clause=True),
            "never": Phrase(gettext_lazy("had no e-mail bounce%(window)s"), is_clause=True),
            "measured": Phrase(gettext_lazy("had e-mail bounce %(times)s%(window)s"), is_clause=True),
        },
    )


def complained_field() -> Field:
    return Field(
        code="mail_complained",
        label=gettext_lazy("spam complaints"),
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


def suppressed_field() -> Field:
    return Field(
        code="suppressed",
        label=gettext_lazy("suppression reason"),
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
