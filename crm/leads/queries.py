"""Leads without an answer, and the salespeople that leads and sales are credited to."""

from datetime import timedelta
from typing import Any

from django.db.models import F, Q, QuerySet
from django.utils.translation import gettext_lazy as _

from accounts.people.models import User
from crm.leads.models import Lead

RESPONSE_LIMIT = timedelta(days=2)  # an answer after it is late


def credit_choices() -> list[tuple[str, Any]]:
    """Everybody whom a sale or a lead may count for, those who left included."""
    people = User.objects.filter(role=User.Role.SALESPERSON).order_by("full_name")
    return [("none", _("No owner")), *((person.public_id, person.full_name) for person in people)]


def unattended(leads: QuerySet[Lead]) -> QuerySet[Lead]:
    """Leads for the sales force whose person nobody has contacted since, and who have not bought since either."""
    return leads.filter(
        Q(contact__last_contacted_at=None) | Q(contact__last_contacted_at__lt=F("occurred_at")),
        Q(contact__last_order_at=None) | Q(contact__last_order_at__lt=F("occurred_at")),
        attended_by=Lead.AttendedBy.SALES_FORCE,
        contact__archived_at=None,
    )
