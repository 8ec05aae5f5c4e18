"""What the search palette finds among customers and orders, and the RFM panel of a contact."""

from collections.abc import Iterator, Mapping
from typing import Any

from django.urls import reverse
from django.utils.translation import gettext as _

from accounts.models import User
from core.ui.numbers import money
from core.ui.search import Found
from crm.models import Contact, Order
from crm.services.rfm import rfm_of


def search_contacts(user: User, text: str, limit: int) -> Iterator[Found]:
    """People by name, address, phone or number."""
    people = Contact.objects.visible_to(user).active().found_by(text)
    for contact in people.order_by("-last_order_at", "-pk")[:limit]:
        url = reverse("contact_detail", args=[contact.public_id])
        yield Found(contact.name, url, contact.email or contact.get_stage_display())


def search_orders(user: User, text: str, limit: int) -> Iterator[Found]:
    """Orders by the beginning of their number."""
    orders = Order.objects.visible_to(user).filter(number__istartswith=text.strip()).select_related("contact")
    for order in orders.order_by("number")[:limit]:
        who = order.contact.name if order.contact else _("without a customer")
        note = f"{who} · {money(order.net, order.currency)}"
        yield Found(order.number, reverse("order_detail", args=[order.pk]), note)


def rfm_panel(contact: Contact, user: User) -> Mapping[str, Any] | None:
    """A customer's scores and what to do for their segment; nothing before they are scored."""
    score = rfm_of(contact.pk)
    if score is None:
        return None
    return {"score": score, "advice": _(score.segment.advice) if score.segment.advice else ""}
