"""Recording who a person is: addresses and phones are written here, each together with its normal form."""

from collections.abc import Callable, Mapping
from typing import Any

from django.core.exceptions import ValidationError
from django.db import transaction
from django.db.models import QuerySet
from django.utils.translation import gettext as _

from accounts.audit.services import audit_each, audit_record, changed_fields
from accounts.people.models import User
from core.errors import DomainError
from core.services.archive import archive_many, restore_many
from crm.contacts.email_addresses import address_hash, normalize_address
from crm.contacts.models import Contact, ContactIdentity
from crm.contacts.phone_numbers import PhoneNumbers

EDITABLE = (
    "first_name",
    "last_name",
    "phone",
    "sex",
    "birth_date",
    "city",
    "region",
    "country",
    "profession",
    "tastes",
    "looking_for",
    "aspirations",
    "language",
    "time_zone",
    "attributes",
    "channel",
)


@transaction.atomic
def contact_create(
    *, email: str = "", actor: User | None = None, identity: tuple[str, str] | None = None, **fields: Any
) -> Contact:
    """A new person. `identity` is (source, external id), their number in another system.

    Raises DomainError `invalid` (with the faulty fields) or `address_taken`.
    """
    contact = Contact(**_editable_fields(fields), number=identity[1] if identity else "")
    _address_assign(contact, email, actor)
    _save(contact)
    if identity:
        ContactIdentity.objects.create(contact=contact, source=identity[0], external_id=identity[1])
    audit_record(actor=actor, action="contact_create", subject=contact)
    return contact


@transaction.atomic
def contact_update(*, contact: Contact, actor: User | None, **fields: Any) -> Contact:
    """Change what is known about a person; `email` among the fields goes through `contact_address_set`.

    Raises DomainError `invalid` or `address_taken`; then nothing is changed.
    """
    stored = Contact.objects.select_for_update().get(pk=contact.pk)
    before = Contact.objects.get(pk=contact.pk)
    email = fields.pop("email", None)
    for name, value in _editable_fields(fields).items():
        setattr(stored, name, value)
    names = [name for name in EDITABLE if name in fields]
    if email is not None:
        _address_assign(stored, email, actor)
        names.append("email")
    changes = changed_fields(before, stored, names)
    if changes:
        _save(stored)
        audit_record(actor=actor, action="contact_update", subject=stored, changes=changes)
    return stored


@transaction.atomic
def contact_address_set(*, contact: Contact, email: str, actor: User | None) -> Contact:
    """Give a person this address, or none when it is empty.

    Raises DomainError `invalid` when it is no address, `address_taken` when it is somebody else's; that person is
    named only to someone who may see them.
    """
    return contact_update(contact=contact, actor=actor, email=email)


def contact_archive(*, contact: Contact, actor: User | None) -> bool:
    """Take a person out of lists and sends; their history stays. False when already archived."""
    return bool(archive_many([contact], audit=audit_each(actor, "contact_archive")).keys)


def contact_restore(*, contact: Contact, actor: User | None) -> bool:
    """Undo an archiving. False when not archived."""
    return bool(restore_many([contact], audit=audit_each(actor, "contact_restore")).keys)


def _editable_fields(fields: Mapping[str, Any]) -> dict[str, Any]:
    unknown = set(fields) - set(EDITABLE)
    if unknown:
        raise TypeError(f"not fields of a contact: {sorted(unknown)}")
    return dict(fields)


def _address_assign(contact: Contact, email: str, actor: User | None) -> None:
    typed = email.strip()
    if not typed:
        contact.email, contact.email_normalized, contact.address_hash = "", None, None
        return
    try:
        normalized = normalize_address(typed)
    except ValidationError as error:
        raise DomainError(error.messages[0], code="invalid", fields={"email": error.messages[0]}) from None
    other = Contact.objects.filter(email_normalized=normalized).exclude(pk=contact.pk).first()
    if other is not None:
        raise _address_taken(other, actor)
    contact.email, contact.email_normalized = typed, normalized
    contact.address_hash = address_hash(normalized)


def _address_taken(other: Contact, actor: User | None) -> DomainError:
    if actor is not None and Contact.objects.visible_to(actor).filter(pk=other.pk).exists():
        message = _("This e-mail address belongs to %(name)s. Two contacts cannot share an address.") % {
            "name": other.name
        }
    else:
        message = _("This e-mail address belongs to another contact. Ask the marketing team to check the contact.")
    return DomainError(message, code="address_taken", fields={"email": message})


def _save(contact: Contact) -> None:
    try:
        contact.clean_fields(exclude=["email"])
    except ValidationError as error:
        fields = {name: messages[0] for name, messages in error.message_dict.items()}
        raise DomainError(_("Please correct the marked fields."), code="invalid", fields=fields) from None
    contact.phone_normalized = PhoneNumbers().normalized(contact.phone, contact.country)
    contact.save()


def contacts_archive(*, contacts: QuerySet[Contact], actor: User) -> list[int]:
    """Archive many at once; the keys of those that were not archived before."""
    return archive_many(contacts, audit=_audit_count(actor, "contacts_archive")).keys


def contacts_restore(*, contacts: QuerySet[Contact], actor: User) -> list[int]:
    """Restore many at once; the keys of those that were archived."""
    return restore_many(contacts, audit=_audit_count(actor, "contacts_restore")).keys


def _audit_count(actor: User, action: str) -> Callable[[QuerySet[Contact]], object]:
    """One line of the audit trail for a whole selection."""
    return lambda done: audit_record(
        actor=actor, action=action, subject=actor, changes={"contacts": (None, done.count())}
    )
