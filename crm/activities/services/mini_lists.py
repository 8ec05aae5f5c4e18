"""Who looks after whom: assigning customers to a salesperson, freeing them, handing a whole list over.

The contacts' rows are locked first, so two people assigning the same customer wait for each other; one statement then
closes the open row and opens the next, and the unique open row per contact holds whatever happens.
"""

from collections.abc import Iterable
from dataclasses import dataclass

from django.db import connection, transaction
from django.utils import timezone
from django.utils.translation import gettext as _

from accounts.audit.services import audit_record
from accounts.people.models import User
from core.errors import Conflict, DomainError
from crm.activities.models import FollowUp
from crm.contacts.models import Contact, MiniListMembership

ASSIGN_SQL = """
WITH target AS (SELECT unnest(%(ids)s::bigint[]) AS id),
closed AS (
    UPDATE crm_minilistmembership m SET until = GREATEST(m.since, statement_timestamp())
    FROM target t WHERE m.contact_id = t.id AND m.until IS NULL AND m.owner_id <> %(owner)s
    RETURNING m.contact_id
),
opened AS (
    INSERT INTO crm_minilistmembership (contact_id, owner_id, since)
    SELECT t.id, %(owner)s, statement_timestamp() FROM target t
    WHERE (SELECT count(*) FROM closed) >= 0  -- the old rows are closed before the first new one is written
      AND NOT EXISTS (
        SELECT 1 FROM crm_minilistmembership m
        WHERE m.contact_id = t.id AND m.until IS NULL AND m.owner_id = %(owner)s)
    RETURNING contact_id
)
SELECT (SELECT count(*) FROM opened), (SELECT count(*) FROM closed)
"""


@dataclass(frozen=True)
class Assigned:
    """`assigned` customers are newly on the list, `taken_over` of them from a colleague, `unchanged` were on it."""

    assigned: int
    taken_over: int
    unchanged: int


@transaction.atomic
def minilist_assign(*, contacts: Iterable[Contact], owner: User, actor: User | None) -> Assigned:
    """Put customers on a salesperson's list, from today on. Raises `owner_unsuitable`."""
    if not owner.is_active or not owner.is_salesperson:
        raise DomainError(_("Customers can be assigned only to a salesperson with access."), code="owner_unsuitable")
    chosen = {contact.pk: contact for contact in contacts}
    ids = _locked(chosen)
    before = dict(MiniListMembership.objects.open().filter(contact__in=ids).values_list("contact", "owner__full_name"))
    with connection.cursor() as cursor:
        cursor.execute(ASSIGN_SQL, {"ids": ids, "owner": owner.pk})
        opened, closed = cursor.fetchone()
    _follow_ups_delete(ids, keep=owner)
    if opened and len(ids) == 1:
        changes = {"owner": (before.get(ids[0]), owner.full_name)}
        audit_record(actor=actor, action="minilist_assign", subject=chosen[ids[0]], changes=changes)
    elif opened:
        audit_record(actor=actor, action="minilist_assign", subject=owner, changes={"customers": (None, opened)})
    return Assigned(assigned=opened, taken_over=closed, unchanged=len(ids) - opened)


@transaction.atomic
def minilist_release(*, contacts: Iterable[Contact], actor: User | None) -> int:
    """Free customers: nobody looks after them from now on. Returns how many were on a list."""
    chosen = {contact.pk: contact for contact in contacts}
    ids = _locked(chosen)
    held = MiniListMembership.objects.open().filter(contact__in=ids).select_related("owner")
    owners = {row.contact_id: row.owner.full_name for row in held}
    freed = MiniListMembership.objects.open().filter(contact__in=ids).update(until=timezone.now())
    _follow_ups_delete(ids, keep=None)
    if freed and len(ids) == 1:
        changes = {"owner": (owners[ids[0]], None)}
        audit_record(actor=actor, action="minilist_release", subject=chosen[ids[0]], changes=changes)
    elif freed and actor is not None:
        audit_record(actor=actor, action="minilist_release", subject=actor, changes={"customers": (freed, None)})
    return freed


@transaction.atomic
def minilist_hand_over(*, holder: User, heir: User | None, actor: User | None) -> int:
    """Move a whole list to `heir`, or free it when None. Returns how many customers moved."""
    contacts = list(Contact.objects.filter(minilist_memberships__owner=holder, minilist_memberships__until=None))
    if not contacts:
        return 0
    if heir is None:
        moved = minilist_release(contacts=contacts, actor=actor)
    else:
        moved = minilist_assign(contacts=contacts, owner=heir, actor=actor).assigned
    changes = {"customers": (moved, 0), "heir": (None, heir.full_name if heir else None)}
    audit_record(actor=actor, action="minilist_hand_over", subject=holder, changes=changes)
    return moved


@transaction.atomic
def minilist_take(*, contact: Contact, owner: User) -> None:
    """A salesperson takes a free customer themselves. Raises Conflict `customer_not_free`, which tells nothing about
    who has them."""
    _locked({contact.pk: contact})
    if MiniListMembership.objects.open().filter(contact=contact).exclude(owner=owner).exists():
        raise Conflict(not_available_text(), code="customer_not_free")
    minilist_assign(contacts=[contact], owner=owner, actor=owner)


def not_available_text() -> str:
    return _("This contact cannot be added to your mini-list. Ask your director about the owner of this contact.")


def minilist_count(holder: User) -> int:
    """How many customers a person looks after today."""
    return MiniListMembership.objects.open().filter(owner=holder).count()


def _locked(chosen: Iterable[int]) -> list[int]:
    """The keys of those that exist, their rows locked in one order."""
    ids = Contact.objects.filter(pk__in=list(chosen)).order_by("pk").select_for_update().values_list("pk", flat=True)
    return list(ids)


def _follow_ups_delete(ids: list[int], *, keep: User | None) -> None:
    """What earlier owners meant to do about these customers is theirs no longer."""
    stale = FollowUp.objects.open().filter(contact__in=ids)
    if keep is not None:
        stale = stale.exclude(owner=keep)
    stale.delete()
