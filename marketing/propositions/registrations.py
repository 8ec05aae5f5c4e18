"""What value propositions offer to the rest: navigation, search, uses of a segment, names in the audit trail."""

from django.utils.translation import gettext_lazy as _

from accounts.audit.subjects import audit_subject
from accounts.audit.titles import action_titles
from core.ui.navigation import NavigationEntry, navigation
from core.ui.search import SearchProvider, search_providers
from marketing.access import may_read
from marketing.propositions.forms import VerdictForm
from marketing.propositions.queries import segment_headlines, segment_propositions
from marketing.propositions.search import find_propositions
from marketing.segments.headlines import HeadlineSource, headline_sources
from marketing.segments.uses import SegmentUses, segment_uses

navigation.register(
    NavigationEntry("proposition_list", "strategy", _("Value propositions"), "proposition_list", 30, may_read)
)
search_providers.register(SearchProvider("propositions", _("Value propositions"), find_propositions, "quote", 30))
headline_sources.register(HeadlineSource("propositions", segment_headlines))
segment_uses.register(SegmentUses("propositions", _("Value propositions"), segment_propositions))
action_titles.update(
    {
        "proposition_archive": _("Value proposition archived"),
        "proposition_create": _("Value proposition created"),
        "proposition_restore": _("Value proposition restored"),
        "version_edit": _("Value proposition edited"),
        "version_judge": _("Verdict recorded"),
        "version_put_in_force": _("Value proposition activated"),
        "version_redefine": _("Value proposition redefined"),
    }
)
audit_subject("marketing.valueproposition", _("Value proposition"))
audit_subject(
    "marketing.propositionversion",
    _("Value proposition"),
    forms=[VerdictForm],
)
