"""Names of targets in the audit trail."""

from django.utils.translation import gettext_lazy as _

from accounts.audit.titles import action_titles, object_titles

action_titles.update(
    {
        "target_remove": _("Target deleted"),
        "target_set": _("Target set"),
    }
)
object_titles.update(
    {
        "marketing.kpitarget": _("Target"),
    }
)
