"""What campaigns offers the rest of the house."""

from typing import Any

from django.utils.translation import gettext_lazy as _

from campaigns import registrations_authoring, segment_fields  # noqa: F401
from campaigns.alerts import send_alerts
from campaigns.engine.audience import AudienceSource, audience_sources, campaign_segment, letter_recipients
from campaigns.models import Send
from campaigns.timeline import mail_events
from core.ui.alerts import AlertSource, alert_sources
from crm.registries import TimelineSource, timeline_sources

audience_sources.register(AudienceSource(Send.Kind.CAMPAIGN, campaign_segment))
audience_sources.register(AudienceSource(Send.Kind.LETTER, letter_recipients))
segment_fields.register()
timeline_sources.register(TimelineSource("mail", _("E-mail"), "mail", mail_events))
alert_sources.register(AlertSource("sends", send_alerts))

BEAT: dict[str, Any] = {
    "campaigns-tick": {"task": "campaigns.tick", "schedule": 3.0},
    "campaigns-collect-events": {"task": "campaigns.collect_events", "schedule": 2.0},
    "campaigns-event-partitions": {"task": "campaigns.event_partitions", "schedule": 43200.0},
}
