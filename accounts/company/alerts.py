"""What a new installation asks of its director first."""

from collections.abc import Iterator
from typing import TYPE_CHECKING

from django.urls import reverse
from django.utils.translation import gettext as _

from accounts.access import is_director
from accounts.company.models import Company
from core.ui.alerts import Alert, Urgency

if TYPE_CHECKING:
    from accounts.people.models import User


def company_alerts(user: "User") -> Iterator[Alert]:
    """The company has no name yet."""
    if is_director(user) and not Company.get().name:
        yield Alert(
            title=_("Your company has no name yet"),
            text=_(
                "The name appears in invitations, forms and surveys. The time "
                "zone and the currency apply to every figure."
            ),
            action_label=_("Enter company name"),
            action_url=reverse("company_settings"),
            urgency=Urgency.OVERDUE,
            icon="building-store",
        )
