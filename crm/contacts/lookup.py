"""The contacts that a request is about: one by its public id, or a selection in a list."""

from django.db.models import QuerySet
from django.shortcuts import get_object_or_404

from accounts.access import SignedInRequest
from core.ui.tables.bulk import Selection
from crm.contacts.models import Contact


def contact_or_404(request: SignedInRequest, public_id: str) -> Contact:
    return get_object_or_404(Contact.objects.visible_to(request.user).select_related("channel"), public_id=public_id)


def selected_contacts(selection: Selection[Contact]) -> QuerySet[Contact]:
    """The chosen contacts without what the list joins to draw them."""
    return Contact.objects.filter(pk__in=selection.queryset.order_by().values("pk"))
