"""Events of interest."""

from typing import TYPE_CHECKING, ClassVar, Self

from django.conf import settings
from django.db import models
from django.db.models.functions import Coalesce
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from core.ids import public_id
from crm.channels.models import Channel
from crm.contacts.models import Contact, MiniListMembership

if TYPE_CHECKING:
    from accounts.people.models import User


class LeadQuerySet(models.QuerySet["Lead"]):
    def visible_to(self, user: "User") -> Self:
        """Everything for the office; for a salesperson the leads by contacts they look after, and those handed to them
        unless somebody else looks after the contact by now."""
        if not user.is_salesperson:
            return self
        open_lists = MiniListMembership.objects.open().filter(contact=models.OuterRef("contact"))
        return self.filter(
            models.Exists(open_lists.filter(owner=user))
            | (models.Q(owner=user) & ~models.Exists(open_lists.exclude(owner=user)))
        )

    def credited_to(self, person_id: int | None) -> Self:
        """Leads that count for a salesperson (None: for nobody): who looked after the contact when it occurred, else
        whom it was handed to."""
        held = MiniListMembership.objects.at(models.OuterRef("occurred_at")).filter(contact=models.OuterRef("contact"))
        holder = models.Subquery(held.order_by("-since").values("owner")[:1])
        leads = self.annotate(credited=Coalesce(holder, "owner", output_field=models.BigIntegerField()))
        return leads.filter(**({"credited": person_id} if person_id else {"credited__isnull": True}))

    def of_first_sales(self) -> Self:
        """Leads that a first sale is counted for: the latest of their person at or before it."""
        latest = Lead.objects.filter(
            contact=models.OuterRef("contact"), occurred_at__lte=models.OuterRef("contact__first_order_at")
        ).order_by("-occurred_at", "-pk")
        return self.filter(pk=models.Subquery(latest.values("pk")[:1]))


class Lead(models.Model):
    """One event of interest by a contact: a form, a call, a row of a partner's file. A contact can have several.

    `source` and `external_id` identify it in the system it came from, so a re-import changes nothing.
    """

    class AttendedBy(models.TextChoices):
        ECOMMERCE = "ecommerce", _("eCommerce")
        SALES_FORCE = "sales_force", _("Sales force")

    class Content(models.TextChoices):
        VIDEO = "video", _("Video")
        IMAGE = "image", _("Image")
        TEXT = "text", _("Text")
        AUDIO = "audio", _("Audio")

    public_id = models.CharField(max_length=14, unique=True, default=public_id, editable=False)
    contact = models.ForeignKey(Contact, models.CASCADE, related_name="leads")
    channel = models.ForeignKey(Channel, models.PROTECT, related_name="leads", verbose_name=_("channel"))
    occurred_at = models.DateTimeField(_("date"), default=timezone.now)
    attended_by = models.CharField(
        _("attended by"), max_length=12, choices=AttendedBy.choices, default=AttendedBy.ECOMMERCE
    )
    owner = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.SET_NULL, null=True, blank=True, related_name="leads", verbose_name=_("owner")
    )
    interest = models.CharField(_("interest"), max_length=300, blank=True)
    content_format = models.CharField(_("content"), max_length=5, choices=Content.choices, blank=True)
    utm = models.JSONField(default=dict, blank=True)
    source = models.CharField(max_length=40, default="typed")
    external_id = models.CharField(max_length=120, null=True, blank=True)
    created_at = models.DateTimeField(auto_now_add=True)

    objects = LeadQuerySet.as_manager()

    class Meta:
        ordering: ClassVar = ["-occurred_at", "-pk"]
        constraints: ClassVar = [
            models.UniqueConstraint(fields=["source", "external_id"], name="lead_is_one_event"),
        ]
        indexes: ClassVar = [
            models.Index(fields=["occurred_at"], name="lead_by_time"),
            models.Index(fields=["contact", "occurred_at"], name="lead_by_contact"),
        ]

    def __str__(self) -> str:
        return f"{self.contact} ({self.channel})"
