"""What the composition root offers to the rest: the mail catcher, where there is one."""

from django.conf import settings
from django.utils.translation import gettext_lazy as _

from accounts.access import is_director
from core.ui.navigation import NavigationEntry, navigation

if settings.MAIL_CATCHER:
    navigation.register(NavigationEntry("mail", "data", _("Captured e-mail"), "caught_mail_list", 95, is_director))
