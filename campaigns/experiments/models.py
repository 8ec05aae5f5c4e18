"""The test of a send: what it is to teach, and what it taught."""

from django.contrib.postgres.fields import ArrayField
from django.db import models
from django.utils.translation import gettext_lazy as _

from delivery.sends.models import Send, Variant


class Experiment(models.Model):
    """What a send is to teach: fixed before launch, read with statistics that stay true while one peeks.

    `horizon` is N*, the number of recipients at which the interval is tightest; `alpha` the error one accepts.
    """

    class Metric(models.TextChoices):
        CLICK = "click", _("Clicked a link")
        OPEN = "open", _("Opened")
        ORDER = "order", _("Bought")

    class Verdict(models.TextChoices):
        OPEN = "open", _("Running")
        WINNER = "winner", _("A winner")
        NO_DIFFERENCE = "no_difference", _("No difference found")

    send = models.OneToOneField(Send, models.CASCADE, related_name="experiment")
    hypothesis = models.TextField(_("hypothesis"), blank=True)
    metric = models.CharField(_("metric"), max_length=8, choices=Metric.choices, blank=True)
    horizon = models.PositiveIntegerField(_("horizon"), null=True, blank=True)
    horizon_days = models.PositiveSmallIntegerField(_("maximum duration (days)"), default=7)
    alpha = models.DecimalField(max_digits=4, decimal_places=3, default="0.050")
    differs_in = ArrayField(models.CharField(max_length=10), default=list)
    verdict = models.CharField(max_length=14, choices=Verdict.choices, default=Verdict.OPEN)
    winner = models.ForeignKey(Variant, models.SET_NULL, null=True, blank=True, related_name="+")
    learning = models.TextField(_("learning"), blank=True)
    concluded_at = models.DateTimeField(null=True)

    def __str__(self) -> str:
        return self.hypothesis[:60]
