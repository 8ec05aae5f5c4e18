"""What value propositions offer to the rest: navigation, search, uses of a segment, names in the audit trail."""

from django.utils.translation import gettext_lazy as _

from accounts.audit.titles import action_titles, object_titles
from core.ui.navigation import NavigationEntry, navigation
from core.ui.search import SearchProvider, search_providers
from marketing.access import may_read
from marketing.propositions.queries import segment_propositions
from marketing.propositions.search import find_propositions
from marketing.segments.uses import SegmentUses, segment_uses

navigation.register(
    NavigationEntry("proposition_list", "strategy", _("Propositions"), "proposition_list", 30, may_read)
)
search_providers.register(SearchProvider("propositions", _("Propositions"), find_propositions, "quote", 30))
segment_uses.register(SegmentUses("propositions", _("Value propositions"), segment_propositions))
action_titles.update(
    {
        "proposition_archive": _("Put a value proposition away"),
        "proposition_create": _("Made a value proposition"),
        "proposition_restore": _("Brought a value proposition back"),
        "version_edit": _("Changed a promise"),
        "version_judge": _("Judged a promise"),
        "version_put_in_force": _("Put a promise in force"),
        "version_redefine": _("Redefined a promise"),
    }
)
object_titles.update(
    {
        "marketing.propositionversion": _("Value proposition"),
        "marketing.valueproposition": _("Value proposition"),
    }
)
