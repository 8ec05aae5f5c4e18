"""What a salesperson's own pages ask: whom to contact today, and the mini-list."""

from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import date, timedelta

from django.db.models import Count, Exists, F, OuterRef, Q, QuerySet
from django.utils import timezone
from django.utils.formats import date_format
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from accounts.people.models import User
from crm.activities.models import FollowUp
from crm.contacts.models import Contact, ContactQuerySet, MiniListMembership
from crm.leads.models import Lead

IDLE_DAYS = 60
RISK_QUIET_DAYS = 14
LEAD_DAYS = 21
BIRTHDAY_DAYS = 7
AT_RISK_SEGMENTS = ("cannot_lose", "at_risk")
SHOWN = 10


def contacts_of(user: User) -> ContactQuerySet:
    """A salesperson's customers today, and free people whose lead was given to them."""
    taken = MiniListMembership.objects.open().filter(contact=OuterRef("pk")).exclude(owner=user)
    mine = MiniListMembership.objects.open().filter(contact=OuterRef("pk"), owner=user)
    leads = Lead.objects.filter(contact=OuterRef("pk"), owner=user)
    return Contact.objects.active().filter(Exists(mine) | (Exists(leads) & ~Exists(taken)))


@dataclass
class DayEntry:
    """One customer to contact today: the strongest reason first, the others beside it."""

    contact: Contact
    reason: FollowUp.Reason
    why: str
    others: list[str] = field(default_factory=list)


@dataclass(frozen=True)
class Day:
    entries: list[DayEntry]
    total: int
    idle: int
    never: int
    customers: int


def day_of(*, user: User, today: date, limit: int = SHOWN) -> Day:
    """The short ordered list: put off until today, fresh leads, birthdays, may be leaving, not contacted for long."""
    later = FollowUp.objects.open().filter(owner=user, contact=OuterRef("pk"), due_on__gt=today)
    free = contacts_of(user).exclude(Exists(later))
    found: dict[int, DayEntry] = {}
    for reason, contacts, why in _reasons(user, free, today):
        for contact in contacts[: limit * 3]:
            entry = found.get(contact.pk)
            if entry is None:
                found[contact.pk] = DayEntry(contact, reason, why(contact))
            else:
                entry.others.append(str(reason.label))
    entries = list(found.values())
    mine = Contact.objects.visible_to(user).active()
    counts = mine.aggregate(
        customers=Count("pk"),
        idle=Count("pk", filter=Q(last_contacted_at__lt=timezone.now() - timedelta(days=IDLE_DAYS))),
        never=Count("pk", filter=Q(last_contacted_at=None)),
    )
    return Day(entries=entries[:limit], total=len(entries), **counts)


Reasons = list[tuple[FollowUp.Reason, "QuerySet[Contact]", Callable[[Contact], str]]]


def _reasons(user: User, free: ContactQuerySet, today: date) -> Reasons:
    reason = FollowUp.Reason
    due = FollowUp.objects.due(on=today).filter(owner=user, contact=OuterRef("pk"))
    fresh = Lead.objects.filter(
        Q(contact__last_contacted_at=None) | Q(contact__last_contacted_at__lt=F("occurred_at")),
        contact=OuterRef("pk"),
        owner=user,
        occurred_at__gte=timezone.now() - timedelta(days=LEAD_DAYS),
    )
    greeted = FollowUp.objects.filter(
        owner=user, contact=OuterRef("pk"), reason=reason.BIRTHDAY, done_at__gte=timezone.now() - timedelta(days=30)
    )
    quiet = free.idle_for(days=RISK_QUIET_DAYS)
    return [
        (reason.PLANNED, free.filter(Exists(due)).order_by("pk"), lambda it: _("Follow-up due.")),
        (
            reason.LEAD,
            free.filter(Exists(fresh)).order_by("-pk"),
            lambda it: _("Unanswered lead."),
        ),
        (
            reason.BIRTHDAY,
            free.filter(birthday_within(today, BIRTHDAY_DAYS)).exclude(Exists(greeted)).order_by("pk"),
            _birthday_text,
        ),
        (
            reason.AT_RISK,
            quiet.filter(rfm__segment__code__in=AT_RISK_SEGMENTS).order_by("-gross_total", "pk"),
            _last_order_text,
        ),
        (
            reason.IDLE,
            free.customers().idle_for(days=IDLE_DAYS).order_by(F("last_contacted_at").asc(nulls_first=True), "pk"),
            last_contact_text,
        ),
    ]


def birthday_within(today: date, days: int) -> Q:
    """Born on one of the next `days` days of the calendar; 29 February is kept on the 28th of common years."""
    window = [today + timedelta(days=offset) for offset in range(days)]
    pairs = {(day.month, day.day) for day in window}
    if (2, 28) in pairs and (2, 29) not in pairs and (3, 1) not in {(today.month, today.day)}:
        pairs.add((2, 29))
    condition = Q(pk__in=[])
    for month, day in sorted(pairs):
        condition |= Q(birth_date__month=month, birth_date__day=day)
    return condition


def last_contact_text(contact: Contact) -> str:
    """How long nobody of the company has been in touch."""
    if contact.last_contacted_at is None:
        return _("Not contacted yet.")
    days = (timezone.now() - contact.last_contacted_at).days
    if days < 1:
        return _("Contacted today.")
    text = ngettext("Last contact %(days)s day ago.", "Last contact %(days)s days ago.", days)
    return text % {"days": days}


def _last_order_text(contact: Contact) -> str:
    if contact.last_order_at is None:
        return _("At risk of leaving.")
    days = (timezone.now() - contact.last_order_at).days
    text = ngettext(
        "Used to buy more often. Last purchase %(days)s day ago.",
        "Used to buy more often. Last purchase %(days)s days ago.",
        days,
    )
    return text % {"days": days}


def _birthday_text(contact: Contact) -> str:
    birth = contact.birth_date
    today = timezone.localdate()
    if birth and (birth.month, birth.day) == (today.month, today.day):
        return _("Birthday today.")
    if birth is None:
        return _("Birthday this week.")
    coming = date(2000 if (birth.month, birth.day) == (2, 29) else today.year, birth.month, birth.day)
    return _("Birthday on %(day)s.") % {"day": date_format(coming, "j F")}
