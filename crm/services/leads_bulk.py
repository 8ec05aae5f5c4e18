"""Recording many leads at once: the outcome of `lead_record` for each, in a dozen statements a thousand."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from itertools import islice
from typing import Any

from django.db import connection, transaction
from django.utils.translation import gettext as _

from accounts.models import Company, User
from accounts.services.audit import audit_record
from crm.addresses import address_hash, normalize_address
from crm.models import Channel, Contact, ContactIdentity, Lead, MiniListMembership, StageChange

BATCH = 1_000


@dataclass(frozen=True)
class NewLead:
    """One event of interest of a person with a number in `source`; values are already checked."""

    external_id: str
    channel: Channel
    occurred_at: datetime
    person_id: str
    email: str = ""
    details: Mapping[str, Any] = field(default_factory=dict)
    attended_by: str = Lead.AttendedBy.ECOMMERCE
    interest: str = ""
    content_format: str = ""
    utm: Mapping[str, str] = field(default_factory=dict)

    @property
    def address(self) -> str | None:
        """The normal form of the address, None without one. Raises ValidationError for what is no address."""
        return normalize_address(self.email) if self.email else None


@transaction.atomic
def leads_record(*, leads: Iterable[NewLead], source: str, identity_source: str, actor: User | None = None) -> int:
    """Record leads in batches; events known by (source, external id) are passed over. How many are new.

    People are found by their number in `identity_source`, then by address, else made; what is known about a person
    stays. All or nothing. Raises ValidationError when an address is none.
    """
    recorded, rest = 0, iter(leads)
    while batch := list(islice(rest, BATCH)):
        recorded += _record(batch, source, identity_source)
    if recorded:
        changes = {_("leads"): (None, recorded), _("source"): (None, source)}
        audit_record(actor=actor, action="leads_record", subject=Company.get(), changes=changes)
    return recorded


def _record(batch: Sequence[NewLead], source: str, identity_source: str) -> int:
    ids = [lead.external_id for lead in batch]
    known = set(Lead.objects.filter(source=source, external_id__in=ids).values_list("external_id", flat=True))
    first = {lead.external_id: lead for lead in reversed(batch) if lead.external_id not in known}
    fresh = [lead for lead in batch if first.get(lead.external_id) is lead]
    if not fresh:
        return 0
    people = _people(fresh, identity_source)
    owners = dict(
        MiniListMembership.objects.open().filter(contact__in=people.values()).values_list("contact_id", "owner_id")
    )
    Lead.objects.bulk_create(
        [
            Lead(
                contact=people[lead.person_id],
                channel=lead.channel,
                occurred_at=lead.occurred_at,
                attended_by=lead.attended_by,
                owner_id=owners.get(people[lead.person_id].pk),
                interest=lead.interest[:300],
                content_format=lead.content_format,
                utm=dict(lead.utm),
                source=source,
                external_id=lead.external_id,
            )
            for lead in fresh
        ]
    )
    _become_leads(fresh, people)
    return len(fresh)


def _people(leads: Sequence[NewLead], source: str) -> dict[str, Contact]:
    """The contact of every person id, made where nobody has the number or the address."""
    numbers = {lead.person_id for lead in leads}
    found = {
        identity.external_id: identity.contact
        for identity in ContactIdentity.objects.filter(source=source, external_id__in=numbers).select_related("contact")
    }
    addresses = {lead.person_id: lead.address for lead in leads if lead.person_id not in found}
    by_address: dict[str | None, Contact] = {
        contact.email_normalized: contact
        for contact in Contact.objects.filter(email_normalized__in=[it for it in addresses.values() if it])
    }
    made: list[Contact] = []
    joining: dict[str, Contact] = {}
    for lead in leads:
        if lead.person_id in found or lead.person_id in joining:
            continue
        address = addresses[lead.person_id]
        contact = by_address.get(address) if address else None
        if contact is None:
            contact = Contact(
                email=lead.email.strip(),
                email_normalized=address,
                address_hash=address_hash(address) if address else None,
                channel=lead.channel,
                created_at=lead.occurred_at,
                stage_since=lead.occurred_at,
                **lead.details,
            )
            made.append(contact)
            if address:
                by_address[address] = contact
        joining[lead.person_id] = contact
    Contact.objects.bulk_create(made)
    ContactIdentity.objects.bulk_create(
        [ContactIdentity(contact=contact, source=source, external_id=number) for number, contact in joining.items()]
    )
    return found | joining


def _become_leads(leads: Sequence[NewLead], people: Mapping[str, Contact]) -> None:
    """Subscribers become leads at their first lead; further along they stay where they are."""
    first: dict[int, NewLead] = {}
    for lead in sorted(leads, key=lambda lead: lead.occurred_at):
        first.setdefault(people[lead.person_id].pk, lead)
    with connection.cursor() as cursor:
        cursor.execute(
            "UPDATE crm_contact c SET stage = %s, stage_since = v.at FROM unnest(%s, %s::timestamptz[]) v (id, at) "
            "WHERE c.id = v.id AND c.stage = %s RETURNING c.id",
            [
                Contact.Stage.LEAD,
                list(first),
                [lead.occurred_at for lead in first.values()],
                Contact.Stage.SUBSCRIBER,
            ],
        )
        moved = [row[0] for row in cursor.fetchall()]
    StageChange.objects.bulk_create(
        [
            StageChange(
                contact_id=pk,
                before=Contact.Stage.SUBSCRIBER,
                after=Contact.Stage.LEAD,
                reason=f"lead:{first[pk].channel.code}",
                at=first[pk].occurred_at,
            )
            for pk in moved
        ]
    )
