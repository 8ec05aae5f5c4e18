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
        _("messages"),
        default=3,
        validators=[MinValueValidator(1)],
        help_text=_("Maximum number of messages per contact…"),
    )
    cap_days = models.PositiveSmallIntegerField(
        _("days"), default=7, validators=[MinValueValidator(1)], help_text=_("…in this many days, over all sends.")
    )
    late_start_minutes = models.PositiveSmallIntegerField(
        _("minutes"), default=60, help_text=_("A later start needs a confirmation.")
    )
    may_write_customers = models.BooleanField(
        _("send to customers without recorded consent"),
        default=True,
        help_text=_("A customer who bought and never objected counts as consenting (basis: existing customer)."),
    )
    per_second = models.PositiveIntegerField(
        _("messages per second"),
        null=True,
        blank=True,
        validators=[MinValueValidator(1)],
        help_text=_("Maximum for all senders and letters together. Leave empty for no limit."),
    )
    domain_limits = models.JSONField(
        _("rate limit by recipient domain (messages per second)"),
        default=dict,
        blank=True,
        help_text='{"example.com": 5}',
    )
    keep_events_months = models.PositiveSmallIntegerField(
        _("engagement retention (months)"),
        null=True,
        blank=True,
        validators=[MinValueValidator(2), MaxValueValidator(240)],
        help_text=_("Older events are purged month by month. Totals are kept. Leave empty to keep all events."),
    )
    keep_ledger_months = models.PositiveSmallIntegerField(
        _("delivery log retention (months)"),
        null=True,
        blank=True,
        validators=[MinValueValidator(2), MaxValueValidator(240)],
        help_text=_(
            "Counted from the end of a send. Totals and test results are kept. Leave empty to keep the delivery log."
        ),
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
