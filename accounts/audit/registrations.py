"""The audit trail in the navigation, under Data."""

from django.utils.translation import gettext_lazy as _

from accounts.access import is_office
from core.ui.navigation import NavigationEntry, navigation

navigation.register(NavigationEntry("audit", "data", _("Audit trail"), "audit_list", 90, is_office))
