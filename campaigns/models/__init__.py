"""E-mail: identities, sends with their ledger, tracking, and what people write."""

from campaigns.models.authoring import Campaign, EmailTemplate, Letter
from campaigns.models.bounces import Bounce, BounceMailbox, FeedbackAlarm, FeedbackRule, LeavingMail, ProviderHook
from campaigns.models.domains import DkimKey, SendingDomain
from campaigns.models.identities import MailPreference, SendingIdentity, SendingPolicy
from campaigns.models.providers import Provider, ProviderUse
from campaigns.models.sends import Batch, Delivery, Experiment, Send, Variant
from campaigns.models.tracking import Engagement, Event, EventInbox, Link, LinkTally, Reactions
from campaigns.models.trials import Trial
from campaigns.models.warmup import WarmUp, WarmUpDay

__all__ = [
    "Batch",
    "Bounce",
    "BounceMailbox",
    "Campaign",
    "Delivery",
    "DkimKey",
    "EmailTemplate",
    "Engagement",
    "Event",
    "EventInbox",
    "Experiment",
    "FeedbackAlarm",
    "FeedbackRule",
    "LeavingMail",
    "Letter",
    "Link",
    "LinkTally",
    "MailPreference",
    "Provider",
    "ProviderHook",
    "ProviderUse",
    "Reactions",
    "Send",
    "SendingDomain",
    "SendingIdentity",
    "SendingPolicy",
    "Trial",
    "Variant",
    "WarmUp",
    "WarmUpDay",
]
