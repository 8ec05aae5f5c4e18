"""Who can be written to today, and why the others cannot: what a person sees before they choose recipients.

Judged by the engine's own rule (`delivery.engine.freeze`), so that the writing desk and the send agree.
"""

from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime, timedelta

from django.db import connection
from django.utils import formats, timezone
from django.utils.translation import gettext as _

from crm.consent.models import Suppression
from crm.consent.sql import email_consents
from crm.contacts.models import Contact
from crm.contacts.sql import contacts_as
from delivery.engine.freeze import RECEIVED_SQL, SKIP_REASON_SQL, eligibility_parameters
from delivery.guardrails.models import SendingPolicy
from delivery.sends.models import Delivery, Send

AMONG_SQL = "AND contact_id = ANY(%(ids)s)"
ELIGIBILITY_AMONG_SQL = f"""
    SELECT c.id, {SKIP_REASON_SQL} AS reason FROM {contacts_as("c")}
    LEFT JOIN ({email_consents(AMONG_SQL)}) a ON a.contact_id = c.id
    LEFT JOIN ({RECEIVED_SQL.format(narrowed=AMONG_SQL)}) r ON r.contact_id = c.id
    LEFT JOIN delivery_mailpreference p ON p.contact_id = c.id
    WHERE c.id = ANY(%(ids)s)
"""  # noqa: S608


@dataclass(frozen=True)
class Eligibility:
    """One contact: `why` is empty when they can be written to; `next_allowed` is when the frequency cap opens again."""

    contact: Contact
    why: str = ""
    next_allowed: datetime | None = None

    @property
    def can(self) -> bool:
        return not self.why


def eligibility_of(contacts: Iterable[Contact], *, send: Send | None = None) -> list[Eligibility]:
    """Each contact with whether a message may go to them now, in the order given; `send` is what would be sent
    (a personal letter when not given). A handful of queries, whatever the number."""
    people = list(contacts)
    reasons = _skip_reasons([person.pk for person in people], send or Send(kind=Send.Kind.LETTER))
    hashes = [person.address_hash for person in people if reasons.get(person.pk) == Delivery.Skip.SUPPRESSED]
    listed = Suppression.objects.in_force().filter(address_hash__in=hashes)
    why_suppressed = {row.address_hash: _suppressed_because(row) for row in listed}
    opens_at = cap_opens_at([pk for pk, reason in reasons.items() if reason == Delivery.Skip.CAPPED])
    rows = []
    for person in people:
        reason, next_allowed = reasons.get(person.pk, Delivery.Skip.NO_ADDRESS), opens_at.get(person.pk)
        suppressed = why_suppressed.get(person.address_hash or "", "")
        rows.append(Eligibility(person, _in_words(reason, suppressed, next_allowed), next_allowed))
    return rows


def cap_opens_at(contact_ids: list[int], *, at: datetime | None = None) -> dict[int, datetime]:
    """When the company's frequency cap lets each of these contacts hear from us again; only those it holds back."""
    policy, now = SendingPolicy.get(), at or timezone.now()
    since = now - timedelta(days=policy.cap_days)
    got: dict[int, list[datetime]] = defaultdict(list)
    rows = Delivery.objects.filter(
        contact_id__in=contact_ids, state__in=[Delivery.State.SENT, Delivery.State.UNKNOWN], changed_at__gt=since
    ).order_by("-changed_at")
    for contact_id, moment in rows.values_list("contact_id", "changed_at"):
        got[contact_id].append(moment)
    full = policy.cap_messages
    return {
        contact_id: moments[full - 1] + timedelta(days=policy.cap_days)
        for contact_id, moments in got.items()
        if len(moments) >= full
    }


def _skip_reasons(contact_ids: list[int], send: Send) -> dict[int, str]:
    """The engine's reason for each contact; empty for those who may be written to."""
    if not contact_ids:
        return {}
    with connection.cursor() as cursor:
        cursor.execute(ELIGIBILITY_AMONG_SQL, {**eligibility_parameters(send), "ids": contact_ids})
        return dict(cursor.fetchall())


def _in_words(reason: str, suppressed: str, next_allowed: datetime | None) -> str:
    if reason == Delivery.Skip.SUPPRESSED:
        return suppressed or _("Address suppressed")
    if reason == Delivery.Skip.CAPPED and next_allowed:
        return _("Frequency cap reached until %(day)s") % {
            "day": formats.date_format(timezone.localtime(next_allowed), "SHORT_DATE_FORMAT")
        }
    return {
        Delivery.Skip.NO_ADDRESS.value: _("No e-mail address"),
        Delivery.Skip.NO_CONSENT.value: _("No consent for e-mail"),
        Delivery.Skip.CAPPED.value: _("Contact's own message limit reached"),
    }.get(reason, "")


def _suppressed_because(row: Suppression) -> str:
    """The reason and since when; nothing of what others sent."""
    day = formats.date_format(timezone.localtime(row.at), "SHORT_DATE_FORMAT")
    why = {
        Suppression.Reason.UNSUBSCRIBED.value: _("Unsubscribed"),
        Suppression.Reason.BOUNCED.value: _("E-mail address no longer valid"),
        Suppression.Reason.COMPLAINED.value: _("Marked our e-mail as spam"),
        Suppression.Reason.ERASED.value: _("Personal data erased on request"),
    }.get(row.reason, _("Address suppressed"))
    return _("%(why)s (since %(day)s)") % {"why": why, "day": day}
