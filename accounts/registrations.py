"""What accounts offers to the rest: the entries of Settings and the audit trail under Data."""

from django.utils.translation import gettext_lazy as _

from accounts.access import anyone, is_director, is_office
from accounts.alerts import company_alerts
from core.ui.alerts import AlertSource, alert_sources
from core.ui.navigation import Area, NavigationEntry, navigation

navigation.register(NavigationEntry("profile", Area.SETTINGS, _("Profile"), "profile", 10, anyone))
navigation.register(NavigationEntry("tokens", Area.SETTINGS, _("API tokens"), "token_list", 20, anyone))
navigation.register(NavigationEntry("people", Area.SETTINGS, _("People"), "people_list", 30, is_director))
navigation.register(NavigationEntry("teams", Area.SETTINGS, _("Teams"), "team_list", 40, is_director))
navigation.register(NavigationEntry("company", Area.SETTINGS, _("Company"), "company_settings", 50, is_director))
navigation.register(NavigationEntry("audit", Area.DATA, _("Who changed what"), "audit_list", 90, is_office))
alert_sources.register(AlertSource("company", company_alerts))
