"""Orders in the timeline of a contact."""

from datetime import datetime

from django.urls import reverse
from django.utils.translation import gettext as _

from accounts.people.models import User
from core.ui.numbers import money
from crm.contacts.models import Contact
from crm.contacts.registries import TimelineEvent
from crm.contacts.timeline import rows_before
from crm.sales.models import Order


def order_events(contact: Contact, user: User, before: datetime | None, limit: int) -> list[TimelineEvent]:
    rows = rows_before(Order.objects.visible_to(user).filter(contact=contact), "placed_at", before, limit)
    return [
        TimelineEvent(
            at=order.placed_at,
            key=f"order{order.pk}",
            title=(_("Return of %(amount)s") if order.kind == "return" else _("Purchase of %(amount)s"))
            % {"amount": money(abs(order.net), order.currency)},
            text=_("Order %(number)s") % {"number": order.number},
            icon="arrow-back-up" if order.kind == "return" else "shopping-cart",
            url=reverse("order_detail", args=[order.pk]),
        )
        for order in rows
    ]
