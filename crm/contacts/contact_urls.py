"""Where the page of a person stands."""

from django.urls import NoReverseMatch, reverse

from crm.contacts.models import Contact


def contact_url(contact: Contact) -> str:
    """The contact's own page; empty in an installation without it."""
    try:
        return reverse("contact_detail", args=[contact.public_id])
    except NoReverseMatch:
        return ""
