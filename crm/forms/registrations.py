"""Public forms in the navigation and the audit trail."""

from django.utils.translation import gettext_lazy as _

from accounts.access import is_office
from accounts.audit.subjects import audit_subject
from accounts.audit.titles import action_titles
from core.ui.navigation import NavigationEntry, navigation
from crm.forms.forms import LeadFormForm

navigation.register(NavigationEntry("lead_forms", "generate", _("Forms"), "lead_form_list", 40, is_office))
action_titles.update(
    {
        "lead_form_archive": _("Form closed"),
        "lead_form_restore": _("Form reopened"),
        "lead_form_save": _("Form saved"),
    }
)
audit_subject("crm.leadform", _("Form"), forms=[LeadFormForm])
