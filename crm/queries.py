"""Questions across the customer base, answered as frozen values."""

from dataclasses import dataclass
from decimal import Decimal

from django.db.models import Count, F, Q, Sum
from django.db.models.functions import Coalesce

from accounts.models import User
from crm.models import Contact, Order


@dataclass(frozen=True)
class BaseFigures:
    """How big the base is: people, how many of them can be written to at all, how many bought, and their gross."""

    contacts: int
    reachable: int
    customers: int
    gross: Decimal


def base_figures(*, user: User) -> BaseFigures:
    """The size of the part of the base that `user` sees, archived people left out; gross in company currency."""
    row = (
        Contact.objects.visible_to(user)
        .active()
        .aggregate(
            contacts=Count("pk"),
            reachable=Count("pk", filter=~Q(email_normalized=None)),
            customers=Count("pk", filter=~Q(first_order_at=None)),
            gross=Coalesce(Sum("gross_total"), Decimal(0)),
        )
    )
    return BaseFigures(**row)


@dataclass(frozen=True)
class OrderFigures:
    """Orders of known customers and orders without a person, apart. Money in the company's currency."""

    orders: int
    customers: int
    gross: Decimal
    returns: Decimal
    anonymous: int
    anonymous_net: Decimal


def order_figures(*, user: User) -> OrderFigures:
    """The figures METHODS defines: gross of sales by known people, returns as the (negative) net of their returns."""
    known = ~Q(contact=None)
    sale = known & Q(kind=Order.Kind.SALE, gross__gt=0)
    row = Order.objects.visible_to(user).aggregate(
        orders=Count("pk", filter=sale),
        customers=Count("contact", filter=sale, distinct=True),
        gross=Coalesce(Sum(F("gross") * F("rate"), filter=sale), Decimal(0)),
        returns=Coalesce(Sum(F("net") * F("rate"), filter=known & Q(kind=Order.Kind.RETURN)), Decimal(0)),
        anonymous=Count("pk", filter=Q(contact=None)),
        anonymous_net=Coalesce(Sum(F("net") * F("rate"), filter=Q(contact=None)), Decimal(0)),
    )
    cent = Decimal("0.01")
    return OrderFigures(
        orders=row["orders"],
        customers=row["customers"],
        gross=row["gross"].quantize(cent),
        returns=row["returns"].quantize(cent),
        anonymous=row["anonymous"],
        anonymous_net=row["anonymous_net"].quantize(cent),
    )
