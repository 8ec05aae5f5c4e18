"""E-mail: identities, sends with their ledger, tracking, and what people write."""

from campaigns.models.authoring import Campaign, EmailTemplate, Letter
from campaigns.models.identities import SendingIdentity, SendingPolicy
from campaigns.models.sends import Delivery, Experiment, Send, Variant
from campaigns.models.tracking import Engagement, Event, Link

__all__ = [
    "Campaign",
    "Delivery",
    "EmailTemplate",
    "Engagement",
    "Event",
    "Experiment",
    "Letter",
    "Link",
    "Send",
    "SendingIdentity",
    "SendingPolicy",
    "Variant",
]
