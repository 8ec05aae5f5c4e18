"""What campaigns offer to the rest: their sends, navigation, search, alerts, where segments are used, the evidence of
propositions, names in the audit trail."""

from collections.abc import Iterator

from django.urls import reverse
from django.utils.translation import gettext_lazy as _

from accounts.access import is_office
from accounts.audit.subjects import AuditField, audit_subject
from accounts.audit.titles import action_titles
from accounts.people.models import User
from campaigns.campaigns.alerts import send_alerts
from campaigns.campaigns.author import campaign_author
from campaigns.campaigns.forms import PlanForm, SetupForm
from campaigns.campaigns.models import Campaign
from campaigns.experiments.experiment_analysis import Status
from campaigns.experiments.experiment_queries import experiment_reading
from core.ui.alerts import AlertSource, alert_sources
from core.ui.navigation import NavigationEntry, navigation
from core.ui.search import SearchProvider, SearchResult, search_providers
from delivery.sends.authors import send_authors
from delivery.sends.states import ENDED
from marketing.propositions.evidence import Evidence, EvidenceSource, evidence_sources
from marketing.propositions.models import PropositionVersion
from marketing.segments.models import Segment
from marketing.segments.uses import SegmentUses, Use, segment_uses


def find_campaigns(user: User, text: str, limit: int) -> Iterator[SearchResult]:
    for campaign in Campaign.objects.visible_to(user).filter(name__icontains=text).select_related("send")[:limit]:
        url = reverse("campaign_detail", kwargs={"public_id": campaign.public_id})
        yield SearchResult(campaign.name, url, str(campaign.send.get_state_display()), "mail")


def campaigns_of_segment(segment: Segment) -> list[Use]:
    """Campaigns that go or went to a segment; those not yet over hold it."""
    return [
        Use(
            title=campaign.name,
            url=reverse("campaign_detail", kwargs={"public_id": campaign.public_id}),
            note=str(campaign.send.get_state_display()),
            is_binding=campaign.send.state not in ENDED and campaign.archived_at is None,
        )
        for campaign in Campaign.objects.filter(segment=segment).select_related("send")
    ]


def evidence_of_version(version: PropositionVersion) -> list[Evidence]:
    """What each campaign that carried this version found, in one sentence, newest first."""
    found = []
    rows = Campaign.objects.filter(proposition_version=version).exclude(send__launched_at=None)
    for campaign in rows.select_related("send__experiment__winner"):
        experiment = campaign.send.experiment
        reading = experiment_reading(campaign.send, experiment)
        url = reverse("campaign_optimise", kwargs={"public_id": campaign.public_id})
        tone = "good" if reading.status is Status.WINNER else ""
        found.append(Evidence(campaign.name, f"{reading.sentence} {experiment.learning}".strip(), url, tone))
    return found


send_authors.register(campaign_author)
navigation.register(NavigationEntry("email_overview", "email", _("Overview"), "email_overview", 10, is_office))
navigation.register(NavigationEntry("campaigns", "email", _("Campaigns"), "campaign_list", 20, is_office))
search_providers.register(SearchProvider("campaigns", _("Campaigns"), find_campaigns, "mail", 30))
alert_sources.register(AlertSource("sends", send_alerts))
segment_uses.register(SegmentUses("campaigns", _("Campaigns"), campaigns_of_segment))
evidence_sources.register(EvidenceSource("campaigns", _("Campaigns"), evidence_of_version))
action_titles.update(
    {
        "campaign_archive": _("Campaign archived"),
        "campaign_create": _("Campaign created"),
        "campaign_deliver_as": _("Campaign sender changed"),
        "campaign_duplicate": _("Campaign duplicated"),
        "campaign_plan": _("Campaign plan changed"),
        "campaign_restore": _("Campaign restored"),
    }
)
audit_subject(
    "campaigns.campaign",
    _("Campaign"),
    forms=[PlanForm, SetupForm],
    also=["delivery.send"],
    fields={"from": AuditField(_("Copied from")), "utm": AuditField(_("UTM parameters"))},
)
