"""The limits every send keeps."""

from datetime import timedelta
from typing import ClassVar

from django.core.validators import MaxValueValidator, MinValueValidator
from django.db import models
from django.utils.translation import gettext_lazy as _


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
