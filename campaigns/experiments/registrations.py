"""What tests offer to the rest: navigation, names in the audit trail."""

from django.utils.translation import gettext_lazy as _

from accounts.access import is_office
from accounts.audit.titles import action_titles, object_titles
from core.ui.navigation import NavigationEntry, navigation

navigation.register(NavigationEntry("learnings", "email", _("What we learnt"), "learning_list", 50, is_office))
action_titles.update(
    {
        "experiment_conclude": _("Concluded a test"),
        "experiment_plan": _("Planned a test"),
        "learning_rewrite": _("Reworded what a test taught"),
    }
)
object_titles.update({"campaigns.experiment": _("Test")})
