"""A small customer base full of edges (missing values, ties, several orders a day, midnights), and rules over it."""

import random
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from typing import Any

from accounts.people.tests.factories import UserFactory
from core.rules.fields import Field, fields
from core.rules.operators import Kind, Operator, Shape
from crm.channels.tests.factories import ChannelFactory
from crm.consent.models import Consent, Suppression
from crm.consent.tests.factories import ConsentTopicFactory
from crm.contacts.models import Contact, MiniListMembership
from crm.contacts.tests.factories import ContactFactory
from crm.leads.tests.factories import LeadFactory
from crm.sales.models import OrderLine
from crm.sales.tests.factories import OrderFactory, ProductFactory
from crm.scoring.models import RfmRun, RfmScore, RfmSegment
from crm.surveys.models import NpsAnswer

NOW = datetime(2024, 3, 1, 3, 30, tzinfo=UTC)  # 29 February, half past ten in the evening in Lima
ZONE = "America/Lima"
CITIES = ["Lima", "LIMA", "Cusco", "Ñaña", "San Juan (Norte) 100%", "a_b", ""]
TASTES = ["tea", "books", "running"]
FIELD_CODES = [
    *(
        "city",
        "region",
        "country",
        "profession",
        "sex",
        "age",
        "birthday",
        "tastes",
        "looking_for",
        "language",
        "created",
    ),
    *("is_customer", "orders_placed", "orders_gross", "orders_net", "product_bought", "category_bought"),
    *("last_order", "first_order", "order_count", "gross_total", "net_total", "average_order"),
    *("rfm_segment", "rfm_r", "rfm_f", "rfm_m", "recency_days"),
    *("stage", "stage_since", "owner", "last_contacted", "channel", "leads", "lead_channel", "nps", "nps_answered"),
    *("reachable", "consent"),
]
WORDS = ["Lima", "cusco", "ña", "a", "100%", "_", "e", "(Norte)"]


def make_base(seed: int, people: int) -> None:
    """People with some of everything, reproducibly."""
    dice = random.Random(seed)
    channels = [ChannelFactory.create(code=code, name=code.title()) for code in ("search", "blog", "referral")]
    topics = [ConsentTopicFactory.create(code=code, name=code) for code in ("newsletter", "offers")]
    products = [ProductFactory.create(code=f"P{n}", category=["tea", "books", ""][n % 3]) for n in range(5)]
    owners = [UserFactory.create(role="salesperson") for _ in range(2)]
    run = RfmRun.objects.create(as_of=NOW.date(), finished_at=NOW)
    segments = [RfmSegment.objects.get_or_create(code=code, defaults={"name": code})[0] for code in ("best", "rest")]
    for _ in range(people):
        person = _person(dice, channels)
        _orders(dice, person, products)
        if person.order_count and dice.random() < 0.9:
            RfmScore.objects.create(
                contact=person,
                run=run,
                recency_days=dice.randint(0, 400),
                frequency=person.order_count,
                monetary=person.gross_total,
                r=dice.randint(1, 5),
                f=dice.randint(1, 5),
                m=dice.randint(1, 5),
                segment=dice.choice(segments),
            )
        for _lead in range(dice.choice([0, 0, 1, 3])):
            LeadFactory.create(contact=person, channel=dice.choice(channels), occurred_at=_moment(dice))
        for _answer in range(dice.choice([0, 0, 1, 2])):
            NpsAnswer.objects.create(contact=person, score=dice.randint(0, 10), answered_at=_moment(dice))
        for topic in topics:
            for _record in range(dice.choice([0, 1, 2])):
                at = dice.choice([NOW - timedelta(days=3), _moment(dice)])
                Consent.objects.create(contact=person, topic=topic, given=dice.random() < 0.6, source="test", at=at)
        if dice.random() < 0.5:
            closed = dice.choice([None, NOW])
            MiniListMembership.objects.create(
                contact=person, owner=dice.choice(owners), since=NOW - timedelta(days=9), until=closed
            )
        if person.address_hash and dice.random() < 0.1:
            lifted = dice.choice([None, NOW])
            Suppression.objects.create(address_hash=person.address_hash, reason="bounced", lifted_at=lifted)


def _person(dice: random.Random, channels: list[Any]) -> Contact:
    has_address = dice.random() < 0.8
    extra = {} if has_address else {"email": ""}
    born = dice.choice([None, date(2000, 2, 29), date(1999, 3, 1), date(1980, 12, 31), date(1974, 2, 28)])
    person: Contact = ContactFactory.create(
        city=dice.choice(CITIES),
        region=dice.choice(["Lima", "Cusco", ""]),
        country=dice.choice(["Perú", "PERÚ", "Chile", ""]),
        profession=dice.choice(["Teacher", "nurse", ""]),
        sex=dice.choice(["f", "m", "x", ""]),
        birth_date=born,
        tastes=dice.sample(TASTES, dice.randint(0, 3)),
        looking_for=dice.choice(["", "A gift", "Lima tours"]),
        language=dice.choice(["es", "en", ""]),
        stage=dice.choice(Contact.Stage.values),
        stage_since=_moment(dice),
        channel=dice.choice([None, *channels]),
        last_contacted_at=dice.choice([None, _moment(dice)]),
        created_at=_moment(dice),
        archived_at=NOW if dice.random() < 0.05 else None,
        **extra,
    )
    return person


