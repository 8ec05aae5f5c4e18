"""What segments can ask about a customer: who they are, what they bought, how they score, what they agreed to."""

from functools import partial

from django.db.models import Count, DecimalField, Exists, ExpressionWrapper, F, Func, OuterRef, Q, QuerySet, Sum
from django.db.models.functions import NullIf
from django.utils.translation import gettext_lazy

from core.rules.context import RuleContext
from core.rules.fields import Field, Phrase, fields
from core.rules.operators import Kind
from core.rules.sources import Age, Birthday, Coded, Column, Events, Flag, Happened, Listed, Related, newest
from crm import segment_choices as choices
from crm.models import (
    Consent,
    Contact,
    Lead,
    MiniListMembership,
    NpsAnswer,
    Order,
    OrderLine,
    RfmScore,
    Suppression,
)

PERSON = gettext_lazy("Who they are")
ORDERS = gettext_lazy("What they bought")
RFM = gettext_lazy("RFM")
RELATION = gettext_lazy("Relationship")
REACH = gettext_lazy("Consent and reach")
NPS_SCORES = {"promoter": (9, 10), "passive": (7, 8), "detractor": (0, 6)}


# --- What the fields count -----------------------------------------------------------------------------------------


def _sales() -> QuerySet[Order]:
    """What RFM counts as a purchase."""
    return Order.objects.of_customers()


def _lines_sold() -> QuerySet[OrderLine]:
    return OrderLine.objects.filter(order__kind=Order.Kind.SALE, quantity__gt=0)


def _in_company_money(column: str) -> Sum:
    """The sum in the company's currency, each order rounded to cents like the totals of a contact."""
    return Sum(
        Func(F(column) * F("rate"), 2, function="ROUND", output_field=DecimalField(max_digits=14, decimal_places=2))
    )


def _reachable(context: RuleContext) -> Q:
    suppressed = Suppression.objects.in_force().filter(address_hash=OuterRef("address_hash"))
    return Q(email_normalized__isnull=False, archived_at__isnull=True) & ~Q(Exists(suppressed))


def _agreed(codes: tuple[str, ...]) -> Q:
    """The newest record of a topic says yes."""
    given = Consent.objects.filter(channel=Consent.Channel.EMAIL, topic__code__in=codes, given=True)
    current = newest(given, at="at", link="contact", same=("channel", "topic"))
    return Q(Exists(current.filter(contact=OuterRef("pk"))))


def _answered(codes: tuple[str, ...]) -> Q:
    """By the newest answer."""
    scores = Q(pk__in=[])
    for code in codes:
        if code in NPS_SCORES:
            scores |= Q(score__range=NPS_SCORES[code])
    latest = newest(NpsAnswer.objects.filter(scores), at="answered_at", link="contact")
    return Q(Exists(latest.filter(contact=OuterRef("pk"))))


# --- The fields ----------------------------------------------------------------------------------------------------

# A field of each group, and of the kinds that come often.
_person = partial(Field, group=PERSON)
_text = partial(Field, group=PERSON, kind=Kind.TEXT)
_orders = partial(Field, group=ORDERS)
_money = partial(Field, group=ORDERS, kind=Kind.MONEY)
_rfm = partial(Field, group=RFM)
_score = partial(Field, group=RFM, kind=Kind.SCORE, least=1, most=5)
_relationship = partial(Field, group=RELATION)
_reach = partial(Field, group=REACH)
AVERAGE_ORDER = ExpressionWrapper(
    F("gross_total") / NullIf(F("order_count"), 0), output_field=DecimalField(max_digits=30, decimal_places=10)
)

