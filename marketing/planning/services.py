"""What the director wants each KPI to be."""

from datetime import date
from decimal import Decimal
from typing import Any

from django.db import transaction
from django.utils.translation import gettext as _

from accounts.audit.services import audit_record
from accounts.people.models import User
from core.errors import DomainError
from core.kpis import Unit, kpis
from marketing.planning.models import KpiTarget


@transaction.atomic
def target_set(*, kpi: str, starts_on: date, ends_on: date, value: Decimal, actor: User) -> KpiTarget:
    """Set (or change) the target of a KPI over a period. A rate is between 0 and 1, a score within +-100.

    Raises DomainError `kpi_unknown`, `period_backwards`, `target_out_of_range`.
    """
    known = kpis.get(kpi)
    if known is None:
        raise DomainError(
            _("This key figure does not exist."), code="kpi_unknown", fields={"kpi": _("Choose a key figure.")}
        )
    if ends_on < starts_on:
        message = _("The period ends before it begins.")
        raise DomainError(message, code="period_backwards", fields={"ends_on": message})
    low, high = {Unit.RATIO: (0, 1), Unit.SCORE: (-100, 100)}.get(known.unit, (0, 9_999_999_999))
    if not value.is_finite() or not low <= value <= high:
        message = _("This target is out of range.")
        raise DomainError(message, code="target_out_of_range", fields={"value": message})
    before = KpiTarget.objects.filter(kpi=kpi, starts_on=starts_on, ends_on=ends_on).first()
    target, _created = KpiTarget.objects.update_or_create(
        kpi=kpi, starts_on=starts_on, ends_on=ends_on, defaults={"value": value, "set_by": actor}
    )
    audit_record(
        actor=actor,
        action="target_set",
        subject=target,
        changes={"value": (_value(before), _value(target))},
    )
    return target


@transaction.atomic
def target_remove(*, target: KpiTarget, actor: User) -> None:
    audit_record(actor=actor, action="target_remove", subject=target, changes={"value": (_value(target), None)})
    target.delete()


def _value(target: KpiTarget | None) -> dict[str, Any] | None:
    """A value with its figure, which decides its unit."""
    return {"kpi": target.kpi, "value": target.value} if target else None
