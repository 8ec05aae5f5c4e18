"""Consent by topic, and the addresses that get no e-mail."""

from typing import TYPE_CHECKING, ClassVar, Self

from django.conf import settings
from django.db import models
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from crm.brands.models import Brand
from crm.contacts.models import Contact

if TYPE_CHECKING:
    from accounts.people.models import User


class ConsentTopic(models.Model):
    """A subject people agree to hear about (newsletter, offers), under one brand."""

    brand = models.ForeignKey(Brand, models.PROTECT, related_name="consent_topics")
    code = models.SlugField(max_length=40, unique=True)
    name = models.CharField(_("name"), max_length=80)
    description = models.CharField(_("description"), max_length=200, blank=True)
    is_default = models.BooleanField(default=False)
    archived_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        ordering: ClassVar = ["pk"]

    def __str__(self) -> str:
        return str(_(self.name))


class ConsentQuerySet(models.QuerySet["Consent"]):
    def current(self) -> Self:
        """The newest record of each (contact, channel, topic)."""
        return self.order_by("contact_id", "channel", "topic_id", "-at", "-pk").distinct(
            "contact_id", "channel", "topic_id"
        )


class Consent(models.Model):
    """What a contact agreed to or withdrew: channel, topic, legal basis, the wording shown, source, time.

    Append-only: the newest row of a (contact, channel, topic) holds. Suppression wins over it.
    """

    class Channel(models.TextChoices):
        EMAIL = "email", _("E-mail")
        SMS = "sms", _("SMS")
        PHONE = "phone", _("Phone")

    class Basis(models.TextChoices):
        CONSENT = "consent", _("Consent")
        CUSTOMER = "customer", _("Existing customer")
        CONTRACT = "contract", _("Contract")

    contact = models.ForeignKey(Contact, models.CASCADE, related_name="consents")
    channel = models.CharField(max_length=8, choices=Channel.choices, default=Channel.EMAIL)
    topic = models.ForeignKey(ConsentTopic, models.PROTECT, related_name="consents")
    given = models.BooleanField()
    basis = models.CharField(max_length=10, choices=Basis.choices, default=Basis.CONSENT)
    wording = models.TextField(blank=True)
    source = models.CharField(max_length=120)
    actor = models.ForeignKey(settings.AUTH_USER_MODEL, models.SET_NULL, null=True, related_name="+")
    at = models.DateTimeField(default=timezone.now)

    objects = ConsentQuerySet.as_manager()

    class Meta:
        ordering: ClassVar = ["-at", "-pk"]
        indexes: ClassVar = [models.Index(fields=["contact", "channel", "topic", "-at", "-id"], name="consent_current")]

    def __str__(self) -> str:
        return f"{self.contact_id} {self.topic_id} {'+' if self.given else '-'}"


class SuppressionQuerySet(models.QuerySet["Suppression"]):
    def visible_to(self, user: "User") -> Self:
        """The office sees the list; salespeople see it only as what it means for a customer of theirs."""
        return self.none() if user.is_salesperson else self

    def in_force(self) -> Self:
        return self.filter(lifted_at=None)


class Suppression(models.Model):
    """An address nothing is sent to, whatever else says so. Keyed by a keyed hash of the normalised address, so that
    it outlives erasure, merges and re-imports."""

    class Reason(models.TextChoices):
        UNSUBSCRIBED = "unsubscribed", _("Unsubscribed")
        BOUNCED = "bounced", _("Hard bounce")
        COMPLAINED = "complained", _("Complaint (marked as spam)")
        ERASED = "erased", _("Erased on request")
        MANUAL = "manual", _("Manual entry")
        IMPORTED = "imported", _("Imported")

    address_hash = models.CharField(max_length=64)
    reason = models.CharField(max_length=12, choices=Reason.choices)
    source = models.CharField(max_length=120, blank=True)
    actor = models.ForeignKey(settings.AUTH_USER_MODEL, models.SET_NULL, null=True, related_name="+")
    at = models.DateTimeField(default=timezone.now)
    lifted_at = models.DateTimeField(null=True)

    objects = SuppressionQuerySet.as_manager()

    class Meta:
        ordering: ClassVar = ["-at"]
        constraints: ClassVar = [
            models.UniqueConstraint(
                fields=["address_hash"], condition=models.Q(lifted_at=None), name="suppression_in_force_is_one"
            )
        ]
        indexes: ClassVar = [
            models.Index(fields=["at", "id"], condition=models.Q(lifted_at=None), name="suppression_newest")
        ]

    def __str__(self) -> str:
        return f"{self.reason} {self.address_hash[:8]}"
