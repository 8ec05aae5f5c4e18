"""What tests offer to the rest: navigation, names in the audit trail."""

from django.utils.translation import gettext_lazy as _

from accounts.access import is_office
from accounts.audit.subjects import AuditField, audit_subject
from accounts.audit.titles import action_titles
from campaigns.experiments.forms import TestForm
from core.ui.navigation import NavigationEntry, navigation

navigation.register(NavigationEntry("learnings", "email", _("Learnings"), "learning_list", 50, is_office))
action_titles.update(
    {
        "experiment_conclude": _("Test concluded"),
        "experiment_plan": _("Test planned"),
        "learning_rewrite": _("Learning edited"),
    }
)
audit_subject(
    "campaigns.experiment",
    _("Test"),
    forms=[TestForm],
    fields={"verdict": AuditField(_("Verdict")), "learning": AuditField(_("Learning"))},
)
