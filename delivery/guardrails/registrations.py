"""What the limits of sending offer to the rest: navigation, names in the audit trail."""

from django.utils.translation import gettext_lazy as _

from accounts.access import is_office
from accounts.audit.titles import action_titles, object_titles
from core.ui.navigation import NavigationEntry, navigation

navigation.register(NavigationEntry("email_settings", "email", _("Settings"), "email_settings", 90, is_office))
action_titles.update(
    {
        "policy_save": _("Changed the sending limits"),
        "retention_save": _("Changed how long reactions are kept"),
    }
)
object_titles.update({"delivery.sendingpolicy": _("Sending limits")})