def _orders(dice: random.Random, person: Contact, products: list[Any]) -> None:
    sales = []
    for _order in range(dice.choice([0, 0, 1, 1, 2, 5])):
        is_return = dice.random() < 0.15
        gross = Decimal(0) if is_return else Decimal(dice.choice(["0.00", "10.00", "10.00", "99.99", "100.00"]))
        net = Decimal("-10.00") if is_return else gross
        order = OrderFactory.create(
            contact=person,
            kind="return" if is_return else "sale",
            placed_at=_moment(dice),
            gross=gross,
            net=net,
            rate=dice.choice([Decimal(1), Decimal(1), Decimal("0.26500000")]),
        )
        if gross > 0:
            sales.append(order)
        for _line in range(dice.randint(0, 2)):
            product = dice.choice([None, *products])
            quantity = dice.choice([1, 2, -1])
            OrderLine.objects.create(order=order, product=product, quantity=quantity, unit_price=1, amount=quantity)
    if sales:
        Contact.objects.filter(pk=person.pk).update(
            first_order_at=min(it.placed_at for it in sales),
            last_order_at=max(it.placed_at for it in sales),
            order_count=len(sales),
            gross_total=sum(it.gross for it in sales),
            net_total=sum(it.net for it in sales) - 5,
        )
        person.refresh_from_db()


def _moment(dice: random.Random) -> datetime:
    """Often at a midnight of Lima or an instant beside it, sometimes in the future."""
    days = dice.choice([0, 1, 6, 7, 29, 30, 31, 89, 90, 365, 366, -1])
    midnight = datetime(2024, 2, 29, 5, 0, tzinfo=UTC) - timedelta(days=days)
    return midnight + timedelta(seconds=dice.choice([-1, 0, 0, 1, 40_000, 81_000]))


def make_tree(dice: random.Random, codes: list[str], depth: int = 0) -> dict[str, Any]:
    """A random rule as JSON, nested up to three deep; `codes` are segments it may include."""
    members: list[dict[str, Any]] = []
    for _ in range(dice.randint(1, 4)):
        if depth < 3 and dice.random() < 0.3:
            members.append(make_tree(dice, codes, depth + 1))
        elif codes and dice.random() < 0.1:
            operator = dice.choice(["in_any_of", "in_none_of"])
            chosen = dice.sample(codes, dice.randint(1, min(2, len(codes))))
            members.append({"field": "segment", "operator": operator, "value": chosen})
        else:
            members.append(make_condition(dice))
    return {"group": dice.choice(["all", "any", "none"]), "of": members}


def make_condition(dice: random.Random, field: Field | None = None, operator: Operator | None = None) -> dict[str, Any]:
    chosen = field or fields[dice.choice(FIELD_CODES)]
    used = operator or dice.choice(chosen.operators)
    made: dict[str, Any] = {"field": chosen.code, "operator": used.code}
    if used.shape is not Shape.NOTHING:
        made["value"] = _value(dice, chosen, used.shape)
    if chosen.is_windowed and dice.random() < 0.7:
        since, until = sorted(_day(dice) for _ in range(2))
        made["window"] = dice.choice(
            [
                {"days": dice.choice([1, 7, 30, 90, 366])},
                {"since": since},
                {"until": until},
                {"since": since, "until": until},
            ]
        )
    return made


def _day(dice: random.Random) -> str:
    days = dice.choice([0, 1, 6, 7, 29, 30, 90, 365, -1])
    return (date(2024, 2, 29) - timedelta(days=days)).isoformat()


def _number(dice: random.Random, field: Field) -> str:
    if field.kind is Kind.SCORE:
        return str(dice.randint(1, 5))
    if field.kind is Kind.COUNT or field.code == "order_count":
        return str(dice.randint(0, 3))
    if field.kind in {Kind.MONEY, Kind.SUM}:
        return dice.choice(["0", "10", "10.00", "26.5", "99.99", "110"])
    return dice.choice(["0", "24", "24.5", "25", "50", "100", "150"])


def _value(dice: random.Random, field: Field, shape: Shape) -> Any:
    if shape is Shape.TEXT:
        return dice.choice(WORDS)
    if shape is Shape.TEXTS:
        return dice.sample(["lima", "Cusco", "Perú", "nurse", "es", "A gift"], dice.randint(1, 3))
    if shape is Shape.NUMBER:
        return _number(dice, field)
    if shape is Shape.NUMBERS:
        return [str(it) for it in sorted(Decimal(_number(dice, field)) for _ in range(2))]
    if shape is Shape.DAY:
        return _day(dice)
    if shape is Shape.DAYS:
        return sorted([_day(dice), _day(dice)])
    if shape is Shape.SPAN:
        return dice.choice([1, 2, 7, 30, 90, 365])
    offered = [choice.code for choice in field.choices(None, "")] if field.choices else []
    return dice.sample(offered, dice.randint(1, min(3, len(offered))))
