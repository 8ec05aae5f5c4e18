"""Orders in the search palette."""

from collections.abc import Iterator

from django.urls import reverse
from django.utils.translation import gettext as _

from accounts.people.models import User
from core.ui.numbers import money
from core.ui.search import SearchResult
from crm.sales.models import Order


def search_orders(user: User, text: str, limit: int) -> Iterator[SearchResult]:
    """Orders by the beginning of their number."""
    orders = Order.objects.visible_to(user).filter(number__istartswith=text.strip()).select_related("contact")
    for order in orders.order_by("number")[:limit]:
        who = order.contact.name if order.contact else _("without a customer")
        note = f"{who} · {money(order.net, order.currency)}"
        yield SearchResult(order.number, reverse("order_detail", args=[order.pk]), note)
