"""What the customer base offers the rest of the house."""

from typing import Any

from django.utils.translation import gettext_lazy as _

from accounts.scopes import Scope, scopes
from crm import my_registrations, segment_fields  # noqa: F401
from crm.imports.kinds import import_kinds
from crm.imports.order_kind import ORDERS

import_kinds.register(ORDERS)
segment_fields.register()

scopes.register(
    Scope(code="leads:write", title=_("Record leads"), explanation=_("Leads with their contact; never reads any."))
)
scopes.register(
    Scope(code="nps:write", title=_("Record NPS answers"), explanation=_("Answers from your own survey tool."))
)

BEAT: dict[str, Any] = {
    "crm-recover-imports": {"task": "crm.recover_imports", "schedule": 60.0},
    "crm-score-rfm-nightly": {"task": "crm.score_rfm_nightly", "schedule": 1800.0},
}
