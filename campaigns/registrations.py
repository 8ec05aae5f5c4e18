"""What campaigns offers the rest of the house."""

from typing import Any

from campaigns import registrations_authoring  # noqa: F401
from campaigns.engine.audience import AudienceSource, audience_sources, campaign_segment, letter_recipients
from campaigns.models import Send

audience_sources.register(AudienceSource(Send.Kind.CAMPAIGN, campaign_segment))
audience_sources.register(AudienceSource(Send.Kind.LETTER, letter_recipients))

BEAT: dict[str, Any] = {
    "campaigns-tick": {"task": "campaigns.tick", "schedule": 3.0},
    "campaigns-collect-events": {"task": "campaigns.collect_events", "schedule": 2.0},
    "campaigns-event-partitions": {"task": "campaigns.event_partitions", "schedule": 43200.0},
}
