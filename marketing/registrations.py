"""What marketing offers the rest of the house."""

from typing import Any

from django.utils.translation import gettext_lazy as _

from accounts.amounts import AmountsKept, amounts
from accounts.scopes import Scope, scopes
from marketing import segment_fields
from marketing.models import SpendEntry

BEAT: dict[str, Any] = {}

segment_fields.register()
scopes.register(Scope(code="spend:write", title=_("Book spend"), explanation=_("Spend by channel and day.")))
amounts.register(AmountsKept(code="spend", exist=SpendEntry.objects.exists))
