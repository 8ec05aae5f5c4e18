"""What sending domains offer to the rest: navigation, alerts, a kind of job, names in the audit trail; their clock."""

from typing import Any

from django.urls import reverse
from django.utils.translation import gettext_lazy as _

from accounts.access import is_office
from accounts.audit.titles import action_titles, object_titles
from core.ui.alerts import AlertSource, alert_sources
from core.ui.job_kinds import JobKind, job_kinds
from core.ui.navigation import NavigationEntry, navigation
from delivery.domains.alerts import domain_alerts

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
        done_label=_("Look at the findings"),
        back_url=lambda job: reverse("domain_detail", kwargs={"pk": job.parameters["domain_id"]}),
    )
)
action_titles.update(
    {
        "dkim_key_activate": _("Let a key sign"),
        "dkim_key_make": _("Made a signing key"),
        "dkim_key_retire": _("Retired a signing key"),
        "sending_domain_update": _("Changed a sending domain"),
        "warmup_save": _("Changed a domain's warm-up"),
    }
)
object_titles.update(
    {
        "delivery.dkimkey": _("Signing key"),
        "delivery.sendingdomain": _("Sending domain"),
        "delivery.warmup": _("Warm-up"),
    }
)
