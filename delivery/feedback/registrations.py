"""What feedback offers to the rest: navigation, the timeline, alerts, fields of rules, sources of suppressions, a scope
of the API, names in the audit trail; and its clock."""

from typing import Any

from django.utils.translation import gettext_lazy as _

from accounts.access import is_office
from accounts.audit.subjects import AuditField, audit_subject
from accounts.audit.titles import action_titles
from accounts.audit.values import unnamed
from accounts.tokens.scopes import Scope, scopes
from core.rules.fields import fields
from core.ui.alerts import AlertSource, alert_sources
from core.ui.navigation import NavigationEntry, navigation
from crm.contacts.registries import TimelineSource, timeline_sources
from delivery.feedback import suppression_sources
from delivery.feedback.alerts import mailbox_alerts
from delivery.feedback.forms import FeedbackRuleForm, MailboxForm, WebhookForm
from delivery.feedback.segment_fields import bounced_field, complained_field, suppressed_field
from delivery.feedback.timeline import bounce_events

BEAT: dict[str, Any] = {
    "delivery-poll-mailboxes": {"task": "delivery.poll_mailboxes", "schedule": 60.0},
    "delivery-sweep-soft-bounces": {"task": "delivery.sweep_soft_bounces", "schedule": 300.0},
}

suppression_sources.register()
navigation.register(NavigationEntry("bounces", "email", _("Bounces"), "bounce_list", 60, is_office))
alert_sources.register(AlertSource("mailboxes", mailbox_alerts))
scopes.register(
    Scope(
        code="suppressions:write",
        title=_("Suppress addresses"),
        explanation=_("Add addresses to the suppression list. Cannot remove addresses."),
    )
)
action_titles.update(
    {
        "feedback_rule_save": _("Bounce and complaint rules changed"),
        "hook_archive": _("Webhook archived"),
        "hook_restore": _("Webhook restored"),
        "hook_save": _("Webhook changed"),
        "mailbox_archive": _("Bounce mailbox archived"),
        "mailbox_restore": _("Bounce mailbox restored"),
        "mailbox_save": _("Bounce mailbox changed"),
    }
)
audit_subject("delivery.bouncemailbox", _("Bounce mailbox"), forms=[MailboxForm], fields={"port": AuditField(show=str)})
audit_subject("delivery.feedbackrule", _("Bounce and complaint rules"), name=unnamed, forms=[FeedbackRuleForm])
audit_subject("delivery.providerwebhook", _("Provider webhook"), forms=[WebhookForm])


def register() -> None:
    """Called by `delivery.registrations`, in the order in which they are listed."""
    timeline_sources.register(TimelineSource("bounces", _("Bounces"), "mail-off", bounce_events))
    for field in (bounced_field(), complained_field(), suppressed_field()):
        fields.register(field)
