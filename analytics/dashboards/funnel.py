"""How far the people behind the leads of some days have come: the steps, and who reached each."""

from dataclasses import dataclass

from django.db.models import Exists, OuterRef, Q
from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from crm.contacts.lifecycle import GIVEN_UP, Stage
from crm.contacts.models import ContactQuerySet, StageChange
from crm.leads.models import Lead, LeadQuerySet
from crm.leads.queries import unattended

CUSTOMER = ~Q(first_order_at=None)
# Who was given up before an order had come this far only if their history says so.
QUALIFIED = (
    CUSTOMER
    | ~Q(stage__in=[Stage.SUBSCRIBER, Stage.LEAD, *GIVEN_UP])
    | Q(stage__in=GIVEN_UP)
    & Exists(StageChange.objects.filter(contact=OuterRef("pk"), after__in=[Stage.QUALIFIED, Stage.OPPORTUNITY]))
)


@dataclass(frozen=True)
class Step:
    """A step of the funnel; who reached one reached those before it too."""

    code: str
    label: str | Promise


STEPS = (
    Step("answered", _("Answered")),
    Step("qualified", _("Qualified or later")),
    Step("customer", _("Customers")),
)


def people_behind(leads: LeadQuerySet, people: ContactQuerySet, reached: str = "") -> ContactQuerySet:
    """Those of `people` who asked for something in `leads`, and have come to the step `reached` (any, when empty).

    Answered: a colleague was in touch since one of these leads, or the shop attends to it by itself.
    """
    own = leads.filter(contact=OuterRef("pk"))
    people = people.filter(Exists(own))
    match reached:
        case "customer":
            return people.filter(CUSTOMER)
        case "qualified":
            return people.filter(QUALIFIED)
        case "answered":
            waiting = unattended(Lead.objects.all()).values("pk")
            return people.filter(QUALIFIED | Q(Exists(own.exclude(pk__in=waiting))))
    return people
