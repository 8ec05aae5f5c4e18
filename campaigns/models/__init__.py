"""E-mail: identities, sends with their ledger, tracking, and what people write."""

from campaigns.models.authoring import Campaign, EmailTemplate, Letter
from campaigns.models.identities import MailPreference, SendingIdentity, SendingPolicy
from campaigns.models.sends import Batch, Delivery, Experiment, Send, Variant
from campaigns.models.tracking import Engagement, Event, EventInbox, Link

__all__ = [
    "Batch",
    "Campaign",
    "Delivery",
    "EmailTemplate",
    "Engagement",
    "Event",
    "EventInbox",
    "Experiment",
    "Letter",
    "Link",
    "MailPreference",
    "Send",
    "SendingIdentity",
    "SendingPolicy",
    "Variant",
]
