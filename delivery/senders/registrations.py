"""Names of what is done with senders in the audit trail."""

from django.utils.translation import gettext_lazy as _

from accounts.audit.titles import action_titles, object_titles

action_titles.update(
    {
        "identity_archive": _("Put a sender away"),
        "identity_save": _("Changed a sender"),
        "identity_providers_set": _("Changed a sender's providers"),
    }
)
object_titles.update({"delivery.sendingidentity": _("Sender")})
