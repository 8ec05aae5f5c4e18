"""Recording many leads at once: the outcome of `lead_record` for each, in a dozen statements a thousand."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from functools import lru_cache
from itertools import islice
from typing import Any

from django.db import transaction
from django.utils import timezone

from accounts.audit.services import audit_record
from accounts.company.models import Company
from accounts.people.models import User
from crm.channels.models import Channel
from crm.contacts.email_addresses import address_hash, normalize_address
from crm.contacts.lifecycle import LeadMoment, stages_after_leads
from crm.contacts.models import Contact, ContactIdentity, MiniListMembership
from crm.contacts.phone_numbers import PhoneNumbers
from crm.contacts.resolve import KnownContacts, PersonKeys
from crm.leads.models import Lead

BATCH = 1_000
_normalized = lru_cache(10_000)(normalize_address)


@dataclass(frozen=True)
class NewLead:
    """One event of interest; values are already checked. The person has a number in another system (`person_id`), an
    address, or a phone among the `details`, which are fields of a contact."""

    external_id: str
    channel: Channel
    occurred_at: datetime
    person_id: str = ""
    email: str = ""
    details: Mapping[str, Any] = field(default_factory=dict)
    attended_by: str = Lead.AttendedBy.ECOMMERCE
    interest: str = ""
    content_format: str = ""
    utm: Mapping[str, str] = field(default_factory=dict)

    @property
    def address(self) -> str | None:
        """The normal form of the address, None without one. Raises ValidationError for what is no address."""
        return _normalized(self.email) if self.email else None

    @property
    def phone(self) -> str:
        return str(self.details.get("phone", ""))


@dataclass
class LeadsRecorded:
    """What many leads at once came to: new events, and people who were not known before."""

    leads: int = 0
    people_new: int = 0


@transaction.atomic
def leads_record(
    *, leads: Iterable[NewLead], source: str, identity_source: str, actor: User | None = None
) -> LeadsRecorded:
    """Record leads in batches; events known by (source, external id) are passed over.

    People are found as in `crm.contacts.resolve`, their numbers being of `identity_source`; else they are made. What is
    known about a person stays, what was empty is filled. All or nothing.
    Raises ValidationError when an address is none.
    """
    recorded, rest = LeadsRecorded(), iter(leads)
    while batch := list(islice(rest, BATCH)):
        _record(batch, source, identity_source, recorded)
    if recorded.leads:
        changes = {"leads": (None, recorded.leads), "source": (None, source)}
        audit_record(actor=actor, action="leads_record", subject=Company.get(), changes=changes)
    return recorded


def _record(batch: Sequence[NewLead], source: str, identity_source: str, recorded: LeadsRecorded) -> None:
    ids = [lead.external_id for lead in batch]
    known = set(Lead.objects.filter(source=source, external_id__in=ids).values_list("external_id", flat=True))
    first = {lead.external_id: lead for lead in reversed(batch) if lead.external_id not in known}
    fresh = [lead for lead in batch if first.get(lead.external_id) is lead]
    if not fresh:
        return
    people = _BatchContacts(fresh, identity_source)
    contacts = people.contacts()
    people.save()
    owners = dict(MiniListMembership.objects.open().filter(contact__in=contacts).values_list("contact_id", "owner_id"))
    Lead.objects.bulk_create(
        [
            Lead(
                contact=contact,
                channel=lead.channel,
                occurred_at=lead.occurred_at,
                attended_by=lead.attended_by,
                owner_id=owners.get(contact.pk),
                interest=lead.interest[:300],
                content_format=lead.content_format,
                utm=dict(lead.utm),
                source=source,
                external_id=lead.external_id,
            )
            for lead, contact in zip(fresh, contacts, strict=True)
        ]
    )
    pairs = zip(fresh, contacts, strict=True)
    stages_after_leads([LeadMoment(contact.pk, lead.channel.code, lead.occurred_at) for lead, contact in pairs])
    recorded.leads += len(fresh)
    recorded.people_new += len(people.made)


class _BatchContacts:
    """The contacts of a batch: those known, and new ones where nobody is."""

    def __init__(self, leads: Sequence[NewLead], source: str) -> None:
        self.source = source
        self.made: list[Contact] = []
        self._numbers = PhoneNumbers()
        self._changed: dict[int, Contact] = {}
        self._filled = {"updated_at"}
        self._joining: dict[str, Contact] = {}
        self._leads = [(lead, self._keys(lead)) for lead in leads]
        self._known = KnownContacts(keys for _lead, keys in self._leads)

    def contacts(self) -> list[Contact]:
        """The person of each lead, in order. Until `save` a new one has no key."""
        return [self._of(lead, keys) for lead, keys in self._leads]

    def _of(self, lead: NewLead, keys: PersonKeys) -> Contact:
        contact = self._known.find(keys)
        if contact is None:
            contact = Contact(created_at=lead.occurred_at, stage_since=lead.occurred_at)
            self.made.append(contact)
        self._fill(contact, lead)
        if keys.identity and not self._known.has_identity(keys.identity):
            self._known.add(contact, identity=keys.identity)
            self._joining[lead.person_id] = contact
            if not contact.number:
                contact.number = lead.person_id
                self._note(contact, "number")
        return contact

    def _keys(self, lead: NewLead) -> PersonKeys:
        identity = (self.source, lead.person_id) if lead.person_id else None
        country = str(lead.details.get("country", ""))
        return PersonKeys.of(self._numbers, identity=identity, email=lead.email, phone=lead.phone, country=country)

    def _fill(self, contact: Contact, lead: NewLead) -> None:
        """Put what is new about a person where there was nothing."""
        empty = {name: value for name, value in lead.details.items() if value and not getattr(contact, name)}
        if contact.channel_id is None:
            empty["channel"] = lead.channel
        address = lead.address
        if address and contact.email_normalized is None and not self._known.has_address(address):
            empty |= {"email": lead.email.strip(), "email_normalized": address, "address_hash": address_hash(address)}
            self._known.add(contact, address=address)
        for name, value in empty.items():
            setattr(contact, name, value)
        if "phone" in empty or "country" in empty:
            contact.phone_normalized = self._numbers.normalized(contact.phone, contact.country)
            empty["phone_normalized"] = contact.phone_normalized
        if "phone" in empty and contact.archived_at is None:
            self._known.add(contact, phone=contact.phone_normalized)
        self._note(contact, *empty)

    def _note(self, contact: Contact, *names: str) -> None:
        if names and contact.pk:
            self._changed[contact.pk] = contact
            self._filled |= set(names)

    def save(self) -> None:
        Contact.objects.bulk_create(self.made)
        ContactIdentity.objects.bulk_create(
            ContactIdentity(contact=contact, source=self.source, external_id=number)
            for number, contact in self._joining.items()
        )
        for contact in self._changed.values():
            contact.updated_at = timezone.now()
        Contact.objects.bulk_update(self._changed.values(), sorted(self._filled))
