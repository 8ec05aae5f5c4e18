"""What senders offer to the rest: e-mail as a channel of sends, and names in the audit trail."""

from django.utils.translation import gettext_lazy as _

from accounts.audit.subjects import AuditField, audit_subject
from accounts.audit.titles import action_titles
from delivery.senders.email_channel import email_channel
from delivery.senders.forms import IdentityForm
from delivery.sends.channels import send_channels

send_channels.register(email_channel)
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
