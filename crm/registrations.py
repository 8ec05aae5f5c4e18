"""What the customer base offers the rest of the house."""

from typing import Any

from django.utils.translation import gettext_lazy as _

from accounts.access import is_office, is_salesperson
from accounts.scopes import Scope, scopes
from core.ui.navigation import Area, NavigationEntry, navigation
from crm import my_registrations, segment_fields  # noqa: F401
from crm.imports.kinds import import_kinds
from crm.imports.lead_kind import LEADS
from crm.imports.order_kind import ORDERS
from crm.imports.suppression_kind import SUPPRESSIONS

import_kinds.register(ORDERS)
import_kinds.register(LEADS)
import_kinds.register(SUPPRESSIONS)
segment_fields.register()

scopes.register(
    Scope(code="leads:write", title=_("Record leads"), explanation=_("Leads with their contact; never reads any."))
)
scopes.register(
    Scope(code="nps:write", title=_("Record NPS answers"), explanation=_("Answers from your own survey tool."))
)
navigation.register(NavigationEntry("leads", Area.GENERATE, _("Leads"), "lead_list", 20, is_office))
navigation.register(NavigationEntry("lead_forms", Area.GENERATE, _("Forms"), "lead_form_list", 40, is_office))
navigation.register(NavigationEntry("my_leads", Area.MY_CUSTOMERS, _("My leads"), "lead_list", 30, is_salesperson))

BEAT: dict[str, Any] = {
    "crm-recover-jobs": {"task": "crm.recover_jobs", "schedule": 60.0},
    "crm-score-rfm-nightly": {"task": "crm.score_rfm_nightly", "schedule": 1800.0},
}
