"""Public forms in the navigation, the list of leads and the audit trail."""

from django.utils.translation import gettext_lazy as _

from accounts.access import is_office
from accounts.audit.subjects import audit_subject
from accounts.audit.titles import action_titles
from core.ui.navigation import NavigationEntry, navigation
from core.ui.tables.filters import ChoiceFilter
from crm.forms.forms import LeadFormForm
from crm.forms.models import LeadForm
from crm.leads.registries import LeadFilter, lead_filters


def _forms() -> list[tuple[str, str]]:
    return [(form.public_id, form.name) for form in LeadForm.objects.all()]


navigation.register(NavigationEntry("lead_forms", "generate", _("Forms"), "lead_form_list", 40, is_office))
lead_filters.register(
    LeadFilter("form", ChoiceFilter(code="form", label=_("Form"), field="submission__form__public_id", choices=_forms))
)
action_titles.update(
    {
        "lead_form_archive": _("Form closed"),
        "lead_form_restore": _("Form reopened"),
        "lead_form_save": _("Form saved"),
    }
)
audit_subject("crm.leadform", _("Form"), forms=[LeadFormForm])
