"""Money spent to generate demand."""

from typing import TYPE_CHECKING, ClassVar

from django.conf import settings
from django.db import models
from django.utils.translation import gettext_lazy as _

from crm.channels.models import Channel

if TYPE_CHECKING:
    pass


class SpendEntry(models.Model):
    """Money spent to generate demand: one channel, one day. Typed or imported; `source` and `external_id` make a
    re-import change nothing."""

    channel = models.ForeignKey(Channel, models.PROTECT, related_name="spend", verbose_name=_("channel"))
    day = models.DateField(_("day"))
    amount = models.DecimalField(_("amount"), max_digits=14, decimal_places=2)
    currency = models.CharField(_("currency"), max_length=3)
    rate = models.DecimalField(max_digits=18, decimal_places=8, default=1)
    note = models.CharField(_("note"), max_length=200, blank=True)
    source = models.CharField(max_length=40, default="typed")
    external_id = models.CharField(max_length=120, null=True, blank=True)
    created_by = models.ForeignKey(settings.AUTH_USER_MODEL, models.SET_NULL, null=True, related_name="+")
    created_at = models.DateTimeField(auto_now_add=True)

    class Meta:
        ordering: ClassVar = ["-day", "-pk"]
        constraints: ClassVar = [
            models.UniqueConstraint(fields=["source", "external_id"], name="spend_is_one_entry"),
            models.CheckConstraint(condition=models.Q(amount__gte=0), name="spend_is_not_negative"),
        ]
        indexes: ClassVar = [models.Index(fields=["day", "channel"], name="spend_by_day")]

    def __str__(self) -> str:
        return f"{self.channel} {self.day} {self.amount} {self.currency}"
