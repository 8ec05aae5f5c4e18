"""Who somebody is: the one way to find a person by number in another system, address or phone.

The rule, the same for one person, for a batch and for a temporary table:

1. the contact who has their number in the other system;
2. else the contact who has their address;
3. else, for a person of whom neither is known, the one active contact who has their phone (E.164). A phone that several
   contacts have, or only an archived one, says nothing: families and offices share phones, and numbers are given anew.
"""

from collections import Counter
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any, Self

from django.core.exceptions import ValidationError
from django.db import IntegrityError, connection, transaction
from django.db.models import Count, Min, Q

from accounts.people.models import User
from core.errors import DomainError
from core.locks import transaction_lock
from crm.contacts.email_addresses import normalize_address
from crm.contacts.models import Contact, ContactIdentity
from crm.contacts.phone_numbers import PhoneNumbers
from crm.contacts.services import contact_create, contact_update

Identity = tuple[str, str]

# `{people}` has the columns `customer` (number in `source`), `email` (normal form) and `contact_id`. People without a
# contact who have the address of a person of the table whose contact is known are that contact.
RESOLVE_SQL = """
UPDATE {people} p SET contact_id = i.contact_id
  FROM crm_contactidentity i WHERE i.source = %(source)s AND i.external_id = p.customer;
UPDATE {people} p SET contact_id = c.id
  FROM crm_contact c WHERE p.contact_id IS NULL AND c.email_normalized = p.email;
UPDATE {people} p SET contact_id = o.contact_id
  FROM (SELECT email, min(contact_id) AS contact_id FROM {people}
        WHERE contact_id IS NOT NULL AND email IS NOT NULL GROUP BY email) o
  WHERE p.contact_id IS NULL AND p.email = o.email
"""
# Besides these, `{people}` has `person` (its key), `phone_normalized` and `new_key` (of people who are to be made).
# People of whom neither number nor address is known get the contact, or the new person of the table, who alone has the
# phone; those whose phone says nothing are taken out.
RESOLVE_PHONES_SQL = """
WITH holder AS (
  SELECT p.person, c.id AS contact_id, NULL AS new_key FROM {people} p
  JOIN crm_contact c ON c.phone_normalized = p.phone_normalized AND c.phone_normalized <> '' AND c.archived_at IS NULL
  WHERE p.customer IS NULL AND p.email IS NULL
  UNION
  SELECT p.person, o.contact_id, o.new_key FROM {people} p
  JOIN {people} o ON o.phone_normalized = p.phone_normalized AND coalesce(o.customer, o.email) IS NOT NULL
  WHERE p.customer IS NULL AND p.email IS NULL)
UPDATE {people} p SET contact_id = h.contact_id, new_key = h.new_key
FROM (SELECT person, min(contact_id) AS contact_id, min(new_key) AS new_key FROM holder
      GROUP BY person HAVING count(*) = 1) h
WHERE h.person = p.person;
DELETE FROM {people} p WHERE p.customer IS NULL AND p.email IS NULL AND p.contact_id IS NULL AND p.new_key IS NULL
  AND (EXISTS (SELECT FROM crm_contact c WHERE c.phone_normalized = p.phone_normalized AND c.phone_normalized <> '')
    OR EXISTS (SELECT FROM {people} o WHERE o.phone_normalized = p.phone_normalized
      AND coalesce(o.customer, o.email) IS NOT NULL))
"""


@dataclass(frozen=True)
class PersonKeys:
    """What tells who somebody is, in normal forms; `phone` only where neither number nor address is known.

    `address` is empty for a text that is no address: then nobody is found by it, nor by the phone.
    """

    identity: Identity | None = None
    address: str = ""
    phone: str = ""

    @classmethod
    def of(
        cls, numbers: PhoneNumbers, *, identity: Identity | None, email: str, phone: str = "", country: str = ""
    ) -> Self:
        try:
            address = normalize_address(email) if email else ""
        except ValidationError:
            address = ""
        alone = not identity and not email
        return cls(identity, address, numbers.normalized(phone, country) if alone else "")


