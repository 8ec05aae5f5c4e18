"""Who a mail comes from, and the limits every send keeps."""

from datetime import timedelta
from typing import ClassVar, Self

from django.core.validators import MaxValueValidator, MinValueValidator
from django.db import models
from django.utils.translation import gettext_lazy as _

from crm.brands.models import Brand
from crm.contacts.models import Contact


class SendingIdentityQuerySet(models.QuerySet["SendingIdentity"]):
    def active(self) -> Self:
        return self.filter(archived_at=None)


class SendingIdentity(models.Model):
    """A name and address the company sends from, under a brand, through its providers in order (`ProviderUse`); without
    any, through the installation's `EMAIL_URL`.

    `bounce_address` is the envelope sender that undeliverable mail returns to, with the recipient's token behind a plus
    (bounces+token@…), so that a bounce is known by its address alone; empty means the sender address itself.
    `per_second` is the most messages per second over all workers; null means as fast as the server takes them.
    """

    brand = models.ForeignKey(Brand, models.PROTECT, related_name="identities", verbose_name=_("brand"))
    name = models.CharField(_("name"), max_length=80, unique=True)
    from_name = models.CharField(_("sender name"), max_length=80)
    from_address = models.EmailField(_("sender address"))
    reply_address = models.EmailField(_("reply address"), blank=True)
    bounce_address = models.EmailField(_("address for bounces"), blank=True)
    per_second = models.PositiveIntegerField(_("messages per second"), null=True, blank=True)
    archived_at = models.DateTimeField(null=True, blank=True)
    created_at = models.DateTimeField(auto_now_add=True)

    objects = SendingIdentityQuerySet.as_manager()

    class Meta:
        ordering: ClassVar = ["pk"]

    def __str__(self) -> str:
        return f"{self.from_name} <{self.from_address}>"


class SendingPolicy(models.Model):
    """The company-wide limits: at most `cap_messages` in `cap_days` days to one contact over all sends.

    There is one row, with key 1.
    """

    cap_messages = models.PositiveSmallIntegerField(
        _("messages"), default=3, validators=[MinValueValidator(1)], help_text=_("The most one contact gets…")
    )
    cap_days = models.PositiveSmallIntegerField(
        _("days"), default=7, validators=[MinValueValidator(1)], help_text=_("…in this many days, over all sends.")
    )
    late_start_minutes = models.PositiveSmallIntegerField(
        _("minutes"), default=60, help_text=_("A start later than this asks first.")
    )
    may_write_customers = models.BooleanField(
        _("customers may be written to"),
        default=True,
        help_text=_("Whoever has bought and never said no counts as agreeing (basis: existing customer)."),
    )
    per_second = models.PositiveIntegerField(
        _("messages per second"),
        null=True,
        blank=True,
        validators=[MinValueValidator(1)],
        help_text=_("The most over all senders and letters. Empty: as fast as the servers take them."),
    )
    domain_limits = models.JSONField(
        _("messages per second by recipient domain"), default=dict, blank=True, help_text='{"example.com": 5}'
    )
    keep_events_months = models.PositiveSmallIntegerField(
        _("months that single opens and clicks are kept"),
        null=True,
        blank=True,
        validators=[MinValueValidator(2), MaxValueValidator(240)],
        help_text=_("Older ones are let go of month by month; every sum stays. Empty: all are kept."),
    )
    keep_ledger_months = models.PositiveSmallIntegerField(
        _("months that is kept who got a mailing"),
        null=True,
        blank=True,
        validators=[MinValueValidator(2), MaxValueValidator(240)],
        help_text=_("Counted from the end of a mailing; its sums and its test stay. Empty: all are kept."),
    )
    updated_at = models.DateTimeField(auto_now=True)

    class Meta:
        constraints: ClassVar = [models.CheckConstraint(condition=models.Q(pk=1), name="sending_policy_is_one")]

    def __str__(self) -> str:
        return f"{self.cap_messages} / {self.cap_days}"

    @property
    def grace(self) -> timedelta:
        """How late something may leave without being asked for."""
        return timedelta(minutes=self.late_start_minutes)

    @classmethod
    def get(cls) -> "SendingPolicy":
        """The limits in force; unsaved defaults before anyone has set them."""
        return cls.objects.filter(pk=1).first() or cls(pk=1)


class MailPreference(models.Model):
    """What a contact chose on the preference page: at most `per_month` messages in thirty days.

    The company's own limits hold as well; the stricter wins.
    """

    contact = models.OneToOneField(Contact, models.CASCADE, primary_key=True, related_name="mail_preference")
    per_month = models.PositiveSmallIntegerField(null=True, blank=True)
    updated_at = models.DateTimeField(auto_now=True)

    def __str__(self) -> str:
        return f"{self.contact_id}: {self.per_month}"
