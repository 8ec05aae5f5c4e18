"""What segments offer to the rest: navigation, search, a field of rules, names in the audit trail; and their clock."""

from typing import Any

from celery.schedules import crontab
from django.utils.translation import gettext_lazy as _

from accounts.audit.subjects import AuditField, audit_subject
from accounts.audit.titles import action_titles
from core.ui.navigation import NavigationEntry, navigation
from core.ui.search import SearchProvider, search_providers
from marketing.access import may_read
from marketing.segments import rule_fields
from marketing.segments.forms import SegmentForm
from marketing.segments.queries import rules_text
from marketing.segments.search import find_segments
from marketing.segments.uses import SegmentUses, including_segments, segment_uses

BEAT: dict[str, Any] = {
    "marketing-measure-segments": {"task": "marketing.measure_segments", "schedule": crontab(minute=20)},
}

rule_fields.register()
navigation.register(NavigationEntry("segment_map", "strategy", _("Map"), "segment_map", 10, may_read))
navigation.register(NavigationEntry("segment_list", "strategy", _("Segments"), "segment_list", 20, may_read))
search_providers.register(SearchProvider("segments", _("Segments"), find_segments, "users-group", 20))
segment_uses.register(SegmentUses("segments", _("Segments that include this segment"), including_segments))
action_titles.update(
    {
        "segment_archive": _("Segment archived"),
        "segment_create": _("Segment created"),
        "segment_restore": _("Segment restored"),
        "segment_update": _("Segment edited"),
    }
)
audit_subject(
    "marketing.segment",
    _("Segment"),
    forms=[SegmentForm],
    fields={"is_key": AuditField(_("Key segment")), "rules": AuditField(_("Rules"), rules_text)},
)
