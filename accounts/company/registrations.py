"""The company's settings in the navigation, and what a new installation asks of its director first; its
words in the audit trail."""

from django.utils.translation import gettext_lazy as _

from accounts.access import is_director
from accounts.audit.subjects import audit_subject
from accounts.audit.titles import action_titles
from accounts.company.alerts import company_alerts
from accounts.company.forms import CompanyForm
from core.ui.alerts import AlertSource, alert_sources
from core.ui.navigation import NavigationEntry, navigation

navigation.register(NavigationEntry("company", "settings", _("Company"), "company_settings", 50, is_director))
alert_sources.register(AlertSource("company", company_alerts))
action_titles.update({"company_change": _("Company settings changed")})
audit_subject("accounts.company", _("Company"), forms=[CompanyForm])