PERSON_FIELDS = (
    _text(
        code="city",
        label=gettext_lazy("city"),
        source=Column("city", blank=True),
        suggestions=choices.values_of("city"),
        phrases=choices.place(),
    ),
    _text(
        code="region",
        label=gettext_lazy("region"),
        source=Column("region", blank=True),
        suggestions=choices.values_of("region"),
        phrases=choices.place(),
    ),
    _text(
        code="country",
        label=gettext_lazy("country"),
        source=Column("country", blank=True),
        suggestions=choices.values_of("country"),
        phrases=choices.place(),
    ),
    _text(
        code="profession",
        label=gettext_lazy("profession"),
        source=Column("profession", blank=True),
        suggestions=choices.values_of("profession"),
    ),
    _person(
        code="sex",
        label=gettext_lazy("sex"),
        kind=Kind.CHOICE,
        source=Column("sex", blank=True),
        choices=choices.fixed([(str(code), label) for code, label in Contact.Sex.choices]),
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
        choices=choices.months,
    ),
    _person(
        code="tastes",
        label=gettext_lazy("tastes"),
        kind=Kind.CHOICES,
        source=Listed("tastes"),
        choices=choices.tastes,
        phrases={
            "has_any_of": Phrase(gettext_lazy("like %(value)s"), is_clause=True),
            "has_all_of": Phrase(gettext_lazy("like %(value)s"), is_clause=True),
            "has_none_of": Phrase(gettext_lazy("are not known to like %(value)s"), is_clause=True),
        },
    ),
    _text(
        code="looking_for",
        label=gettext_lazy("what they look for"),
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
        suggestions=choices.values_of("language"),
    ),
    _person(
        code="created",
        label=gettext_lazy("date they joined the base"),
        kind=Kind.DATE,
        source=Column("created_at"),
        nullable=False,
        phrases={
            "in_last": Phrase(gettext_lazy("joined the base in the last %(days)s"), is_clause=True),
            "not_in_last": Phrase(gettext_lazy("did not join the base in the last %(days)s"), is_clause=True),
            "older_than": Phrase(gettext_lazy("joined the base more than %(days)s ago"), is_clause=True),
            "on": Phrase(gettext_lazy("joined the base on %(value)s"), is_clause=True),
            "since": Phrase(gettext_lazy("joined the base since %(value)s"), is_clause=True),
            "before": Phrase(gettext_lazy("joined the base before %(value)s"), is_clause=True),
            "between": Phrase(gettext_lazy("joined the base between %(first)s and %(last)s"), is_clause=True),
        },
    ),
)

ORDER_FIELDS = (
    _orders(
        code="is_customer",
        label=gettext_lazy("is a customer"),
        kind=Kind.BOOLEAN,
        source=Flag(lambda context: Q(first_order_at__isnull=False)),
        phrases={
            "is_true": Phrase(gettext_lazy("customers"), is_subject=True),
            "is_false": Phrase(gettext_lazy("have never bought"), is_clause=True),
        },
    ),
    _orders(
        code="orders_placed",
        label=gettext_lazy("number of orders"),
        kind=Kind.COUNT,
        is_windowed=True,
        least=0,
        source=Events(_sales, "placed_at", lambda: Count("pk")),
        phrases={
            "some": Phrase(gettext_lazy("bought%(window)s"), is_clause=True),
            "never": Phrase(gettext_lazy("did not buy%(window)s"), is_clause=True),
            "measured": Phrase(gettext_lazy("bought %(times)s%(window)s"), is_clause=True),
        },
    ),
    _orders(
        code="orders_gross",
        label=gettext_lazy("sum of orders"),
        kind=Kind.SUM,
        is_windowed=True,
        least=0,
        source=Events(_sales, "placed_at", lambda: _in_company_money("gross")),
        phrases={
            "never": Phrase(gettext_lazy("spent nothing%(window)s"), is_clause=True),
            "measured": Phrase(gettext_lazy("spent %(amount)s%(window)s"), is_clause=True),
        },
    ),
    _orders(
        code="orders_net",
        label=gettext_lazy("sum of orders less returns"),
        kind=Kind.SUM,
        is_windowed=True,
        source=Events(Order.objects.all, "placed_at", lambda: _in_company_money("net")),
        phrases={
            "never": Phrase(gettext_lazy("spent nothing after returns%(window)s"), is_clause=True),
            "measured": Phrase(gettext_lazy("spent %(amount)s after returns%(window)s"), is_clause=True),
        },
    ),
    _orders(
        code="product_bought",
        label=gettext_lazy("product bought"),
        kind=Kind.CHOICES,
        is_windowed=True,
        source=Happened(_lines_sold, "product__code", "order__placed_at", "order__contact"),
        choices=choices.products,
        phrases=choices.bought(),
    ),
    _orders(
        code="category_bought",
        label=gettext_lazy("category bought"),
        kind=Kind.CHOICES,
        is_windowed=True,
        source=Happened(_lines_sold, "product__category", "order__placed_at", "order__contact"),
        choices=choices.categories,
        phrases=choices.bought(),
    ),
    _orders(
        code="last_order",
        label=gettext_lazy("last purchase"),
        kind=Kind.DATE,
        source=Column("last_order_at"),
    ),
    _orders(
        code="first_order",
        label=gettext_lazy("first purchase"),
        kind=Kind.DATE,
        source=Column("first_order_at"),
    ),
    _orders(
        code="order_count",
        label=gettext_lazy("orders in all"),
        kind=Kind.NUMBER,
        least=0,
        source=Column("order_count"),
        nullable=False,
    ),
    _money(
        code="gross_total",
        label=gettext_lazy("gross purchases in all"),
        source=Column("gross_total"),
        nullable=False,
    ),
    _money(
        code="net_total",
        label=gettext_lazy("net purchases in all"),
        source=Column("net_total"),
        nullable=False,
    ),
    _money(code="average_order", label=gettext_lazy("average order"), source=Column(AVERAGE_ORDER)),
)

