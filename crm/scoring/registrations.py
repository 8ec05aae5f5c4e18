"""The RFM map in the navigation and the audit trail, the scores on the page of a contact, and the nightly scoring."""

from typing import Any

from django.utils.translation import gettext_lazy as _

from accounts.access import is_office, is_signed_in
from accounts.audit.titles import action_titles
from core.ui.navigation import NavigationEntry, navigation
from crm.contacts.registries import ContactPanel, contact_panels
from crm.scoring.queries import rfm_panel

BEAT: dict[str, dict[str, Any]] = {
    "crm-score-rfm-nightly": {"task": "crm.score_rfm_nightly", "schedule": 1800.0},
}

navigation.register(NavigationEntry("rfm", "relationship", _("RFM map"), "rfm_map", 10, is_office))
contact_panels.register(ContactPanel("rfm", 10, "crm/scoring/_rfm_panel.html", rfm_panel, is_signed_in))
action_titles.update(
    {
        "rfm_segments_save": _("RFM segment edited"),
        "rfm_start": _("Scoring started"),
    }
)
