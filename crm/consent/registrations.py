"""Consent and suppression in the timeline and the audit trail; the import of a suppression list."""

from django.utils.translation import gettext_lazy as _

from accounts.audit.titles import action_titles
from crm.consent.suppression_import import SUPPRESSION_IMPORT
from crm.consent.timeline import consent_events
from crm.contacts.registries import TimelineSource, timeline_sources
from crm.imports.kinds import import_kinds

import_kinds.register(SUPPRESSION_IMPORT)
timeline_sources.register(TimelineSource("consent", _("Consent"), "circle-check", consent_events))
action_titles.update(
    {
        "consent_record": _("Consent recorded"),
        "suppression_add": _("Address suppressed"),
        "suppression_lift": _("Address removed from the suppression list"),
        "suppressions_add": _("Addresses suppressed"),
    }
)
