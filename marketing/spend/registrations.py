"""What spend offers to the rest: navigation, import, API scope, currency lock, names in the audit trail."""

from django.utils.translation import gettext_lazy as _

from accounts.access import is_office
from accounts.audit.subjects import AuditField, audit_subject
from accounts.audit.titles import action_titles
from accounts.audit.values import day, in_words, money, shipped_name
from accounts.company.currency_lock import CurrencyLock, currency_locks
from accounts.tokens.scopes import Scope, scopes
from core.ui.navigation import NavigationEntry, navigation
from crm.imports.kinds import import_kinds
from marketing.spend.forms import SpendForm
from marketing.spend.models import SpendEntry
from marketing.spend.spend_import import SPEND_IMPORT


def entry_name(name: str) -> str:
    """ "Search ads, 3 Mar 2026, €120.00", of the channel, the day, the amount and its currency."""
    parts = name.rsplit(" ", 3)
    if len(parts) < 4:
        return name
    channel, on, amount, currency = parts
    paid = in_words(money, {"amount": amount, "currency": currency})
    return f"{shipped_name(channel)}, {in_words(day, on)}, {paid}"


scopes.register(Scope(code="spend:write", title=_("Record spend"), explanation=_("Spend by channel and day.")))
currency_locks.register(CurrencyLock(code="spend", exist=SpendEntry.objects.exists))
navigation.register(NavigationEntry("spend", "generate", _("Spend"), "spend_list", 30, is_office))
import_kinds.register(SPEND_IMPORT)
action_titles.update(
    {
        "spend_delete": _("Spend deleted"),
        "spend_record": _("Spend recorded"),
        "spend_update": _("Spend edited"),
    }
)
audit_subject(
    "marketing.spendentry",
    _("Spend"),
    name=entry_name,
    forms=[SpendForm],
    fields={"amount": AuditField(_("Amount"), money)},
)
