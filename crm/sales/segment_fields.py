"""What segments can ask about the orders of a contact."""

from collections.abc import Sequence
from functools import partial

from django.db.models import Count, DecimalField, ExpressionWrapper, F, Func, Q, QuerySet, Sum
from django.db.models.functions import NullIf
from django.utils.translation import gettext_lazy

from core.rules.choices import MAX_CHOICES
from core.rules.fields import Choice, Field, Phrase
from core.rules.operators import Kind
from core.rules.sources import Column, Events, Flag, Happened
from crm.sales.models import Order, OrderLine, Product

ORDERS = gettext_lazy("Purchases")


def bought_phrases() -> dict[str, Phrase]:
    return {
        "has_any_of": Phrase(gettext_lazy("bought %(value)s%(window)s"), is_clause=True),
        "has_all_of": Phrase(gettext_lazy("bought %(value)s%(window)s"), is_clause=True),
        "has_none_of": Phrase(gettext_lazy("did not buy %(value)s%(window)s"), is_clause=True),
    }


def products(codes: Sequence[str] | None, query: str) -> Sequence[Choice]:
    rows = Product.objects.order_by("name", "pk")
    if codes is None and query:
        rows = rows.filter(Q(name__icontains=query) | Q(code__istartswith=query))
    elif codes is not None:
        rows = rows.filter(code__in=codes)
    return [Choice(code, name) for code, name in rows.values_list("code", "name")[:MAX_CHOICES]]


def categories(codes: Sequence[str] | None, query: str) -> Sequence[Choice]:
    if codes is not None:
        return [Choice(code, code) for code in codes]
    found = Product.objects.exclude(category="").filter(category__icontains=query).order_by("category")
    return [Choice(name, name) for name in found.values_list("category", flat=True).distinct()[:MAX_CHOICES]]


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


_orders = partial(Field, group=ORDERS)
_money = partial(Field, group=ORDERS, kind=Kind.MONEY)
AVERAGE_ORDER = ExpressionWrapper(
    F("gross_total") / NullIf(F("order_count"), 0), output_field=DecimalField(max_digits=30, decimal_places=10)
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
        label=gettext_lazy("sum of orders minus returns"),
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
        choices=products,
        phrases=bought_phrases(),
    ),
    _orders(
        code="category_bought",
        label=gettext_lazy("category bought"),
        kind=Kind.CHOICES,
        is_windowed=True,
        source=Happened(_lines_sold, "product__category", "order__placed_at", "order__contact"),
        choices=categories,
        phrases=bought_phrases(),
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
        label=gettext_lazy("total orders"),
        kind=Kind.NUMBER,
        least=0,
        source=Column("order_count"),
        nullable=False,
    ),
    _money(
        code="gross_total",
        label=gettext_lazy("total gross purchases"),
        source=Column("gross_total"),
        nullable=False,
    ),
    _money(
        code="net_total",
        label=gettext_lazy("total net purchases"),
        source=Column("net_total"),
        nullable=False,
    ),
    _money(code="average_order", label=gettext_lazy("average order"), source=Column(AVERAGE_ORDER)),
)
