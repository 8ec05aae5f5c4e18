"""Names of what is done with providers in the audit trail."""

from django.utils.translation import gettext_lazy as _

from accounts.audit.titles import action_titles, object_titles

action_titles.update(
    {
        "provider_archive": _("Put a provider away"),
        "provider_pause": _("Paused a provider"),
        "provider_resume": _("Went on with a provider"),
        "provider_test_send": _("Sent a message to try a provider"),
        "provider_restore": _("Brought a provider back"),
        "provider_save": _("Changed a provider"),
    }
)
object_titles.update({"delivery.provider": _("Provider")})
