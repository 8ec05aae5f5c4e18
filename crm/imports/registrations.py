"""Imports in the navigation and the audit trail."""

from django.utils.translation import gettext_lazy as _

from accounts.access import is_office
from accounts.audit.subjects import AuditField, audit_subject
from accounts.audit.titles import action_titles
from core.ui.navigation import NavigationEntry, navigation

navigation.register(NavigationEntry("imports", "data", _("Imports"), "import_list", 30, is_office))
action_titles.update(
    {
        "import_check": _("Import file checked"),
        "import_finish": _("File imported"),
        "import_start": _("Import started"),
        "import_upload": _("File uploaded"),
    }
)
audit_subject(
    "crm.importfile",
    _("Import"),
    fields={
        "rows": AuditField(_("Rows")),
        "imported": AuditField(_("Imported")),
        "updated": AuditField(_("Updated")),
    },
)
