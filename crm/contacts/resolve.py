"""Finding a person by address, number in another system, or phone."""

from collections.abc import Mapping
from typing import Any

from django.core.exceptions import ValidationError
from django.db import IntegrityError, transaction
from django.db.models import F, Func, Value
from django.db.models.functions import Right

from accounts.people.models import User
from core.errors import DomainError
from crm.contacts.email_addresses import normalize_address
from crm.contacts.models import Contact, ContactIdentity
from crm.contacts.services import contact_create, contact_update


def contact_find(*, email: str = "", identity: tuple[str, str] | None = None) -> Contact | None:
    """The person with this number in the other system, else the one with this address, else None."""
    if identity:
        known = ContactIdentity.objects.filter(source=identity[0], external_id=identity[1]).select_related("contact")
        for found in known:
            return found.contact
    if email:
        try:
            return Contact.objects.filter(email_normalized=normalize_address(email)).first()
        except ValidationError:
            return None
    return None


@transaction.atomic
def contact_find_or_create(
    *,
    email: str = "",
    identity: tuple[str, str] | None = None,
    defaults: Mapping[str, Any] | None = None,
    actor: User | None = None,
) -> tuple[Contact, bool]:
    """The person with this number or address, or a new one with `defaults`; True when new.

    A known person keeps what is known about them: `defaults` fill only what is empty, and an address is added only
    where there was none and nobody else has it. Raises DomainError `invalid` for a bad address.
    """
    contact = contact_find(email=email, identity=identity)
    if contact is None:
        try:
            with transaction.atomic():
                return contact_create(email=email, identity=identity, actor=actor, **(defaults or {})), True
        except (IntegrityError, DomainError) as error:
            # Two forms of one person at once: the other one won, so they are known by now.
            contact = contact_find(email=email, identity=identity)
            if contact is None:
                raise
            if isinstance(error, DomainError) and error.code != "address_taken":
                raise
    if identity:
        ContactIdentity.objects.get_or_create(
            source=identity[0], external_id=identity[1], defaults={"contact": contact}
        )
        Contact.objects.filter(pk=contact.pk, number="").update(number=identity[1])
    empty = {name: value for name, value in (defaults or {}).items() if value and not getattr(contact, name)}
    if email and contact.email_normalized is None and contact_find(email=email) is None:
        empty["email"] = email
    if empty:
        contact = contact_update(contact=contact, actor=actor, **empty)
    return contact, False


def contact_by_phone(phone: str) -> Contact | None:
    """The person with this number, written in whatever way: the last nine digits agree."""
    digits = "".join(char for char in phone if char.isdigit())
    if len(digits) < 6:
        return None
    only_digits = Func(F("phone"), Value(r"\D"), Value(""), Value("g"), function="regexp_replace")
    rows = Contact.objects.exclude(phone="").annotate(tail=Right(only_digits, 9))
    return rows.filter(tail=digits[-9:]).order_by("pk").first()
