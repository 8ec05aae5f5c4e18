"""Warming a new domain up: receivers trust it step by step, so it sends a little more every day."""

import math
from decimal import Decimal
from typing import ClassVar

from django.core.validators import MaxValueValidator, MinValueValidator
from django.db import models
from django.utils.translation import gettext_lazy as _

from campaigns.models.domains import SendingDomain

MOST_DAYS = 120


class WarmUp(models.Model):
    """How many messages a domain sends on its first, second, … day of sending: `first`, growing by `growth` each day
    until `goal`, when it is done. A day begins at `opens_at` (the company's zone); days without sending do not count.
    """

    domain = models.OneToOneField(SendingDomain, models.CASCADE, related_name="warm_up")
    is_on = models.BooleanField(_("warming up"), default=True)
    first = models.PositiveIntegerField(_("on the first day"), default=200, validators=[MinValueValidator(1)])
    growth = models.DecimalField(
        _("times more each day"),
        max_digits=4,
        decimal_places=2,
        default=Decimal("1.50"),
        validators=[MinValueValidator(Decimal("1.05")), MaxValueValidator(Decimal(10))],
    )
    goal = models.PositiveIntegerField(_("done at, a day"), default=20_000, validators=[MinValueValidator(1)])
    opens_at = models.PositiveSmallIntegerField(
        _("a day begins at, o'clock"), default=8, validators=[MaxValueValidator(23)]
    )
    created_at = models.DateTimeField(auto_now_add=True)

    def __str__(self) -> str:
        return f"{self.domain_id}: {self.first} x {self.growth}"

    def allowance(self, number: int) -> int | None:
        """The most on the `number`th day of sending (from 1); None when it is warm."""
        if math.log(self.goal / self.first) <= (number - 1) * math.log(float(self.growth)) and number > 1:
            return None
        return min(self.goal, int(self.first * float(self.growth) ** (number - 1)))

    def curve(self) -> list[int]:
        """The allowances until it is warm."""
        found: list[int] = []
        while len(found) < MOST_DAYS and (most := self.allowance(len(found) + 1)) is not None:
            found.append(most)
        return found


class WarmUpDay(models.Model):
    """What a domain may send on one of its days, and what workers have taken of it."""

    domain = models.ForeignKey(SendingDomain, models.CASCADE, related_name="warm_up_days")
    day = models.DateField()
    number = models.PositiveSmallIntegerField()
    allowed = models.PositiveIntegerField()
    taken = models.PositiveIntegerField(default=0)

    class Meta:
        ordering: ClassVar = ["-day"]
        constraints: ClassVar = [models.UniqueConstraint(fields=["domain", "day"], name="warm_up_day_is_one")]

    def __str__(self) -> str:
        return f"{self.domain_id} {self.day}: {self.taken}/{self.allowed}"

    @property
    def left(self) -> int:
        return max(0, self.allowed - self.taken)
