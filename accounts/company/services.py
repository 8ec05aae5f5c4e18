"""Changing the company's settings."""

from typing import TYPE_CHECKING

from django.db import transaction
from django.utils.translation import gettext as _

from accounts.audit.services import audit_record, changed_fields
from accounts.company.currency_lock import currency_is_locked
from accounts.company.listeners import company_listeners
from accounts.company.models import Company
from core.errors import DomainError

if TYPE_CHECKING:
    from accounts.people.models import User

COMPANY_FIELDS = ["name", "time_zone", "currency", "language", "week_starts_on", "website", "postal_address"]


@transaction.atomic
def company_change(*, values: dict[str, object], actor: "User") -> Company:
    """Store the company's settings (`COMPANY_FIELDS`). Raises `currency_locked` once amounts are kept."""
    Company.objects.get_or_create(pk=1)
    before = Company.objects.select_for_update().get(pk=1)
    company = Company.objects.get(pk=1)
    for name, value in values.items():
        if name in COMPANY_FIELDS:
            setattr(company, name, value)
    if company.currency != before.currency and currency_is_locked():
        text = _("Amounts are already saved in %(currency)s, so the currency cannot change.") % {
            "currency": before.currency
        }
        raise DomainError(text, code="currency_locked", fields={"currency": text})
    company.full_clean()
    company.save()
    changes = changed_fields(before, company, COMPANY_FIELDS)
    if changes:
        audit_record(actor=actor, action="company_change", subject=company, changes=changes)
        for listener in company_listeners:
            listener.changed(before, company)
    return company
