"""What a salesperson's work brought: the figures of My results, each as dated events."""

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal
from enum import Enum

from django.db.models import Exists, F, OuterRef, Q, QuerySet
from django.utils.functional import Promise

from accounts.people.models import User
from core.registry import Registry
from crm.activities.models import FollowUp, Note
from crm.contacts.models import MiniListMembership
from crm.sales.models import Order


@dataclass(frozen=True)
class ResultEvent:
    """Something that happened with a customer; `amount` is in the company's currency where it is money."""

    at: datetime
    contact_id: int
    amount: Decimal = Decimal(1)


class Counted(Enum):
    """How events make a figure: their amounts added, the events, or the different people in them."""

    MONEY = "money"
    EVENTS = "events"
    PEOPLE = "people"


@dataclass(frozen=True)
class ResultMeasure:
    """A figure of a salesperson. `events(user, begins_at, ends_at)` gives what happened from the first instant up to
    (not including) the second. Apps above register theirs; the lowest `order` stands first."""

    code: str
    title: str | Promise
    counted: Counted
    events: Callable[[User, datetime, datetime], Iterable[ResultEvent]]
    order: int

    def value(self, events: Iterable[ResultEvent]) -> Decimal:
        match self.counted:
            case Counted.MONEY:
                return sum((event.amount for event in events), Decimal(0))
            case Counted.EVENTS:
                return Decimal(sum(1 for _event in events))
            case Counted.PEOPLE:
                return Decimal(len({event.contact_id for event in events}))


result_measures: Registry[ResultMeasure] = Registry("result measure")


def sales_credited(user: User, begins_at: datetime, ends_at: datetime) -> list[ResultEvent]:
    """Sales to customers who were on the person's list at the time, gross."""
    mine = MiniListMembership.objects.filter(
        Q(until=None) | Q(until__gt=OuterRef("placed_at")),
        owner=user,
        contact=OuterRef("contact"),
        since__lte=OuterRef("placed_at"),
    )
    orders = Order.objects.of_customers().filter(Exists(mine), placed_at__gte=begins_at, placed_at__lt=ends_at)
    rows = orders.values_list("placed_at", "contact", F("gross") * F("rate"))
    return [ResultEvent(at, contact, amount) for at, contact, amount in rows]


def customers_contacted(user: User, begins_at: datetime, ends_at: datetime) -> list[ResultEvent]:
    """Calls, meetings and what was ticked off My day."""
    talks = Note.objects.filter(author=user, kind__in=[Note.Kind.CALL, Note.Kind.MEETING])
    done = FollowUp.objects.filter(owner=user)
    return [*_dated(talks, "at", begins_at, ends_at), *_dated(done, "done_at", begins_at, ends_at)]


def _dated(
    rows: QuerySet[Note] | QuerySet[FollowUp], moment: str, begins_at: datetime, ends_at: datetime
) -> Iterable[ResultEvent]:
    within = rows.filter(**{f"{moment}__gte": begins_at, f"{moment}__lt": ends_at})
    return (ResultEvent(at, contact) for at, contact in within.values_list(moment, "contact"))
