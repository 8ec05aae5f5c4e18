"""What people agreed to, and whom nothing is sent to. Suppression wins over consent, always."""

from datetime import datetime

from django.db import transaction
from django.db.models import QuerySet
from django.utils import timezone
from django.utils.translation import gettext as _

from accounts.audit.services import audit_record
from accounts.people.models import User
from core.errors import Conflict, DomainError
from crm.consent.models import Consent, ConsentTopic, Suppression
from crm.contacts.email_addresses import address_hash, normalize_address
from crm.contacts.models import Contact


@transaction.atomic
def consent_record(
    *,
    contact: Contact,
    topic: ConsentTopic,
    given: bool,
    source: str,
    wording: str = "",
    basis: str = Consent.Basis.CONSENT,
    channel: str = Consent.Channel.EMAIL,
    actor: User | None = None,
    at: datetime | None = None,
) -> Consent:
    """Add one line to the record of what a contact agreed to (or withdrew). Nothing is overwritten: the newest holds.

    `source` says where it was said (`form:spring`, `preferences`, `by hand`), `wording` what they were shown.
    """
    record = Consent.objects.create(
        contact=contact,
        topic=topic,
        given=given,
        source=source[:120],
        wording=wording,
        basis=basis,
        channel=channel,
        actor=actor,
        at=at or timezone.now(),
    )
    if actor is not None:
        audit_record(
            actor=actor,
            action="consent_record",
            subject=contact,
            changes={"consent_channel": (None, channel), "consent_topic": (None, topic), "consent": (None, given)},
        )
    return record


def consent_import(
    *,
    contact: Contact,
    topic: ConsentTopic,
    given: bool,
    source: str,
    wording: str = "",
    at: datetime | None = None,
) -> Consent | None:
    """Consent as a file states it: written only where the contact never said anything themselves on this subject.

    A file may withdraw (that protects the person), but never turns a withdrawal into a consent.
    """
    said = (
        Consent.objects.filter(contact=contact, topic=topic, channel=Consent.Channel.EMAIL)
        .order_by("-at", "-pk")
        .first()
    )
    if said is not None and (given or not said.given):
        return None
    return consent_record(contact=contact, topic=topic, given=given, source=source, wording=wording, at=at)


def consent_holds(*, contact: Contact, topic: ConsentTopic, channel: str = Consent.Channel.EMAIL) -> bool:
    """Whether the newest record of this contact on this subject is a consent."""
    newest = Consent.objects.filter(contact=contact, topic=topic, channel=channel).order_by("-at", "-pk").first()
    return newest is not None and newest.given


@transaction.atomic
def suppression_add(
    *, reason: str, source: str, address: str = "", hashed: str = "", actor: User | None = None
) -> bool:
    """Send nothing to this address (or its hash) from now on. False when that was so already.

    Raises ValidationError when `address` is no address.
    """
    key = hashed or address_hash(normalize_address(address))
    row, created = Suppression.objects.get_or_create(
        address_hash=key, lifted_at=None, defaults={"reason": reason, "source": source[:120], "actor": actor}
    )
    if created and actor is not None:
        contact = Contact.objects.filter(address_hash=key).first()
        audit_record(actor=actor, action="suppression_add", subject=contact or row)
    return created


@transaction.atomic
def suppression_escalate(*, hashed: str, reason: str, source: str) -> bool:
    """Suppress an address for a graver reason than it may be suppressed for already: a complaint is never taken back
    by hand, other reasons are. False when it was so for this reason, or erased."""
    if suppression_add(reason=reason, source=source, hashed=hashed):
        return True
    lesser = (
        Suppression.objects.in_force()
        .filter(address_hash=hashed)
        .exclude(reason__in=[reason, Suppression.Reason.ERASED])
    )
    return bool(lesser.update(reason=reason, source=source[:120], actor=None, at=timezone.now()))


@transaction.atomic
def suppression_lift(*, contact: Contact, actor: User) -> bool:
    """Allow sending to a contact's address again, by hand and on a person's responsibility; no import does this.

    False when it was not suppressed. Raises DomainError `suppression_is_final` after a complaint or an erasure.
    """
    row = Suppression.objects.select_for_update().in_force().filter(address_hash=contact.address_hash).first()
    if row is None:
        return False
    if row.reason in {Suppression.Reason.COMPLAINED, Suppression.Reason.ERASED}:
        raise DomainError(
            _(
                "This contact complained or asked for erasure. The address "
                "cannot be removed from the suppression list here."
            ),
            code="suppression_is_final",
        )
    Suppression.objects.filter(pk=row.pk).update(lifted_at=timezone.now())
    audit_record(actor=actor, action="suppression_lift", subject=contact, changes={"suppression": (row.reason, None)})
    return True


@transaction.atomic
def suppression_remove(*, suppression: Suppression, why: str, actor: User, confirmed: bool = False) -> None:
    """Take an address off the list, for a reason that is kept. After a complaint only when it is `confirmed` that the
    person asked for our mail again.

    Raises DomainError `suppression_why_missing`, `suppression_not_confirmed`, `suppression_is_final` (erased), and
    Conflict `suppression_lifted` when somebody did it before.
    """
    row = Suppression.objects.select_for_update().in_force().filter(pk=suppression.pk).first()
    if row is None:
        raise Conflict(_("This address is no longer on the suppression list."), code="suppression_lifted")
    if row.reason == Suppression.Reason.ERASED:
        raise DomainError(
            _("This contact asked for erasure. The address must stay on the suppression list."),
            code="suppression_is_final",
        )
    if not why.strip():
        words = _("Enter a reason. The audit trail keeps the reason with your name.")
        raise DomainError(words, code="suppression_why_missing", fields={"why": words})
    if row.reason == Suppression.Reason.COMPLAINED and not confirmed:
        words = _("This contact complained. Confirm that the contact asked to receive e-mail again.")
        raise DomainError(words, code="suppression_not_confirmed", fields={"confirmed": words})
    Suppression.objects.filter(pk=row.pk).update(lifted_at=timezone.now())
    contact = Contact.objects.filter(address_hash=row.address_hash).first()
    audit_record(
        actor=actor,
        action="suppression_lift",
        subject=contact or row,
        changes={"suppression": (row.reason, None), "why": (None, why.strip()[:300])},
    )


def suppression_of(*, contact: Contact) -> Suppression | None:
    """Why nothing is sent to this contact's address, if so."""
    if contact.address_hash is None:
        return None
    found = Suppression.objects.in_force().filter(address_hash=contact.address_hash)
    return found.select_related("actor").first()


@transaction.atomic
def suppressions_add(*, contacts: QuerySet[Contact], reason: str, source: str, actor: User) -> int:
    """Send nothing to any of these contacts' addresses from now on; returns how many were not suppressed before."""
    hashes = list(contacts.exclude(address_hash=None).values_list("address_hash", flat=True))
    known = set(Suppression.objects.in_force().filter(address_hash__in=hashes).values_list("address_hash", flat=True))
    rows = [
        Suppression(address_hash=key, reason=reason, source=source[:120], actor=actor)
        for key in hashes
        if key and key not in known
    ]
    Suppression.objects.bulk_create(rows, batch_size=2_000, ignore_conflicts=True)
    audit_record(actor=actor, action="suppressions_add", subject=actor, changes={"addresses": (None, len(rows))})
    return len(rows)
