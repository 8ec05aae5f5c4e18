"""What the limits of sending offer to the rest: navigation, names in the audit trail."""

from django.utils.translation import gettext_lazy as _

from accounts.access import is_office
from accounts.audit.subjects import audit_subject
from accounts.audit.titles import action_titles
from accounts.audit.values import unnamed
from core.ui.navigation import NavigationEntry, navigation
from delivery.guardrails.forms import PolicyForm, RetentionForm

navigation.register(NavigationEntry("email_settings", "email", _("Settings"), "email_settings", 90, is_office))
action_titles.update(
    {
        "policy_save": _("Sending limits changed"),
        "retention_save": _("Retention changed"),
    }
)
audit_subject("delivery.sendingpolicy", _("Sending limits"), name=unnamed, forms=[PolicyForm, RetentionForm])