class KnownContacts:
    """The contacts of some people, each loaded once, in four statements at most. `add` makes a contact that was made
    or completed known to those who follow."""

    def __init__(self, people: Iterable[PersonKeys]) -> None:
        wanted = list(people)
        self._loaded: dict[int, Contact] = {}
        self._holders: Counter[str] = Counter()
        self._by_identity = self._identities({keys.identity for keys in wanted if keys.identity})
        self._by_address = self._addresses({keys.address for keys in wanted if keys.address})
        self._by_phone = self._phones({keys.phone for keys in wanted if keys.phone})

    def find(self, keys: PersonKeys) -> Contact | None:
        if keys.identity and (known := self._by_identity.get(keys.identity)):
            return known
        if keys.address:
            return self._by_address.get(keys.address)
        return self._by_phone.get(keys.phone) if self._holders[keys.phone] == 1 else None

    def has_identity(self, identity: Identity) -> bool:
        return identity in self._by_identity

    def has_address(self, address: str) -> bool:
        return address in self._by_address

    def add(self, contact: Contact, *, identity: Identity | None = None, address: str = "", phone: str = "") -> None:
        if identity:
            self._by_identity[identity] = contact
        if address:
            self._by_address[address] = contact
        if phone:
            self._by_phone[phone] = contact
            self._holders[phone] += 1

    def _identities(self, wanted: set[Identity]) -> dict[Identity, Contact]:
        asked = Q()
        for source in {source for source, _number in wanted}:
            asked |= Q(source=source, external_id__in=[number for of, number in wanted if of == source])
        found = ContactIdentity.objects.filter(asked).select_related("contact") if wanted else ()
        return {(row.source, row.external_id): self._once(row.contact) for row in found}

    def _addresses(self, wanted: set[str]) -> dict[str, Contact]:
        found = Contact.objects.filter(email_normalized__in=wanted) if wanted else ()
        return {contact.email_normalized or "": self._once(contact) for contact in found}

    def _phones(self, wanted: set[str]) -> dict[str, Contact]:
        """Contacts that alone have a phone; of a number that very many have (a made-up one) only the count is read."""
        having = Contact.objects.active().filter(phone_normalized__in=wanted).exclude(phone_normalized="")
        counts = having.order_by().values_list("phone_normalized").annotate(count=Count("pk"), only=Min("pk"))
        keys = {}
        for phone, count, only in counts if wanted else ():
            self._holders[phone] = count
            if count == 1:
                keys[phone] = only
        found = Contact.objects.in_bulk(list(keys.values())) if keys else {}
        return {phone: self._once(found[key]) for phone, key in keys.items() if key in found}

    def _once(self, contact: Contact) -> Contact:
        return self._loaded.setdefault(contact.pk, contact)


def contact_find(
    *, email: str = "", identity: Identity | None = None, phone: str = "", country: str = ""
) -> Contact | None:
    """The contact this is, by the rule above; None for a person who is not known. `country` is where a phone without
    its international prefix is from."""
    keys = PersonKeys.of(PhoneNumbers(), identity=identity, email=email, phone=phone, country=country)
    return KnownContacts([keys]).find(keys)


def phone_is_held(phone: str) -> bool:
    """Whether any contact has this phone, an archived one too: more than `contact_find` answers for."""
    return Contact.objects.with_phone(PhoneNumbers().normalized(phone)).exists()


def contacts_resolve(*, people: str, source: str) -> None:
    """Set `contact_id` in the temporary table `people` by number in `source` and by address; see `RESOLVE_SQL`."""
    with connection.cursor() as cursor:
        cursor.execute(RESOLVE_SQL.format(people=people), {"source": source})


def contacts_resolve_by_phone(*, people: str) -> None:
    """Set `contact_id` or `new_key` in the temporary table `people` by phone; see `RESOLVE_PHONES_SQL`."""
    with connection.cursor() as cursor:
        cursor.execute(RESOLVE_PHONES_SQL.format(people=people))


@transaction.atomic
def contact_find_or_create(
    *,
    email: str = "",
    identity: Identity | None = None,
    defaults: Mapping[str, Any] | None = None,
    actor: User | None = None,
) -> tuple[Contact, bool]:
    """The contact this is (the phone is among `defaults`), or a new one with `defaults`; True when new.

    A known person keeps what is known about them: `defaults` fill only what is empty, and an address is added only
    where there was none and nobody else has it. Raises DomainError `invalid` for a bad address.
    """
    values = dict(defaults or {})
    phone, country = values.get("phone", ""), values.get("country", "")
    keys = PersonKeys.of(PhoneNumbers(), identity=identity, email=email, phone=phone, country=country)
    if keys.phone:  # no row and no unique index keeps two at once from making the same person twice
        transaction_lock(f"phone:{keys.phone}")
    contact = KnownContacts([keys]).find(keys)
    if contact is None:
        try:
            with transaction.atomic():
                return contact_create(email=email, identity=identity, actor=actor, **values), True
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
    empty = {name: value for name, value in values.items() if value and not getattr(contact, name)}
    if email and contact.email_normalized is None and contact_find(email=email) is None:
        empty["email"] = email
    if empty:
        contact = contact_update(contact=contact, actor=actor, **empty)
    return contact, False
