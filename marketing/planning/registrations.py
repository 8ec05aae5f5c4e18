"""Targets in the audit trail."""

from datetime import date
from decimal import Decimal
from typing import Any

from django.utils.translation import gettext_lazy as _

from accounts.audit.subjects import AuditField, audit_subject
from accounts.audit.titles import action_titles
from core.kpis import kpis
from core.ui.dates import short_date
from marketing.planning.forms import TargetForm
from marketing.planning.value_text import value_text


def target_name(name: str) -> str:
    """ "Cost per lead, 1 Jan 2026 – 31 Mar 2026", of the figure's code and the two days."""
    code, *days = name.split()
    title = str(kpis[code].name) if code in kpis else code
    try:
        first, last = (short_date(date.fromisoformat(day)) for day in days)
    except ValueError:
        return f"{title} {' '.join(days)}".strip()
    return f"{title}, {first} – {last}"


def target_value(value: Any) -> str:
    """A value in the unit of its figure."""
    return value_text(value["kpi"], Decimal(value["value"]))


action_titles.update(
    {
        "target_remove": _("Target deleted"),
        "target_set": _("Target set"),
    }
)
audit_subject(
    "marketing.kpitarget",
    _("Target"),
    name=target_name,
    forms=[TargetForm],
    fields={"value": AuditField(_("Target"), target_value)},
)
