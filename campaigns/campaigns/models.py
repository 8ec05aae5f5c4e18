"""Campaigns: what goes to a segment, in eight steps."""

from typing import TYPE_CHECKING, ClassVar, Self

from django.db import models
from django.utils.translation import gettext_lazy as _

from core.ids import public_id
from crm.channels.models import Channel
from delivery.sends.models import Send
from marketing.propositions.models import PropositionVersion
from marketing.segments.models import Segment

if TYPE_CHECKING:
    from accounts.people.models import User
from delivery.sends.models import sent_total


class CampaignQuerySet(models.QuerySet["Campaign"]):
    def visible_to(self, user: "User") -> Self:
        """Campaigns belong to the office."""
        return self.none() if user.is_salesperson else self

    def active(self) -> Self:
        return self.filter(archived_at=None)

    def with_figures(self) -> Self:
        """Each with `sent`, and its send with the `reactions` to it: all from sums that are kept."""
        return self.select_related("send__reactions", "send__experiment", "segment").annotate(sent=sent_total())


class Campaign(models.Model):
    """An e-mail campaign to a segment, carrying one version of a value proposition, in eight steps:
    plan, create, content, offer, test, send, monitor, optimise."""

    public_id = models.CharField(max_length=14, unique=True, default=public_id, editable=False)
    name = models.CharField(_("name"), max_length=120)
    objective = models.CharField(_("objective"), max_length=300, blank=True)
    segment = models.ForeignKey(
        Segment, models.PROTECT, null=True, blank=True, related_name="campaigns", verbose_name=_("segment")
    )
    proposition_version = models.ForeignKey(
        PropositionVersion, models.PROTECT, null=True, blank=True, related_name="campaigns",
        verbose_name=_("value proposition"),
    )  # fmt: skip
    channel = models.ForeignKey(Channel, models.PROTECT, null=True, blank=True, related_name="campaigns")
    send = models.OneToOneField(Send, models.PROTECT, related_name="campaign")
    archived_at = models.DateTimeField(null=True, blank=True)
    created_at = models.DateTimeField(auto_now_add=True)
    updated_at = models.DateTimeField(auto_now=True)

    objects = CampaignQuerySet.as_manager()

    class Meta:
        ordering: ClassVar = ["-pk"]

    def __str__(self) -> str:
        return self.name
