"""Targets: what a KPI should be over a period."""

from typing import TYPE_CHECKING, ClassVar

from django.conf import settings
from django.db import models
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

if TYPE_CHECKING:
    pass


class KpiTarget(models.Model):
    """What a KPI should be over a period, set by the director. `kpi` is a code of the registry (`cpl`)."""

    kpi = models.SlugField(max_length=40)
    starts_on = models.DateField(_("from"))
    ends_on = models.DateField(_("until"))
    value = models.DecimalField(_("target"), max_digits=14, decimal_places=4)
    set_by = models.ForeignKey(settings.AUTH_USER_MODEL, models.SET_NULL, null=True, related_name="+")
    created_at = models.DateTimeField(default=timezone.now)

    class Meta:
        ordering: ClassVar = ["-starts_on", "kpi"]
        constraints: ClassVar = [
            models.CheckConstraint(condition=models.Q(ends_on__gte=models.F("starts_on")), name="target_runs_forward"),
            models.UniqueConstraint(fields=["kpi", "starts_on", "ends_on"], name="target_is_one"),
        ]

    def __str__(self) -> str:
        return f"{self.kpi} {self.starts_on} {self.ends_on}"
