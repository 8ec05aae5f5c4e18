"""What segments can ask about a contact: the person, the stage, the salesperson, the last activity."""

from collections.abc import Callable, Sequence
from functools import partial

from django.db.models import Count, F, Func
from django.utils.dates import MONTHS
from django.utils.translation import gettext_lazy

from accounts.people.models import User
from core.rules.choices import MAX_CHOICES, fixed, from_rows
from core.rules.fields import Choice, Field, Phrase
from core.rules.operators import Kind
from core.rules.sources import Age, Birthday, Column, Listed, Related
from crm.channels.segment_choices import channels
from crm.contacts.models import Contact, MiniListMembership

PERSON = gettext_lazy("Profile")
RELATION = gettext_lazy("Relationship")


def place_phrases() -> dict[str, Phrase]:
    return {
        "is": Phrase(gettext_lazy("in %(value)s")),
        "is_any_of": Phrase(gettext_lazy("in %(value)s")),
        "is_not": Phrase(gettext_lazy("outside %(value)s")),
        "is_none_of": Phrase(gettext_lazy("outside %(value)s")),
    }


def values_of(column: str) -> Callable[[str], Sequence[str]]:
    """The commonest values of a column that contain what is typed."""

    def suggestions(query: str) -> Sequence[str]:
        rows = Contact.objects.exclude(**{column: ""}).filter(**{f"{column}__icontains": query})
        counted = rows.order_by().values(column).annotate(people=Count("pk")).order_by("-people", column)
        return [row[column] for row in counted[:MAX_CHOICES]]

    return suggestions


def months(codes: Sequence[str] | None, query: str) -> Sequence[Choice]:
    return fixed([(str(number), name) for number, name in MONTHS.items()])(codes, query)


def tastes(codes: Sequence[str] | None, query: str) -> Sequence[Choice]:
    if codes is not None:
        return [Choice(code, code) for code in codes]
    rows = Contact.objects.order_by().annotate(taste=Func(F("tastes"), function="unnest")).values("taste")
    counted = rows.annotate(people=Count("pk")).order_by("-people", "taste").values_list("taste", flat=True)
    return [Choice(taste, taste) for taste in counted[:500] if query.lower() in taste.lower()][:MAX_CHOICES]


def salespeople(codes: Sequence[str] | None, query: str) -> Sequence[Choice]:
    rows = User.objects.all() if codes is not None else User.objects.salespeople()
    return from_rows(rows, "public_id", "full_name", codes, query)


_person = partial(Field, group=PERSON)
_text = partial(Field, group=PERSON, kind=Kind.TEXT)
_relationship = partial(Field, group=RELATION)

