"""Sending domains that need somebody."""

from collections.abc import Iterator

from django.urls import reverse
from django.utils.translation import gettext as _

from accounts.access import is_marketer
from accounts.people.models import User
from core.ui.alerts import Alert, Urgency
from delivery.domains.checks.finding_text import worst_sentence
from delivery.domains.models import SendingDomain


def domain_alerts(user: User) -> Iterator[Alert]:
    """Sending domains that were well and are not any more, for those who may do something about them."""
    if not is_marketer(user):
        return
    for domain in SendingDomain.objects.broken()[:3]:
        yield Alert(
            _("%(domain)s has a configuration problem") % {"domain": domain.name},
            worst_sentence(domain.findings, domain.level),
            _("View domain"),
            reverse("domain_detail", kwargs={"pk": domain.pk}),
            Urgency.BROKEN,
            "world-exclamation",
        )
