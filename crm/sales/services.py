"""Orders written by hand or by other parts of the house, and the order figures every contact carries."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime
from decimal import ROUND_HALF_UP, Decimal

from django.db import connection, transaction
from django.utils import timezone
from django.utils.translation import gettext as _

from accounts.audit.services import audit_record
from accounts.company.company_days import EARLIEST_YEAR
from accounts.company.models import Company
from accounts.people.models import User
from core.errors import DomainError
from crm.channels.models import Channel
from crm.contacts.lifecycle import stages_after_orders
from crm.contacts.models import Contact
from crm.sales.models import Order, OrderLine, Product
from crm.sales.order_import_sql import TOTALS

MAX_LINE_AMOUNT = Decimal(10) ** 11  # for one line, in any currency
FIGURES_SQL = """
UPDATE crm_contact c SET order_count = f.orders, gross_total = f.gross, net_total = f.net,
  first_order_at = f.first_at, last_order_at = f.last_at, updated_at = now()
FROM (
  SELECT t.id,
    count(o.id) FILTER (WHERE o.kind = 'sale' AND o.gross > 0) AS orders,
    coalesce(round(sum(o.gross * o.rate) FILTER (WHERE o.kind = 'sale'), 2), 0) AS gross,
    coalesce(round(sum(o.net * o.rate), 2), 0) AS net,
    min(o.placed_at) FILTER (WHERE o.kind = 'sale' AND o.gross > 0) AS first_at,
    max(o.placed_at) FILTER (WHERE o.kind = 'sale' AND o.gross > 0) AS last_at
  FROM ({contacts}) AS t (id) LEFT JOIN crm_order o ON o.contact_id = t.id GROUP BY t.id) f
WHERE c.id = f.id AND (c.order_count, c.gross_total, c.net_total, c.first_order_at, c.last_order_at)
  IS DISTINCT FROM (f.orders, f.gross, f.net, f.first_at, f.last_at)
"""
# When each of some contacts ordered for the first, the second and the last time.
ORDER_MOMENTS_SQL = """
SELECT contact_id, min(placed_at) FILTER (WHERE n = 1) AS first_at, min(placed_at) FILTER (WHERE n = 2) AS second_at,
       max(placed_at) AS last_at
FROM (
  SELECT o.contact_id, o.placed_at, row_number() OVER (PARTITION BY o.contact_id ORDER BY o.placed_at, o.id) AS n
  FROM crm_order o JOIN ({contacts}) AS t (id) ON t.id = o.contact_id WHERE o.kind = 'sale' AND o.gross > 0) sale
GROUP BY contact_id
"""


def order_figures_refresh(*, contact_ids: Iterable[int] | None = None) -> None:
    """Recompute the order figures of these contacts (of everybody when None) and step their life cycle forward.

    Counts sales by the person for more than nothing; `first_order_at` is the first of them, `gross_total` their gross
    and `net_total` everything including returns, in the company's currency. Set-based; changes only what differs.
    """
    if contact_ids is None:
        order_figures_refresh_where("SELECT id FROM crm_contact", {})
    else:
        order_figures_refresh_where("SELECT unnest(%(ids)s::bigint[])", {"ids": list(contact_ids)})


@transaction.atomic
def order_figures_refresh_where(contacts: str, parameters: dict[str, list[int]]) -> None:
    """`order_figures_refresh` for the contacts a trusted SELECT of ids gives (an import's temporary table)."""
    with connection.cursor() as cursor:
        cursor.execute(FIGURES_SQL.format(contacts=contacts), parameters)
    stages_after_orders(orders=ORDER_MOMENTS_SQL.format(contacts=contacts), parameters=parameters)


@dataclass(frozen=True)
class NewLine:
    """A line of an order to be written: product or a description, how many, the price of one."""

    quantity: Decimal
    unit_price: Decimal
    product: Product | None = None
    description: str = ""


@transaction.atomic
def order_record(
    *,
    contact: Contact | None,
    number: str,
    placed_at: datetime,
    lines: Sequence[NewLine],
    actor: User | None,
    source: str = "typed",
    currency: str = "",
    rate: Decimal = Decimal(1),
    channel: Channel | None = None,
    original: Order | None = None,
) -> Order:
    """Write one order with its lines and refresh the person's figures. Quantities below zero make it a return.

    Raises DomainError `order_without_lines`, `order_in_the_future`, `order_too_old`, `order_too_large` or
    `order_number_taken`.
    """
    if not lines:
        raise DomainError(_("An order needs at least one line."), code="order_without_lines")
    if placed_at > timezone.now():
        raise DomainError(
            _("The date of an order cannot be in the future."),
            code="order_in_the_future",
            fields={"placed_at": _("This date is in the future.")},
        )
    if placed_at.year < EARLIEST_YEAR:
        text = _("The date is before 1900. Check the year.")
        raise DomainError(text, code="order_too_old", fields={"placed_at": text})
    if any(abs(line.quantity * line.unit_price) > MAX_LINE_AMOUNT for line in lines):
        text = _("The amount of the line is too large. Check quantity and price.")
        raise DomainError(text, code="order_too_large", fields={"quantity": text})
    if Order.objects.filter(source=source, number=number).exists():
        raise DomainError(
            _("Order %(number)s already exists.") % {"number": number},
            code="order_number_taken",
            fields={"number": _("This number is already in use.")},
        )
    order = Order.objects.create(
        contact=contact,
        source=source,
        number=number,
        kind=Order.Kind.SALE,
        placed_at=placed_at,
        currency=currency or Company.get().currency,
        rate=rate,
        gross=0,
        net=0,
        channel=channel,
        original=original,
    )
    OrderLine.objects.bulk_create(_line(order, line) for line in lines)
    with connection.cursor() as cursor:
        cursor.execute(TOTALS.format(orders="%(order)s"), {"order": order.pk})
    order.refresh_from_db()
    if contact is not None:
        order_figures_refresh(contact_ids=[contact.pk])
    audit_record(actor=actor, action="order_record", subject=order)
    return order


def _line(order: Order, line: NewLine) -> OrderLine:
    amount = (line.quantity * line.unit_price).quantize(Decimal("0.0001"), ROUND_HALF_UP)
    return OrderLine(
        order=order,
        product=line.product,
        description=(line.description or (line.product.name if line.product else ""))[:200],
        quantity=line.quantity,
        unit_price=line.unit_price,
        amount=amount,
    )
