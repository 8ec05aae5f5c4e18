"""Launching a campaign, and what of its plan keeps it from leaving."""

from collections.abc import Iterator
from datetime import datetime

from django.utils.translation import gettext as _

from accounts.people.models import User
from campaigns.campaigns.models import Campaign
from core.errors import DomainError
from delivery.sends.authors import Problem
from delivery.sends.launch import send_launch
from marketing.propositions.models import PropositionVersion


def plan_problems(campaign: Campaign) -> Iterator[Problem]:
    """Its segment, and the proposition it carries."""
    if campaign.segment is None:
        yield Problem("segment_missing", _("Choose a segment for the campaign."), "plan")
    elif campaign.segment.archived_at:
        yield Problem("segment_archived", _("Its segment was archived. Choose another."), "plan")
    version = campaign.proposition_version
    if version is not None and version.state != PropositionVersion.State.IN_FORCE:
        yield Problem(
            "proposition_not_in_force",
            _("“%(version)s” is not the current version. Choose the current version, or none.") % {"version": version},
            "plan",
        )


def campaign_launch(
    *, campaign: Campaign, actor: User, at: datetime | None = None, zone: str = "", expected: int | None = None
) -> Campaign:
    """Launch a campaign; see `send_launch`. An archived campaign is refused: DomainError `campaign_archived`."""
    if campaign.archived_at:
        raise DomainError(_("This campaign is archived. Restore it first."), code="campaign_archived")
    campaign.send = send_launch(send=campaign.send, actor=actor, at=at, zone=zone, expected=expected)
    return campaign
