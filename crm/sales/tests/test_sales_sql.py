"""What other apps join of sales."""

from decimal import Decimal

import pytest
from django.db import connection

from crm.contacts.tests.factories import ContactFactory
from crm.sales.models import Order
from crm.sales.sql import sales_of
from crm.sales.tests.factories import OrderFactory

pytestmark = pytest.mark.django_db


def test_a_purchase_is_a_sale_over_nothing() -> None:
    buyer = ContactFactory.create()
    sale = OrderFactory.create(contact=buyer, gross=Decimal("0.01"))
    OrderFactory.create(contact=buyer, gross=Decimal(0))
    OrderFactory.create(contact=buyer, kind=Order.Kind.RETURN)
    OrderFactory.create()
    with connection.cursor() as cursor:
        cursor.execute(
            f"SELECT o.id, o.placed_at FROM unnest(%s::bigint[]) buyer JOIN {sales_of('buyer', 'o')}",
            [[buyer.pk]],
        )
        assert cursor.fetchall() == [(sale.pk, sale.placed_at)]