PERSON_FIELDS = (
    _text(
        code="city",
        label=gettext_lazy("city"),
        source=Column("city", blank=True),
        suggestions=values_of("city"),
        phrases=place_phrases(),
    ),
    _text(
        code="region",
        label=gettext_lazy("region"),
        source=Column("region", blank=True),
        suggestions=values_of("region"),
        phrases=place_phrases(),
    ),
    _text(
        code="country",
        label=gettext_lazy("country"),
        source=Column("country", blank=True),
        suggestions=values_of("country"),
        phrases=place_phrases(),
    ),
    _text(
        code="profession",
        label=gettext_lazy("profession"),
        source=Column("profession", blank=True),
        suggestions=values_of("profession"),
    ),
    _person(
        code="sex",
        label=gettext_lazy("sex"),
        kind=Kind.CHOICE,
        source=Column("sex", blank=True),
        choices=fixed([(str(code), label) for code, label in Contact.Sex.choices]),
    ),
    _person(
        code="age",
        label=gettext_lazy("age"),
        kind=Kind.NUMBER,
        source=Age("birth_date"),
        least=0,
        most=150,
        phrases={
            "at_least": Phrase(gettext_lazy("aged %(value)s or more")),
            "at_most": Phrase(gettext_lazy("aged %(value)s or less")),
            "more_than": Phrase(gettext_lazy("older than %(value)s")),
            "less_than": Phrase(gettext_lazy("younger than %(value)s")),
            "between": Phrase(gettext_lazy("aged %(first)s to %(last)s")),
            "equals": Phrase(gettext_lazy("aged %(value)s")),
        },
    ),
    _person(
        code="birthday",
        label=gettext_lazy("birthday"),
        kind=Kind.BIRTHDAY,
        source=Birthday("birth_date"),
        choices=months,
    ),
    _person(
        code="tastes",
        label=gettext_lazy("tastes"),
        kind=Kind.CHOICES,
        source=Listed("tastes"),
        choices=tastes,
        phrases={
            "has_any_of": Phrase(gettext_lazy("like %(value)s"), is_clause=True),
            "has_all_of": Phrase(gettext_lazy("like %(value)s"), is_clause=True),
            "has_none_of": Phrase(gettext_lazy("are not known to like %(value)s"), is_clause=True),
        },
    ),
    _text(
        code="looking_for",
        label=gettext_lazy("looking for"),
        source=Column("looking_for", blank=True),
        phrases={
            "is": Phrase(gettext_lazy("look for %(value)s"), is_clause=True),
            "contains": Phrase(gettext_lazy("look for %(value)s"), is_clause=True),
        },
    ),
    _text(
        code="language",
        label=gettext_lazy("language"),
        source=Column("language", blank=True),
        suggestions=values_of("language"),
    ),
    _person(
        code="created",
        label=gettext_lazy("date added"),
        kind=Kind.DATE,
        source=Column("created_at"),
        nullable=False,
        phrases={
            "in_last": Phrase(gettext_lazy("were added in the last %(days)s"), is_clause=True),
            "not_in_last": Phrase(gettext_lazy("were not added in the last %(days)s"), is_clause=True),
            "older_than": Phrase(gettext_lazy("were added more than %(days)s ago"), is_clause=True),
            "on": Phrase(gettext_lazy("were added on %(value)s"), is_clause=True),
            "since": Phrase(gettext_lazy("were added since %(value)s"), is_clause=True),
            "before": Phrase(gettext_lazy("were added before %(value)s"), is_clause=True),
            "between": Phrase(gettext_lazy("were added between %(first)s and %(last)s"), is_clause=True),
        },
    ),
)

RELATION_FIELDS = (
    _relationship(
        code="stage",
        label=gettext_lazy("stage"),
        kind=Kind.CHOICE,
        source=Column("stage"),
        nullable=False,
        choices=fixed([(str(code), label) for code, label in Contact.Stage.choices]),
        phrases={
            "is_any_of": Phrase(gettext_lazy("at stage %(value)s")),
            "is_none_of": Phrase(gettext_lazy("not at stage %(value)s")),
        },
    ),
    _relationship(
        code="stage_since",
        label=gettext_lazy("change of stage"),
        kind=Kind.DATE,
        source=Column("stage_since"),
        nullable=False,
    ),
    _relationship(
        code="owner",
        label=gettext_lazy("salesperson"),
        kind=Kind.CHOICE,
        source=Related(MiniListMembership.objects.filter(until=None).all, Column("owner__public_id")),
        choices=salespeople,
        phrases={
            "is_any_of": Phrase(gettext_lazy("assigned to %(value)s")),
            "is_none_of": Phrase(gettext_lazy("not assigned to %(value)s")),
            "is_set": Phrase(gettext_lazy("assigned to a salesperson")),
            "is_not_set": Phrase(gettext_lazy("without an owner")),
        },
    ),
    _relationship(
        code="last_contacted",
        label=gettext_lazy("last contact"),
        kind=Kind.DATE,
        source=Column("last_contacted_at"),
        phrases={
            "in_last": Phrase(gettext_lazy("were contacted in the last %(days)s"), is_clause=True),
            "not_in_last": Phrase(gettext_lazy("were not contacted in the last %(days)s"), is_clause=True),
            "older_than": Phrase(gettext_lazy("were last contacted more than %(days)s ago"), is_clause=True),
            "is_set": Phrase(gettext_lazy("have been contacted"), is_clause=True),
            "is_not_set": Phrase(gettext_lazy("have never been contacted"), is_clause=True),
        },
    ),
    _relationship(
        code="channel",
        label=gettext_lazy("source channel"),
        kind=Kind.CHOICE,
        source=Column("channel__code"),
        choices=channels,
        phrases={
            "is_any_of": Phrase(gettext_lazy("came through %(value)s"), is_clause=True),
            "is_none_of": Phrase(gettext_lazy("did not come through %(value)s"), is_clause=True),
            "is_not_set": Phrase(gettext_lazy("came through an unknown channel"), is_clause=True),
        },
    ),
)
