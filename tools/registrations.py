"""What the composition root offers to the rest: the mail catcher, where there is one."""

from django.conf import settings
from django.utils.translation import gettext_lazy as _

from accounts.access import is_director
from accounts.audit.subjects import AuditField, audit_subject
from accounts.audit.titles import action_titles
from accounts.audit.values import moment
from core.ui.navigation import NavigationEntry, navigation

action_titles.update({"backup_make": _("Backup made"), "backup_restore": _("Backup restored")})
audit_subject(
    "accounts.company",
    fields={"backup_file": AuditField(_("File")), "backup_taken_at": AuditField(_("Backup taken on"), moment)},
)
if settings.MAIL_CATCHER:
    navigation.register(NavigationEntry("mail", "data", _("Captured e-mail"), "caught_mail_list", 95, is_director))
