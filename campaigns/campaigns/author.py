"""Campaigns as an author of sends: their audience, what keeps them from leaving, their name and their pages."""

from collections.abc import Iterator

from django.db.models import Exists, QuerySet
from django.urls import reverse

from accounts.people.models import User
from campaigns.campaigns.launch import plan_problems
from campaigns.campaigns.models import Campaign
from campaigns.experiments.sends import differences_record, experiment_problems, order_days
from crm.contacts.models import Contact
from delivery.sends.authors import Problem, SendAuthor
from delivery.sends.models import Send, Variant
from marketing.segments.queries import segment_audience


def campaign_segment(send: Send) -> "QuerySet[Contact]":
    """Everybody in the campaign's segment; nobody while it has none."""
    segment = send.campaign.segment
    return segment_audience(segment) if segment is not None else Contact.objects.none()


def launch_checks(send: Send, variants: list[Variant]) -> Iterator[Problem]:
    yield from plan_problems(send.campaign)
    yield from experiment_problems(send, variants)


def campaign_name(send: Send) -> str:
    campaign: Campaign | None = getattr(send, "campaign", None)
    return campaign.name if campaign is not None else ""


def campaign_url(send: Send, user: User) -> str:
    """The campaign for the office; salespeople have no page of it."""
    campaign: Campaign | None = getattr(send, "campaign", None)
    if campaign is None or user.is_salesperson:
        return ""
    return reverse("campaign_detail", kwargs={"public_id": campaign.public_id})


def campaign_results_url(send: Send) -> str:
    campaign: Campaign | None = getattr(send, "campaign", None)
    return reverse("campaign_monitor", kwargs={"public_id": campaign.public_id}) if campaign is not None else ""


def campaign_choices(where: Exists) -> list[tuple[str, str]]:
    """The newest campaigns for which `where` holds."""
    return [(campaign.public_id, campaign.name) for campaign in Campaign.objects.filter(where).order_by("-pk")[:200]]


campaign_author = SendAuthor(
    kind=Send.Kind.CAMPAIGN.value,
    audience=campaign_segment,
    steps=("plan", "create", "content", "offer", "test"),
    launch_checks=launch_checks,
    title=campaign_name,
    url=campaign_url,
    results_url=campaign_results_url,
    related=("campaign",),
    name=campaign_name,
    before_launch=differences_record,
    order_days=order_days,
    choices=campaign_choices,
)
