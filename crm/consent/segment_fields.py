"""What segments can ask about consent, and whether an e-mail can be sent at all."""

from collections.abc import Sequence
from functools import partial

from django.db.models import Exists, OuterRef, Q
from django.utils.translation import gettext_lazy

from core.rules.choices import from_rows
from core.rules.context import RuleContext
from core.rules.fields import Choice, Field, Phrase
from core.rules.operators import Kind
from core.rules.sources import Coded, Flag, newest
from crm.consent.models import Consent, ConsentTopic, Suppression

REACH = gettext_lazy("Consent and reach")


def topics(codes: Sequence[str] | None, query: str) -> Sequence[Choice]:
    return from_rows(ConsentTopic.objects.all(), "code", "name", codes, query)


def _reachable(context: RuleContext) -> Q:
    suppressed = Suppression.objects.in_force().filter(address_hash=OuterRef("address_hash"))
    return Q(email_normalized__isnull=False, archived_at__isnull=True) & ~Q(Exists(suppressed))


def _agreed(codes: tuple[str, ...]) -> Q:
    """The newest record of a topic says yes."""
    given = Consent.objects.filter(channel=Consent.Channel.EMAIL, topic__code__in=codes, given=True)
    current = newest(given, at="at", link="contact", same=("channel", "topic"))
    return Q(Exists(current.filter(contact=OuterRef("pk"))))


_reach = partial(Field, group=REACH)

REACH_FIELDS = (
    _reach(
        code="reachable",
        label=gettext_lazy("reachable by e-mail"),
        kind=Kind.BOOLEAN,
        source=Flag(_reachable),
        phrases={
            "is_true": Phrase(gettext_lazy("reachable by e-mail")),
            "is_false": Phrase(gettext_lazy("not reachable by e-mail")),
        },
    ),
    _reach(
        code="consent",
        label=gettext_lazy("consent by e-mail"),
        kind=Kind.CHOICES,
        source=Coded(_agreed, lambda: Q()),
        choices=topics,
        phrases={
            "has_any_of": Phrase(gettext_lazy("agreed to receive %(value)s"), is_clause=True),
            "has_all_of": Phrase(gettext_lazy("agreed to receive %(value)s"), is_clause=True),
            "has_none_of": Phrase(gettext_lazy("have not agreed to receive %(value)s"), is_clause=True),
        },
    ),
)
