"""What sends offer to the rest: the timeline, a field of rules, names in the audit trail; and their clock."""

from typing import Any

from django.utils.translation import gettext_lazy as _

from accounts.audit.subjects import AuditField, audit_subject
from accounts.audit.titles import action_titles
from core.metrics import MetricSource, metric_sources
from core.restored import RestoreHold, restore_holds
from core.rules.fields import fields
from crm.contacts.registries import TimelineSource, timeline_sources
from delivery.sends.metrics import send_metrics
from delivery.sends.restored import sends_hold
from delivery.sends.segment_fields import received_field
from delivery.sends.states import TRANSITIONS
from delivery.sends.timeline import mail_events

BEAT: dict[str, Any] = {
    "delivery-purge": {"task": "delivery.purge", "schedule": 21600.0},
}

action_titles.update(
    {
        **{one.action: one.title for one in TRANSITIONS},
        "send_resend_unknown": _("Messages with unknown results resent"),
        "send_restored_decide": _("Restored send decided"),
        "send_retry_failed": _("Failed messages retried"),
        "send_warn": _("Send started with a warning"),
        "test_send": _("Test message sent"),
    }
)
audit_subject(
    "delivery.send",
    _("Campaign or letter"),
    fields={
        "backup_taken_at": AuditField(_("Backup taken on")),
        "failed": AuditField(_("Failed")),
        "state": AuditField(_("State")),
        "state_reason": AuditField(_("Reason")),
        "unknown": AuditField(_("Unknown")),
        "warning": AuditField(_("Warning")),
    },
)
audit_subject("delivery.variant", _("Variant"), fields={"to": AuditField(_("Recipients"))})
metric_sources.register(MetricSource("sends", send_metrics))
restore_holds.register(RestoreHold("sends", sends_hold))


def register() -> None:
    """Called by `delivery.registrations`, in the order in which they are listed."""
    timeline_sources.register(TimelineSource("mail", _("E-mail"), "mail", mail_events))
    fields.register(received_field())
