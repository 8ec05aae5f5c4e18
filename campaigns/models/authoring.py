"""What people write: campaigns by the office, letters by salespeople, templates both start from."""

from typing import TYPE_CHECKING, ClassVar, Self

from django.conf import settings
from django.db import models
from django.utils.translation import gettext_lazy as _

from campaigns.models.sends import Batch, Send, Variant
from core.ids import public_id
from crm.brands.models import Brand
from crm.channels.models import Channel
from marketing.propositions.models import PropositionVersion
from marketing.segments.models import Segment

if TYPE_CHECKING:
    from accounts.people.models import User


class EmailTemplate(models.Model):
    """A starting point for campaigns (MJML) or letters (Markdown)."""

    class Use(models.TextChoices):
        CAMPAIGN = "campaign", _("Campaigns")
        LETTER = "letter", _("Letters")

    public_id = models.CharField(max_length=14, unique=True, default=public_id, editable=False)
    brand = models.ForeignKey(Brand, models.PROTECT, related_name="templates", verbose_name=_("brand"))
    use = models.CharField(max_length=8, choices=Use.choices, default=Use.CAMPAIGN)
    name = models.CharField(_("name"), max_length=80)
    subject = models.CharField(_("subject"), max_length=250, blank=True)
    body = models.TextField(_("content"))
    revision = models.PositiveIntegerField(default=1, editable=False)
    archived_at = models.DateTimeField(null=True, blank=True)
    created_at = models.DateTimeField(auto_now_add=True)
    updated_at = models.DateTimeField(auto_now=True)

    class Meta:
        ordering: ClassVar = ["name"]

    def __str__(self) -> str:
        return self.name


def _sent() -> models.Subquery:
    """How many messages of `send` left, from its batches; null before there are any."""
    batches = Batch.objects.filter(send=models.OuterRef("send_id")).order_by().values("send")
    return models.Subquery(batches.annotate(total=models.Sum("sent")).values("total"))


class CampaignQuerySet(models.QuerySet["Campaign"]):
    def visible_to(self, user: "User") -> Self:
        """Campaigns belong to the office."""
        return self.none() if user.is_salesperson else self

    def active(self) -> Self:
        return self.filter(archived_at=None)

    def with_figures(self) -> Self:
        """Each with `sent`, and its send with the `reactions` to it: all from sums that are kept."""
        return self.select_related("send__reactions", "send__experiment", "segment").annotate(sent=_sent())


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


class LetterQuerySet(models.QuerySet["Letter"]):
    def visible_to(self, user: "User") -> Self:
        """Everybody's for the office, a salesperson's own for a salesperson."""
        return self.filter(author=user) if user.is_salesperson else self

    def with_figures(self) -> Self:
        """Each with its `subject`, `sent`, and its send with the `reactions` to it."""
        first = Variant.objects.filter(send=models.OuterRef("send_id"), label="A")
        return self.select_related("send__reactions", "author").annotate(
            subject=models.Subquery(first.values("subject")), sent=_sent()
        )


class Letter(models.Model):
    """What a salesperson writes in the first person to customers of their own mini-list."""

    public_id = models.CharField(max_length=14, unique=True, default=public_id, editable=False)
    author = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, related_name="letters")
    send = models.OneToOneField(Send, models.PROTECT, related_name="letter")
    recipients = models.JSONField(default=list)
    created_at = models.DateTimeField(auto_now_add=True)
    updated_at = models.DateTimeField(auto_now=True)

    objects = LetterQuerySet.as_manager()

    class Meta:
        ordering: ClassVar = ["-pk"]

    def __str__(self) -> str:
        return str(self.author)
