"""A salesperson adds a customer: the same person is never kept twice, and nothing is told about a colleague's."""

from dataclasses import dataclass
from enum import Enum
from typing import Any

from django.core import signing
from django.db import transaction

from accounts.people.models import User
from core.errors import DomainError
from crm.activities.services.mini_lists import minilist_assign, minilist_take, not_available_text
from crm.contacts.models import Contact, MiniListMembership
from crm.contacts.resolve import contact_find, phone_is_held
from crm.contacts.services import contact_create

SALT = "crm.minilist.offer"
OFFER_SECONDS = 1800


class Outcome(Enum):
    ADDED = "added"
    MINE = "mine"
    OFFERED = "offered"


@dataclass(frozen=True)
class QuickAdded:
    """`offer` is the token that lets this salesperson, and nobody else, take a free person they found."""

    outcome: Outcome
    contact: Contact
    offer: str = ""


@transaction.atomic
def minilist_quick_add(*, owner: User, fields: dict[str, Any]) -> QuickAdded:
    """Add a new person to the list; a known free one is offered instead. Raises `not_available` when the person is
    somebody else's or archived, or their phone is that of several, in the same words for all."""
    phone = fields.get("phone", "")
    known = contact_find(email=fields.get("email", ""), phone=phone)
    if known is None and phone_is_held(phone):
        raise DomainError(not_available_text(), code="not_available")
    if known is None:
        contact = contact_create(actor=owner, **fields)
        minilist_assign(contacts=[contact], owner=owner, actor=owner)
        return QuickAdded(Outcome.ADDED, contact)
    holder = MiniListMembership.objects.open().filter(contact=known).first()
    if holder is not None and holder.owner_id == owner.pk:
        return QuickAdded(Outcome.MINE, known)
    if holder is not None or known.archived_at is not None:
        raise DomainError(not_available_text(), code="not_available")
    return QuickAdded(Outcome.OFFERED, known, signing.dumps([known.pk, owner.pk], salt=SALT))


def minilist_offer_take(*, owner: User, offer: str) -> Contact:
    """Take the person that was offered. Raises `not_available` for a forged or old offer, or when somebody was
    faster."""
    try:
        contact_id, owner_id = signing.loads(offer, salt=SALT, max_age=OFFER_SECONDS)
    except signing.BadSignature as error:
        raise DomainError(not_available_text(), code="not_available") from error
    contact = Contact.objects.active().filter(pk=contact_id).first()
    if contact is None or owner_id != owner.pk:
        raise DomainError(not_available_text(), code="not_available")
    minilist_take(contact=contact, owner=owner)
    return contact