RFM_FIELDS = (
    _rfm(
        code="rfm_segment",
        label=gettext_lazy("RFM segment"),
        kind=Kind.CHOICE,
        source=Related(RfmScore.objects.all, Column("segment__code")),
        choices=choices.rfm_segments,
    ),
    _score(code="rfm_r", label=gettext_lazy("recency score"), source=Related(RfmScore.objects.all, Column("r"))),
    _score(code="rfm_f", label=gettext_lazy("frequency score"), source=Related(RfmScore.objects.all, Column("f"))),
    _score(code="rfm_m", label=gettext_lazy("monetary score"), source=Related(RfmScore.objects.all, Column("m"))),
    _rfm(
        code="recency_days",
        label=gettext_lazy("days since the last purchase at the last scoring"),
        kind=Kind.NUMBER,
        source=Related(RfmScore.objects.all, Column("recency_days")),
    ),
)

RELATION_FIELDS = (
    _relationship(
        code="stage",
        label=gettext_lazy("stage"),
        kind=Kind.CHOICE,
        source=Column("stage"),
        nullable=False,
        choices=choices.fixed([(str(code), label) for code, label in Contact.Stage.choices]),
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
        choices=choices.salespeople,
        phrases={
            "is_any_of": Phrase(gettext_lazy("looked after by %(value)s")),
            "is_none_of": Phrase(gettext_lazy("not looked after by %(value)s")),
            "is_set": Phrase(gettext_lazy("looked after by a salesperson")),
            "is_not_set": Phrase(gettext_lazy("looked after by nobody")),
        },
    ),
    _relationship(
        code="last_contacted",
        label=gettext_lazy("last contact from us"),
        kind=Kind.DATE,
        source=Column("last_contacted_at"),
        phrases={
            "in_last": Phrase(gettext_lazy("heard from us in the last %(days)s"), is_clause=True),
            "not_in_last": Phrase(gettext_lazy("have not heard from us in the last %(days)s"), is_clause=True),
            "older_than": Phrase(gettext_lazy("last heard from us more than %(days)s ago"), is_clause=True),
            "is_set": Phrase(gettext_lazy("have heard from us"), is_clause=True),
            "is_not_set": Phrase(gettext_lazy("have never heard from us"), is_clause=True),
        },
    ),
    _relationship(
        code="channel",
        label=gettext_lazy("channel they came through"),
        kind=Kind.CHOICE,
        source=Column("channel__code"),
        choices=choices.channels,
        phrases={
            "is_any_of": Phrase(gettext_lazy("came through %(value)s"), is_clause=True),
            "is_none_of": Phrase(gettext_lazy("did not come through %(value)s"), is_clause=True),
            "is_not_set": Phrase(gettext_lazy("came through an unknown channel"), is_clause=True),
        },
    ),
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
        choices=choices.channels,
        phrases={
            "has_any_of": Phrase(gettext_lazy("showed interest through %(value)s%(window)s"), is_clause=True),
            "has_all_of": Phrase(gettext_lazy("showed interest through %(value)s%(window)s"), is_clause=True),
            "has_none_of": Phrase(gettext_lazy("showed no interest through %(value)s%(window)s"), is_clause=True),
        },
    ),
    _relationship(
        code="nps",
        label=gettext_lazy("NPS answer"),
        kind=Kind.CHOICE,
        source=Coded(_answered, lambda: Q(Exists(NpsAnswer.objects.filter(contact=OuterRef("pk"))))),
        choices=choices.nps_categories,
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
        choices=choices.topics,
        phrases={
            "has_any_of": Phrase(gettext_lazy("agreed to receive %(value)s"), is_clause=True),
            "has_all_of": Phrase(gettext_lazy("agreed to receive %(value)s"), is_clause=True),
            "has_none_of": Phrase(gettext_lazy("have not agreed to receive %(value)s"), is_clause=True),
        },
    ),
)


def register() -> None:
    """Offer every field, in the order the builder shows them."""
    for field in (*PERSON_FIELDS, *ORDER_FIELDS, *RFM_FIELDS, *RELATION_FIELDS, *REACH_FIELDS):
        fields.register(field)
