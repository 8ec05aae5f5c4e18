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
        "consent_record": _("Wrote down consent"),
        "suppression_add": _("Stopped e-mail to an address"),
        "suppression_lift": _("Allowed e-mail to an address again"),
        "suppressions_add": _("Stopped e-mail to addresses"),
    }
)
