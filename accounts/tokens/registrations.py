"""The entry of Settings for API tokens."""

from django.utils.translation import gettext_lazy as _

from accounts.access import is_signed_in
from core.ui.navigation import NavigationEntry, navigation

navigation.register(NavigationEntry("tokens", "settings", _("API tokens"), "token_list", 20, is_signed_in))
