"""Segments: people who share something, by rule; and their sizes day by day."""

from datetime import date, timedelta
from decimal import Decimal
from typing import TYPE_CHECKING, ClassVar, Self
from zoneinfo import ZoneInfo

from django.conf import settings
from django.db import models
from django.db.models.functions import Cast, TruncDate
from django.utils.translation import gettext_lazy as _

from core.ids import public_id

if TYPE_CHECKING:
    from accounts.people.models import User


GROWTH_DAYS = 30
RATIO: "models.DecimalField[Decimal, Decimal]" = models.DecimalField(max_digits=20, decimal_places=6)


class SegmentQuerySet(models.QuerySet["Segment"]):
    def active(self) -> Self:
        return self.filter(archived_at=None)

    def visible_to(self, user: "User") -> Self:
        """Segments belong to the office; a salesperson works with a mini-list instead."""
        return self.none() if user.is_salesperson else self

    def with_growth(self, *, today: date, zone: ZoneInfo) -> Self:
        """Each with `growth`, the change of its size (a ratio) since `since`: the last day it was counted on or before
        thirty days ago, for a younger segment its first one. Both None when it was not counted on an earlier day."""
        counted_on = TruncDate("counted_at", tzinfo=zone)
        sizes = SegmentSize.objects.filter(segment=models.OuterRef("pk")).nearest_to(today - timedelta(GROWTH_DAYS))
        then = models.F("since_size")
        return self.annotate(
            since_day=models.Subquery(sizes.values("day")[:1]), since_size=models.Subquery(sizes.values("size")[:1])
        ).annotate(
            since=models.Case(models.When(since_day__lt=counted_on, then=models.F("since_day"))),
            growth=models.Case(
                models.When(
                    since_day__lt=counted_on,
                    since_size__gt=0,
                    then=Cast(models.F("size") - then, RATIO) / Cast(then, RATIO),
                ),
                output_field=RATIO,
            ),
        )


class Segment(models.Model):
    """People who share something, by rule: `rules` is a typed tree over the registered fields (see core.rules)."""

    public_id = models.CharField(max_length=14, unique=True, default=public_id, editable=False)
    name = models.CharField(_("name"), max_length=80, unique=True)
    description = models.CharField(_("description"), max_length=300, blank=True)
    rules = models.JSONField(_("rules"), default=dict)
    strategy = models.TextField(_("strategy"), blank=True)
    next_action = models.CharField(_("next action"), max_length=200, blank=True)
    is_key = models.BooleanField(_("key segment"), default=False)
    owner = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.SET_NULL, null=True, blank=True, related_name="+", verbose_name=_("owner")
    )
    size = models.PositiveIntegerField(null=True, editable=False)
    value = models.DecimalField(max_digits=16, decimal_places=2, null=True, editable=False)
    counted_at = models.DateTimeField(null=True, editable=False)
    version = models.PositiveIntegerField(default=1, editable=False)
    archived_at = models.DateTimeField(null=True, blank=True)
    created_at = models.DateTimeField(auto_now_add=True)
    updated_at = models.DateTimeField(auto_now=True)

    objects = SegmentQuerySet.as_manager()

    class Meta:
        ordering: ClassVar = ["name"]

    def __str__(self) -> str:
        return self.name


class SegmentSizeQuerySet(models.QuerySet["SegmentSize"]):
    def nearest_to(self, day: date) -> Self:
        """The last on or before `day` first; after those, the first one since."""
        upto = models.Q(day__lte=day)
        return self.order_by(
            models.Case(models.When(upto, then=0), default=1),
            models.Case(models.When(upto, then=models.F("day"))).desc(nulls_last=True),
            "day",
        )


class SegmentSize(models.Model):
    """How many people a segment had on a day, and what they have bought in all, net of returns."""

    segment = models.ForeignKey(Segment, models.CASCADE, related_name="sizes")
    day = models.DateField()
    size = models.PositiveIntegerField()
    value = models.DecimalField(max_digits=16, decimal_places=2)

    objects = SegmentSizeQuerySet.as_manager()

    class Meta:
        ordering: ClassVar = ["day"]
        constraints: ClassVar = [models.UniqueConstraint(fields=["segment", "day"], name="segment_size_once_a_day")]

    def __str__(self) -> str:
        return f"{self.segment_id} {self.day} {self.size}"
