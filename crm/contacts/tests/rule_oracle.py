"""A second, naive reading of rules in plain Python, to hold the compiler against.

It shares no code with `core.rules` but the field codes: people are loaded with their rows, and each condition is
walked person by person.
"""

from datetime import date, datetime, timedelta
from decimal import ROUND_HALF_UP, Decimal
from typing import Any
from zoneinfo import ZoneInfo

from crm.consent.models import Consent, Suppression
from crm.contacts.models import Contact
from crm.leads.models import Lead
from crm.sales.models import Order
from crm.surveys.models import NpsAnswer

NEGATIVE = {
    "is_not": "is",
    "is_none_of": "is_any_of",
    "not_contains": "contains",
    "not_equals": "equals",
    "not_in_last": "in_last",
    "has_none_of": "has_any_of",
    "is_false": "is_true",
    "is_not_set": "is_set",
    "in_none_of": "in_any_of",
}
MISSING: Any = None


class Oracle:
    """`matching(tree)` is the set of primary keys of contacts for whom the JSON tree holds."""

    def __init__(self, *, now: datetime, zone: str, segments: dict[str, dict[str, Any]]) -> None:
        self.now, self.zone, self.segments = now, ZoneInfo(zone), segments
        self.today = now.astimezone(self.zone).date()
        related = ("orders__lines__product", "leads__channel", "nps_answers", "minilist_memberships__owner")
        self.people = list(Contact.objects.select_related("channel", "rfm__segment").prefetch_related(*related))
        self.suppressed = set(Suppression.objects.filter(lifted_at=None).values_list("address_hash", flat=True))
        self.consents = list(Consent.objects.select_related("topic"))

    def matching(self, tree: dict[str, Any]) -> set[int]:
        return {person.pk for person in self.people if self.holds(tree, person)}

    def holds(self, node: dict[str, Any], person: Contact) -> bool:
        if not node:
            return True
        if "group" in node:
            answers = [self.holds(member, person) for member in node["of"]]
            if not answers:
                return True
            return {"all": all(answers), "any": any(answers), "none": not any(answers)}[node["group"]]
        operator = node["operator"]
        if operator in NEGATIVE:
            return not self.holds({**node, "operator": NEGATIVE[operator]}, person)
        if node["field"] == "segment":
            return any(self.holds(self.segments[code], person) for code in node["value"])
        return self.answer(node["field"], operator, node.get("value"), node.get("window") or {}, person)

    def answer(self, field: str, operator: str, value: Any, window: dict[str, Any], person: Contact) -> bool:
        if field in {"tastes", "consent", "product_bought", "category_bought", "lead_channel"}:
            has = self.codes(field, window, person)
            return set(value) <= has if operator == "has_all_of" else bool(set(value) & has)
        held = self.value(field, window, person)
        if held is MISSING:
            return False
        if operator in {"is_set"}:
            return True
        if operator == "is_true":
            return bool(held)
        if field == "birthday":
            return self.birthday(held, operator, value)
        if isinstance(held, (datetime, date)):
            return self.dated(held, operator, value)
        if isinstance(held, (int, Decimal)):
            return self.compared(Decimal(held), operator, value)
        return self.worded(str(held), operator, value)

    def worded(self, held: str, operator: str, value: Any) -> bool:
        if operator == "is_any_of":
            return held.upper() in [text.upper() for text in value]
        wanted = value.upper()
        return {
            "is": held.upper() == wanted,
            "contains": wanted in held.upper(),
            "starts_with": held.upper().startswith(wanted),
        }[operator]

    def compared(self, held: Decimal, operator: str, value: Any) -> bool:
        if operator == "between":
            return Decimal(value[0]) <= held <= Decimal(value[1])
        number = Decimal(value)
        return {
            "at_least": held >= number,
            "at_most": held <= number,
            "more_than": held > number,
            "less_than": held < number,
            "equals": held == number,
        }[operator]

    def dated(self, held: datetime | date, operator: str, value: Any) -> bool:
        day = held.astimezone(self.zone).date() if isinstance(held, datetime) else held
        if operator == "in_last":
            past = held <= self.now if isinstance(held, datetime) else day <= self.today
            return past and day > self.today - timedelta(days=value)
        if operator == "older_than":
            return day < self.today - timedelta(days=value)
        if operator == "between":
            return date.fromisoformat(value[0]) <= day <= date.fromisoformat(value[1])
        other = date.fromisoformat(value)
        return {"on": day == other, "since": day >= other, "before": day < other}[operator]

    def birthday(self, born: date, operator: str, value: Any) -> bool:
        if operator == "in_month":
            return str(born.month) in value
        for ahead in range(value):
            day = self.today + timedelta(days=ahead)
            try:
                kept = born.replace(year=day.year)
            except ValueError:
                kept = date(day.year, 3, 1)
            if kept == day:
                return True
        return False

    def in_window(self, at: datetime, window: dict[str, Any]) -> bool:
        day = at.astimezone(self.zone).date()
        if "days" in window:
            return at <= self.now and day > self.today - timedelta(days=window["days"])
        if "since" in window and day < date.fromisoformat(window["since"]):
            return False
        return "until" not in window or day <= date.fromisoformat(window["until"])

    def value(self, field: str, window: dict[str, Any], person: Contact) -> Any:
        sales = [it for it in person.orders.all() if it.kind == Order.Kind.SALE and it.gross > 0]
        rfm = getattr(person, "rfm", None)
        owners = [it.owner.public_id for it in person.minilist_memberships.all() if it.until is None]
        simple: dict[str, Any] = {
            **{name: getattr(person, name) or None for name in ("city", "region", "country", "profession", "sex")},
            "language": person.language or None,
            "looking_for": person.looking_for or None,
            "stage": person.stage,
            "stage_since": person.stage_since,
            "created": person.created_at,
            "last_contacted": person.last_contacted_at,
            "first_order": person.first_order_at,
            "last_order": person.last_order_at,
            "order_count": person.order_count,
            "gross_total": person.gross_total,
            "net_total": person.net_total,
            "average_order": person.gross_total / person.order_count if person.order_count else None,
            "is_customer": person.first_order_at is not None,
            "birthday": person.birth_date,
            "channel": person.channel.code if person.channel else None,
            "owner": owners[0] if owners else None,
            "rfm_segment": rfm.segment.code if rfm else None,
            "rfm_r": rfm.r if rfm else None,
            "rfm_f": rfm.f if rfm else None,
            "rfm_m": rfm.m if rfm else None,
            "recency_days": rfm.recency_days if rfm else None,
            "reachable": bool(
                person.email_normalized and not person.archived_at and person.address_hash not in self.suppressed
            ),
        }
        if field in simple:
            return simple[field]
        if field == "age":
            return self.age(person.birth_date)
        if field == "nps":
            return self.nps(person)
        return {
            "orders_placed": lambda: self.count(sales, "placed_at", window),
            "orders_gross": lambda: self.money(sales, "gross", window),
            "orders_net": lambda: self.money(person.orders.all(), "net", window),
            "leads": lambda: self.count(person.leads.all(), "occurred_at", window),
            "nps_answered": lambda: self.count(person.nps_answers.all(), "answered_at", window),
        }[field]()

    def age(self, born: date | None) -> int | None:
        if born is None:
            return None
        return self.today.year - born.year - ((self.today.month, self.today.day) < (born.month, born.day))

    def nps(self, person: Contact) -> str | None:
        answers: list[NpsAnswer] = sorted(person.nps_answers.all(), key=lambda it: (it.answered_at, it.pk))
        if not answers:
            return None
        score = answers[-1].score
        return "promoter" if score >= 9 else "passive" if score >= 7 else "detractor"

    def count(self, rows: Any, at: str, window: dict[str, Any]) -> int:
        return sum(1 for row in rows if self.in_window(getattr(row, at), window))

    def money(self, rows: Any, column: str, window: dict[str, Any]) -> Decimal:
        cents = Decimal("0.01")
        inside = [row for row in rows if self.in_window(row.placed_at, window)]
        return sum(((getattr(row, column) * row.rate).quantize(cents, ROUND_HALF_UP) for row in inside), Decimal(0))

    def codes(self, field: str, window: dict[str, Any], person: Contact) -> set[str]:
        if field == "tastes":
            return set(person.tastes)
        if field == "consent":
            mine = [it for it in self.consents if it.contact_id == person.pk and it.channel == "email"]
            newest: dict[str, Consent] = {}
            for record in sorted(mine, key=lambda it: (it.at, it.pk)):
                newest[record.topic.code] = record
            return {code for code, record in newest.items() if record.given}
        if field == "lead_channel":
            leads: list[Lead] = [it for it in person.leads.all() if self.in_window(it.occurred_at, window)]
            return {it.channel.code for it in leads}
        attribute = "code" if field == "product_bought" else "category"
        return {
            getattr(line.product, attribute)
            for order in person.orders.all()
            if order.kind == Order.Kind.SALE and self.in_window(order.placed_at, window)
            for line in order.lines.all()
            if line.quantity > 0 and line.product
        }
