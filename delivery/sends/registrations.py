"""What sends offer to the rest: the timeline, a field of rules, names in the audit trail; and their clock."""

from typing import Any

from django.utils.translation import gettext_lazy as _

from accounts.audit.titles import action_titles, object_titles
from core.metrics import MetricSource, metric_sources
from core.rules.fields import fields
from crm.contacts.registries import TimelineSource, timeline_sources
from delivery.sends.metrics import send_metrics
from delivery.sends.segment_fields import received_field
from delivery.sends.states import TRANSITIONS
from delivery.sends.timeline import mail_events

BEAT: dict[str, Any] = {
    "delivery-purge": {"task": "delivery.purge", "schedule": 21600.0},
}

action_titles.update(
    {
        **{one.action: one.title for one in TRANSITIONS},
        "send_warn": _("Started a mailing with a warning"),
        "test_send": _("Sent a test message"),
    }
)
object_titles.update(
    {
        "delivery.send": _("Mailing"),
        "delivery.variant": _("Variant"),
    }
)
metric_sources.register(MetricSource("sends", send_metrics))


def register() -> None:
    """Called by `delivery.registrations`, in the order in which they are listed."""
    timeline_sources.register(TimelineSource("mail", _("E-mail"), "mail", mail_events))
    fields.register(received_field())
