"""The models of delivery, where Django looks for them. Everybody else imports a model from its feature."""

from delivery.domains.models import DkimKey, SendingDomain, WarmUp, WarmUpDay
from delivery.feedback.models import Bounce, BounceMailbox, FeedbackAlarm, FeedbackRule, ProviderWebhook
from delivery.guardrails.models import SendingPolicy
from delivery.preferences.models import MailPreference, UnsubscribeMail
from delivery.senders.models import SendingIdentity
from delivery.sends.models import Batch, Delivery, Link, Send, TestMessage, Variant
from delivery.tracking.models import Engagement, Event, EventInbox, LinkTally, Reactions
from delivery.transports.models import Provider, ProviderUse

__all__ = [
    "Batch",
    "Bounce",
    "BounceMailbox",
    "Delivery",
    "DkimKey",
    "Engagement",
    "Event",
    "EventInbox",
    "FeedbackAlarm",
    "FeedbackRule",
    "Link",
    "LinkTally",
    "MailPreference",
    "Provider",
    "ProviderUse",
    "ProviderWebhook",
    "Reactions",
    "Send",
    "SendingDomain",
    "SendingIdentity",
    "SendingPolicy",
    "TestMessage",
    "UnsubscribeMail",
    "Variant",
    "WarmUp",
    "WarmUpDay",
]
