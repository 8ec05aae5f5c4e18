"""Names of what is done with providers in the audit trail."""

from django.utils.translation import gettext_lazy as _

from accounts.audit.subjects import AuditField, audit_subject
from accounts.audit.titles import action_titles
from delivery.transports.forms import ProviderForm

action_titles.update(
    {
        "provider_archive": _("Provider archived"),
        "provider_pause": _("Provider paused"),
        "provider_resume": _("Provider resumed"),
        "provider_test_send": _("Provider test message sent"),
        "provider_restore": _("Provider restored"),
        "provider_save": _("Provider changed"),
    }
)
audit_subject(
    "delivery.provider",
    _("Provider"),
    forms=[ProviderForm],
    fields={"place": AuditField(_("Server")), "to": AuditField(_("Recipient"))},
)
