from typing import Any

from crm.sales.models import Order
from crm.sales.tests.factories import OrderFactory
from tests.matrix.registry import MARKETERS_AND_OWNER, OFFICE, OFFICE_AND_OWNER, Cast, Route


def _contact(cast: Cast) -> dict[str, Any]:
    return {"public_id": cast.contact.public_id}


def _order(cast: Cast) -> dict[str, Any]:
    order: Order = OrderFactory.create(contact=cast.contact)
    return {"pk": order.pk}


ROUTES = {
    "order_create": Route(
        get=MARKETERS_AND_OWNER,
        post=MARKETERS_AND_OWNER,
        kwargs=_contact,
        body=lambda cast: {
            "number": "T-1",
            "placed_at": "2026-01-05T10:00",
            "description": "Tea",
            "quantity": "2",
            "unit_price": "3.50",
        },
        personal=True,
        changed=302,
    ),
    "order_list": Route(get=OFFICE),
    "order_detail": Route(get=OFFICE_AND_OWNER, kwargs=_order, personal=True),
}
