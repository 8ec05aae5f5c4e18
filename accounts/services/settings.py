"""A person's own settings, and the company's."""

from django.db import transaction
from django.utils.translation import gettext as _

from accounts.amounts import amounts_exist
from accounts.models import Company, User
from accounts.services.audit import audit_record, changed_fields
from core.errors import DomainError

PROFILE_FIELDS = ["full_name", "language", "time_zone", "theme", "reply_address", "signature"]
COMPANY_FIELDS = ["name", "time_zone", "currency", "language", "week_starts_on", "website", "postal_address"]


@transaction.atomic
def profile_change(*, user: User, values: dict[str, str]) -> User:
    """Store what a person says about themselves (`PROFILE_FIELDS`)."""
    before = User.objects.select_for_update(of=("self",)).get(pk=user.pk)
    for name in PROFILE_FIELDS:
        setattr(user, name, values[name])
    user.full_clean(exclude=["password"])
    user.save(update_fields=PROFILE_FIELDS)
    changes = changed_fields(before, user, [name for name in PROFILE_FIELDS if name != "signature"])
    if before.signature != user.signature:
        changes["signature"] = (None, None)
    if changes:
        audit_record(actor=user, action="profile_change", subject=user, changes=changes)
    return user


@transaction.atomic
def sessions_end(*, user: User) -> User:
    """Sign a person out on every device; the caller renews the session they are in."""
    user.session_generation += 1
    user.save(update_fields=["session_generation"])
    audit_record(actor=user, action="sessions_end", subject=user)
    return user


@transaction.atomic
def company_change(*, values: dict[str, object], actor: User) -> Company:
    """Store the company's settings (`COMPANY_FIELDS`). Raises `currency_locked` once amounts are kept."""
    Company.objects.get_or_create(pk=1)
    before = Company.objects.select_for_update().get(pk=1)
    company = Company.objects.get(pk=1)
    for name, value in values.items():
        if name in COMPANY_FIELDS:
            setattr(company, name, value)
    if company.currency != before.currency and amounts_exist():
        text = _("Amounts are already kept in %(currency)s, so the currency stays.") % {"currency": before.currency}
        raise DomainError(text, code="currency_locked", fields={"currency": text})
    company.full_clean()
    company.save()
    changes = changed_fields(before, company, COMPANY_FIELDS)
    if changes:
        audit_record(actor=actor, action="company_change", subject=company, changes=changes)
    return company
