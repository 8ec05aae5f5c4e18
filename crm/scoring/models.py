"""RFM: when a customer last bought, how often, and for how much, as scores from 1 to 5."""

from typing import ClassVar, Self

from django.db import models
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from crm.contacts.models import Contact


class RfmSegment(models.Model):
    """A named group of RFM cells (Champions, At risk…): together they cover all 125 cells, each once.

    `cells` lists three-digit cells ("555"). On the map they fill places of recency by worth (the mean of F and M).
    """

    code = models.SlugField(max_length=40, unique=True)
    name = models.CharField(_("name"), max_length=60)
    advice = models.CharField(_("recommended action"), max_length=200, blank=True)
    cells = models.JSONField(default=list)
    position = models.PositiveSmallIntegerField(default=0)

    class Meta:
        ordering: ClassVar = ["position"]

    def __str__(self) -> str:
        return str(_(self.name))


class RfmRunQuerySet(models.QuerySet["RfmRun"]):
    def finished(self) -> Self:
        return self.exclude(finished_at=None)

    def newest(self) -> "RfmRun | None":
        return self.finished().order_by("-finished_at").first()


class RfmRun(models.Model):
    """One scoring of the whole base as of a day, with the edges it found.

    `edges` is {"recency": [4 numbers], "frequency": [...], "monetary": [...]}: where each next band begins.
    Recency is days since the last order, frequency the number of sales, monetary their gross.
    """

    as_of = models.DateField()
    edges = models.JSONField(default=dict)
    customers = models.PositiveIntegerField(default=0)
    started_at = models.DateTimeField(default=timezone.now)
    finished_at = models.DateTimeField(null=True)

    objects = RfmRunQuerySet.as_manager()

    class Meta:
        ordering: ClassVar = ["-started_at"]

    def __str__(self) -> str:
        return f"RFM {self.as_of}"


class RfmScore(models.Model):
    """A customer's scores in the newest finished run, replaced as a whole by the next."""

    contact = models.OneToOneField(Contact, models.CASCADE, primary_key=True, related_name="rfm")
    run = models.ForeignKey(RfmRun, models.CASCADE, related_name="scores")
    recency_days = models.IntegerField()
    frequency = models.PositiveIntegerField()
    monetary = models.DecimalField(max_digits=14, decimal_places=2)
    r = models.PositiveSmallIntegerField()
    f = models.PositiveSmallIntegerField()
    m = models.PositiveSmallIntegerField()
    segment = models.ForeignKey(RfmSegment, models.PROTECT, related_name="scores")

    class Meta:
        indexes: ClassVar = [models.Index(fields=["segment"], name="rfm_by_segment")]

    def __str__(self) -> str:
        return f"{self.r}{self.f}{self.m}"
