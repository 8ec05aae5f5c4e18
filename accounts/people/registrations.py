"""The entries of Settings about people: one's own profile, the people, the teams."""

from django.utils.translation import gettext_lazy as _

from accounts.access import is_director, is_signed_in
from core.ui.navigation import NavigationEntry, navigation

navigation.register(NavigationEntry("profile", "settings", _("Profile"), "profile", 10, is_signed_in))
navigation.register(NavigationEntry("people", "settings", _("Users"), "people_list", 30, is_director))
navigation.register(NavigationEntry("teams", "settings", _("Teams"), "team_list", 40, is_director))
