"""Recording interest: who, through which channel, when; and who attends to it."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any, NamedTuple

from django.db import IntegrityError, transaction
from django.utils import timezone
from django.utils.translation import gettext as _

from accounts.audit.services import audit_record, changed_fields
from accounts.company.company_days import EARLIEST_YEAR
from accounts.people.models import User
from core.errors import DomainError
from crm.channels.models import Channel
from crm.contacts.lifecycle import LeadMoment, stages_after_leads
from crm.contacts.models import Contact, MiniListMembership
from crm.contacts.resolve import contact_find_or_create
from crm.leads.models import Lead

CLOCK_DRIFT = timedelta(minutes=5)


@dataclass(frozen=True)
class LeadPerson:
    """Who showed interest: at least an address, a phone or their number in another system."""

    email: str = ""
    phone: str = ""
    identity: tuple[str, str] | None = None
    details: Mapping[str, Any] = field(default_factory=dict)


class LeadsAssigned(NamedTuple):
    """How many leads changed hands, and how many stayed with the mini-list their contact is on."""

    changed: int
    held: int


@transaction.atomic
def lead_record(
    *,
    person: LeadPerson,
    channel: Channel,
    occurred_at: datetime | None = None,
    attended_by: str = Lead.AttendedBy.ECOMMERCE,
    owner: User | None = None,
    interest: str = "",
    content_format: str = "",
    utm: Mapping[str, str] | None = None,
    source: str = "typed",
    external_id: str | None = None,
    actor: User | None = None,
) -> tuple[Lead, bool]:
    """One event of interest; the person is found or made. False when this event was recorded before.

    `source` and `external_id` identify the event: the same pair again changes nothing. Without an owner the lead goes
    to the person who looks after the contact. Raises DomainError `person_missing`, `lead_in_the_future`,
    `owner_not_salesperson`, `invalid`.
    """
    if external_id:
        known = Lead.objects.filter(source=source, external_id=external_id).select_related("contact", "channel").first()
        if known is not None:
            return known, False
    moment = _checked_moment(occurred_at)
    _check_owner(owner)
    contact = _contact_of(person, channel, actor)
    try:
        with transaction.atomic():
            lead = Lead.objects.create(
                contact=contact,
                channel=channel,
                occurred_at=moment,
                attended_by=Lead.AttendedBy.SALES_FORCE if owner else attended_by,
                owner=owner or _mini_list_owner(contact),
                interest=interest[:300],
                content_format=content_format,
                utm=dict(utm or {}),
                source=source,
                external_id=external_id or None,
            )
    except IntegrityError:
        return Lead.objects.get(source=source, external_id=external_id), False
    stages_after_leads([LeadMoment(contact.pk, channel.code, moment)])
    if owner is not None:
        _add_to_mini_list(contact, owner)
    audit_record(actor=actor, action="lead_record", subject=lead)
    return lead, True


@transaction.atomic
def lead_update(*, lead: Lead, actor: User, **fields: Any) -> Lead:
    """Correct a lead: channel, when, attended by, owner, interest, content. Raises like `lead_record`."""
    unknown = set(fields) - {"channel", "occurred_at", "attended_by", "owner", "interest", "content_format"}
    if unknown:
        raise TypeError(f"not fields of a lead: {sorted(unknown)}")
    before = Lead.objects.select_for_update().get(pk=lead.pk)
    after = Lead.objects.get(pk=lead.pk)
    for name, value in fields.items():
        setattr(after, name, value)
    after.occurred_at = _checked_moment(after.occurred_at)
    _check_owner(after.owner)
    changes = changed_fields(before, after, list(fields))
    if changes:
        after.save(update_fields=list(changes))
        audit_record(actor=actor, action="lead_update", subject=after, changes=changes)
    return after


@transaction.atomic
def lead_delete(*, lead: Lead, actor: User) -> None:
    """Take out a lead that was none (a test, a duplicate). The contact stays."""
    audit_record(actor=actor, action="lead_delete", subject=lead)
    lead.delete()


@transaction.atomic
def leads_assign(*, leads: Sequence[Lead], owner: User, actor: User) -> LeadsAssigned:
    """Hand leads to a salesperson; contacts nobody looks after join their mini-list. Leads of people on somebody
    else's mini-list stay where they are. Raises DomainError `owner_not_salesperson`.
    """
    _check_owner(owner)
    people = {lead.contact_id for lead in leads}
    elsewhere = MiniListMembership.objects.open().filter(contact__in=people).exclude(owner=owner)
    taken = set(elsewhere.values_list("contact_id", flat=True))
    changed = 0
    for lead in leads:
        if lead.owner_id == owner.pk or lead.contact_id in taken:
            continue
        before = lead.owner
        Lead.objects.filter(pk=lead.pk).update(owner=owner, attended_by=Lead.AttendedBy.SALES_FORCE)
        _add_to_mini_list(lead.contact, owner)
        audit_record(actor=actor, action="leads_assign", subject=lead, changes={"owner": (before, owner)})
        changed += 1
    return LeadsAssigned(changed, sum(lead.contact_id in taken for lead in leads))


def _checked_moment(at: datetime | None) -> datetime:
    moment = at or timezone.now()
    if moment > timezone.now() + CLOCK_DRIFT:
        message = _("The date of a lead cannot be in the future.")
        raise DomainError(message, code="lead_in_the_future", fields={"occurred_at": message})
    if moment.year < EARLIEST_YEAR:
        message = _("The date is before 1900. Check the year.")
        raise DomainError(message, code="lead_too_old", fields={"occurred_at": message})
    return moment


def _check_owner(owner: User | None) -> None:
    if owner is not None and not (owner.is_active and owner.is_salesperson):
        message = _("Leads can be assigned only to an active salesperson.")
        raise DomainError(message, code="owner_not_salesperson", fields={"owner": message})


def _contact_of(person: LeadPerson, channel: Channel, actor: User | None) -> Contact:
    email, phone = person.email.strip(), person.phone.strip()
    if not (email or phone or person.identity):
        message = _("Enter an e-mail address or a phone number.")
        raise DomainError(message, code="person_missing", fields={"email": message})
    details = {name: value for name, value in person.details.items() if value} | {"channel": channel}
    if phone:
        details["phone"] = phone
    return contact_find_or_create(email=email, identity=person.identity, defaults=details, actor=actor)[0]


def _mini_list_owner(contact: Contact) -> User | None:
    row = MiniListMembership.objects.open().filter(contact=contact).select_related("owner").first()
    return row.owner if row else None


def _add_to_mini_list(contact: Contact, owner: User) -> None:
    MiniListMembership.objects.get_or_create(contact=contact, until=None, defaults={"owner": owner})
