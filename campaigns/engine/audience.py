"""Whom a send is meant for, before anybody is left out: the segment of a campaign, the recipients of a letter."""

from collections.abc import Callable
from dataclasses import dataclass

from django.db.models import QuerySet

from campaigns.models.sends import Send
from core.registry import Registry
from crm.contacts.models import Contact
from marketing.segments.queries import segment_audience


@dataclass(frozen=True)
class AudienceSource:
    """How one kind of send finds its audience."""

    code: str
    contacts: Callable[[Send], "QuerySet[Contact]"]


audience_sources: Registry[AudienceSource] = Registry("audience source")


def audience_of(send: Send) -> "QuerySet[Contact]":
    """The contacts a send is meant for, now."""
    return audience_sources[send.kind].contacts(send)


def campaign_segment(send: Send) -> "QuerySet[Contact]":
    """Everybody in the campaign's segment; nobody while it has none."""
    segment = send.campaign.segment
    return segment_audience(segment) if segment is not None else Contact.objects.none()


def letter_recipients(send: Send) -> "QuerySet[Contact]":
    """Those the author chose and still looks after."""
    return Contact.objects.active().visible_to(send.letter.author).filter(pk__in=send.letter.recipients)
