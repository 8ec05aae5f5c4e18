"""Names of what is done with senders in the audit trail."""

from django.utils.translation import gettext_lazy as _

from accounts.audit.subjects import AuditField, audit_subject
from accounts.audit.titles import action_titles
from delivery.senders.forms import IdentityForm

action_titles.update(
    {
        "identity_archive": _("Sender archived"),
        "identity_restore": _("Sender restored"),
        "identity_save": _("Sender changed"),
        "identity_providers_set": _("Sender's providers changed"),
    }
)
audit_subject(
    "delivery.sendingidentity", _("Sender"), forms=[IdentityForm], fields={"providers": AuditField(_("Providers"))}
)
