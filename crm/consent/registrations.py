"""Consent and suppression in the timeline and the audit trail; the import of a suppression list."""

from django.utils.translation import gettext_lazy as _

from accounts.audit.subjects import AuditField, audit_subject
from accounts.audit.titles import action_titles
from accounts.audit.values import one_of, shipped_name
from crm.consent.models import Consent, Suppression
from crm.consent.suppression_import import SUPPRESSION_IMPORT
from crm.consent.timeline import consent_events
from crm.contacts.registries import TimelineSource, timeline_sources
from crm.imports.kinds import import_kinds


def suppression_name(name: str) -> str:
    """A suppressed address outlives its contact: its reason, and the beginning of its hash."""
    reason, _space, digest = name.partition(" ")
    return f"{reasons(reason)} {digest}".strip()


reasons = one_of(Suppression.Reason.choices)
suppression_fields = {"suppression": AuditField(_("Suppression"), reasons), "why": AuditField(_("Reason"))}
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
audit_subject("crm.suppression", _("Suppressed address"), name=suppression_name, fields=suppression_fields)
audit_subject(
    "crm.contact",
    fields={
        **suppression_fields,
        "consent_channel": AuditField(_("Channel"), one_of(Consent.Channel.choices)),
        "consent_topic": AuditField(_("Consent topic"), shipped_name),
        "consent": AuditField(_("Consent"), one_of([(True, _("given")), (False, _("withdrawn"))])),
    },
)
audit_subject("crm.consenttopic", _("Consent topic"), name=shipped_name)
audit_subject("accounts.user", fields={"addresses": AuditField(_("Addresses"))})
