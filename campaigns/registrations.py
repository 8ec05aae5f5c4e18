"""What campaigns offers the rest of the house."""

from typing import Any

from django.urls import reverse
from django.utils.translation import gettext_lazy as _

from accounts.audit.titles import action_titles, object_titles
from campaigns import origins, registrations_authoring, segment_fields  # noqa: F401
from campaigns.alerts import domain_alerts, feedback_alerts, letter_alerts, send_alerts
from campaigns.engine.audience import AudienceSource, audience_sources, campaign_segment, letter_recipients
from campaigns.models.sends import Send
from campaigns.timeline import bounce_events, mail_events
from core.ui.alerts import AlertSource, alert_sources
from core.ui.job_kinds import JobKind, job_kinds
from crm.contacts.registries import TimelineSource, timeline_sources

audience_sources.register(AudienceSource(Send.Kind.CAMPAIGN, campaign_segment))
audience_sources.register(AudienceSource(Send.Kind.LETTER, letter_recipients))
segment_fields.register()
origins.register()
timeline_sources.register(TimelineSource("mail", _("E-mail"), "mail", mail_events))
timeline_sources.register(TimelineSource("bounces", _("Bounces"), "mail-off", bounce_events))
alert_sources.register(AlertSource("sends", send_alerts))
alert_sources.register(AlertSource("letters", letter_alerts))
alert_sources.register(AlertSource("feedback", feedback_alerts))
alert_sources.register(AlertSource("sending_domains", domain_alerts))
job_kinds.register(
    JobKind(
        "domain_check",
        _("Checking a sending domain"),
        done_url=lambda job: reverse("domain_detail", kwargs={"pk": job.parameters["domain_id"]}),
        done_label=_("Look at the findings"),
        back_url=lambda job: reverse("domain_detail", kwargs={"pk": job.parameters["domain_id"]}),
    )
)

BEAT: dict[str, Any] = {
    "campaigns-tick": {"task": "campaigns.tick", "schedule": 3.0},
    "campaigns-collect-events": {"task": "campaigns.collect_events", "schedule": 2.0},
    "campaigns-recheck-domains": {"task": "campaigns.recheck_domains", "schedule": 3600.0},
    "campaigns-let-go": {"task": "campaigns.let_go", "schedule": 21600.0},
    "campaigns-event-partitions": {"task": "campaigns.event_partitions", "schedule": 43200.0},
    "campaigns-poll-mailboxes": {"task": "campaigns.poll_mailboxes", "schedule": 60.0},
    "campaigns-sweep-soft-bounces": {"task": "campaigns.sweep_soft_bounces", "schedule": 300.0},
}

action_titles.update(
    {
        "campaign_archive": _("Put a campaign away"),
        "campaign_create": _("Began a campaign"),
        "campaign_deliver_as": _("Chose a campaign's sender"),
        "campaign_duplicate": _("Duplicated a campaign"),
        "campaign_plan": _("Changed a campaign's plan"),
        "campaign_restore": _("Brought a campaign back"),
        "dkim_key_activate": _("Let a key sign"),
        "dkim_key_make": _("Made a signing key"),
        "dkim_key_retire": _("Retired a signing key"),
        "experiment_conclude": _("Concluded a test"),
        "experiment_plan": _("Planned a test"),
        "feedback_rule_save": _("Changed what bounces and complaints lead to"),
        "hook_archive": _("Put a provider's address away"),
        "hook_restore": _("Brought a provider's address back"),
        "hook_save": _("Changed a provider's address"),
        "mailbox_archive": _("Put a bounce mailbox away"),
        "mailbox_restore": _("Brought a bounce mailbox back"),
        "mailbox_save": _("Changed a bounce mailbox"),
        "identity_archive": _("Put a sender away"),
        "identity_save": _("Changed a sender"),
        "learning_rewrite": _("Reworded what a test taught"),
        "letter_create": _("Began a letter"),
        "letter_discard": _("Discarded a letter"),
        "identity_providers_set": _("Changed a sender's providers"),
        "policy_save": _("Changed the sending limits"),
        "retention_save": _("Changed how long reactions are kept"),
        "provider_archive": _("Put a provider away"),
        "provider_pause": _("Paused a provider"),
        "provider_resume": _("Went on with a provider"),
        "provider_test_send": _("Sent a message to try a provider"),
        "provider_restore": _("Brought a provider back"),
        "provider_save": _("Changed a provider"),
        "send_launch": _("Launched a mailing"),
        "send_refuse": _("Kept a mailing from starting"),
        "send_warn": _("Started a mailing with a warning"),
        "send_unschedule": _("Took a mailing off the calendar"),
        "template_archive": _("Put a template away"),
        "template_save": _("Changed a template"),
        "sending_domain_update": _("Changed a sending domain"),
        "warmup_save": _("Changed a domain's warm-up"),
        "test_send": _("Sent a test message"),
        "variant_add": _("Added a variant"),
        "variant_offer": _("Changed a variant's offer"),
        "variant_write": _("Wrote a variant"),
        "variant_copy": _("Copied a variant"),
        "variant_remove": _("Removed a variant"),
        "variant_start_from": _("Began a text from a template"),
    }
)
object_titles.update(
    {
        "campaigns.bouncemailbox": _("Bounce mailbox"),
        "campaigns.campaign": _("Campaign"),
        "campaigns.feedbackrule": _("Rule for bounces and complaints"),
        "campaigns.providerhook": _("Provider's address"),
        "campaigns.dkimkey": _("Signing key"),
        "campaigns.emailtemplate": _("Template"),
        "campaigns.experiment": _("Test"),
        "campaigns.letter": _("Letter"),
        "campaigns.provider": _("Provider"),
        "campaigns.send": _("Mailing"),
        "campaigns.sendingdomain": _("Sending domain"),
        "campaigns.sendingidentity": _("Sender"),
        "campaigns.sendingpolicy": _("Sending limits"),
        "campaigns.warmup": _("Warm-up"),
        "campaigns.variant": _("Variant"),
    }
)
