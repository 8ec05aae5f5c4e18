"""What sending domains offer to the rest: navigation, alerts, a kind of job, names in the audit trail; their clock."""

from typing import Any

from django.urls import reverse
from django.utils.translation import gettext_lazy as _

from accounts.access import is_office
from accounts.audit.subjects import audit_subject
from accounts.audit.titles import action_titles
from core.ui.alerts import AlertSource, alert_sources
from core.ui.job_kinds import JobKind, job_kinds
from core.ui.navigation import NavigationEntry, navigation
from delivery.domains.alerts import domain_alerts
from delivery.domains.forms import DomainForm, WarmUpForm

BEAT: dict[str, Any] = {
    "delivery-recheck-domains": {"task": "delivery.recheck_domains", "schedule": 3600.0},
}

navigation.register(NavigationEntry("deliverability", "email", _("Deliverability"), "deliverability", 80, is_office))
alert_sources.register(AlertSource("sending_domains", domain_alerts))
job_kinds.register(
    JobKind(
        "domain_check",
        _("Checking a sending domain"),
        done_url=lambda job: reverse("domain_detail", kwargs={"pk": job.parameters["domain_id"]}),
        done_label=_("View results"),
        back_url=lambda job: reverse("domain_detail", kwargs={"pk": job.parameters["domain_id"]}),
    )
)
action_titles.update(
    {
        "dkim_key_activate": _("Signing key activated"),
        "dkim_key_make": _("Signing key created"),
        "dkim_key_retire": _("Signing key retired"),
        "sending_domain_update": _("Sending domain changed"),
        "warmup_save": _("Domain warm-up changed"),
    }
)
audit_subject("delivery.dkimkey", _("Signing key"))
audit_subject("delivery.sendingdomain", _("Sending domain"), forms=[DomainForm])
audit_subject("delivery.warmup", _("Warm-up"), forms=[WarmUpForm])
