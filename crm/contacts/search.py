"""Contacts in the search palette."""

from collections.abc import Iterator

from django.urls import reverse

from accounts.people.models import User
from core.ui.search import SearchResult
from crm.contacts.models import Contact


def search_contacts(user: User, text: str, limit: int) -> Iterator[SearchResult]:
    """People by name, address, phone or number."""
    people = Contact.objects.visible_to(user).active().found_by(text)
    for contact in people.order_by("-last_order_at", "-pk")[:limit]:
        url = reverse("contact_detail", args=[contact.public_id])
        yield SearchResult(contact.name, url, contact.email or contact.get_stage_display())
