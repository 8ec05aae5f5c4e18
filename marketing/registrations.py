"""What marketing offers the rest of the house."""

from typing import Any

from celery.schedules import crontab
from django.utils.translation import gettext_lazy as _

from accounts.access import is_office
from accounts.actions import things, titles
from accounts.amounts import AmountsKept, amounts
from accounts.scopes import Scope, scopes
from core.ui.navigation import Area, NavigationEntry, navigation
from core.ui.search import SearchProvider, search_providers
from crm.imports.kinds import import_kinds
from marketing import access, finding, segment_fields
from marketing.import_kind import SPEND
from marketing.models import SpendEntry
from marketing.registries import SegmentUses, segment_uses

BEAT: dict[str, Any] = {
    "marketing-measure-segments": {"task": "marketing.measure_segments", "schedule": crontab(minute=20)},
}

segment_fields.register()
scopes.register(Scope(code="spend:write", title=_("Book spend"), explanation=_("Spend by channel and day.")))
amounts.register(AmountsKept(code="spend", exist=SpendEntry.objects.exists))
navigation.register(NavigationEntry("spend", Area.GENERATE, _("Spend"), "spend_list", 30, is_office))

for code, title, order in (
    ("segment_map", _("Map"), 10),
    ("segment_list", _("Segments"), 20),
    ("proposition_list", _("Propositions"), 30),
):
    navigation.register(NavigationEntry(code, Area.STRATEGY, title, code, order, access.may_read))
search_providers.register(SearchProvider("segments", _("Segments"), finding.find_segments, "users-group", 20))
search_providers.register(SearchProvider("propositions", _("Propositions"), finding.find_propositions, "quote", 30))
segment_uses.register(SegmentUses("segments", _("Segments that include it"), finding.including_segments))
segment_uses.register(SegmentUses("propositions", _("Value propositions"), finding.propositions_of))
import_kinds.register(SPEND)

titles.update(
    {
        "proposition_archive": _("Put a value proposition away"),
        "proposition_create": _("Made a value proposition"),
        "proposition_restore": _("Brought a value proposition back"),
        "segment_archive": _("Put a segment away"),
        "segment_create": _("Made a segment"),
        "segment_restore": _("Brought a segment back"),
        "segment_update": _("Changed a segment"),
        "spend_delete": _("Removed spend"),
        "spend_record": _("Booked spend"),
        "spend_update": _("Changed spend"),
        "target_remove": _("Took a target away"),
        "target_set": _("Set a target"),
        "version_edit": _("Changed a promise"),
        "version_judge": _("Judged a promise"),
        "version_put_in_force": _("Put a promise in force"),
        "version_redefine": _("Redefined a promise"),
    }
)
things.update(
    {
        "marketing.kpitarget": _("Target"),
        "marketing.propositionversion": _("Value proposition"),
        "marketing.segment": _("Segment"),
        "marketing.spendentry": _("Spend"),
        "marketing.valueproposition": _("Value proposition"),
    }
)
