"""The domains we send from: what the world's DNS must say about them, the keys we sign with, and how they warm up."""

from typing import TYPE_CHECKING, Any, ClassVar, Self

from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from crm.contacts.email_addresses import normalize_address

if TYPE_CHECKING:
    from accounts.people.models import User

import math
from decimal import Decimal

from django.core.validators import MaxValueValidator, MinValueValidator


def domain_of(address: str) -> str:
    """The domain of a sender's address, as DNS knows it. Raises ValidationError when it is no address."""
    return normalize_address(address).rpartition("@")[2]


class SendingDomainQuerySet(models.QuerySet["SendingDomain"]):
    def visible_to(self, user: "User") -> Self:
        """Sending domains belong to the office."""
        return self.none() if user.is_salesperson else self

    def broken(self) -> Self:
        """Those that were well once and are not any more."""
        return self.exclude(broken_at=None)


class SendingDomain(models.Model):
    """The part behind the @ of our senders, with what the last look at its DNS found.

    `name` is in IDNA (ASCII). `is_signed`: our own keys sign its messages. `provider_selectors` are DKIM selectors
    under which a provider signs for us. `findings` are those of the last check (`delivery.domains.checks`), `level`
    their worst; `well_at` when all was last well, `broken_at` when it stopped being so.
    """

    class Level(models.TextChoices):
        UNKNOWN = "", _("Not checked yet")
        GOOD = "good", _("Ready to send")
        WARN = "warn", _("Needs attention")
        REFUSE = "refuse", _("Not ready to send")

    name = models.CharField(_("domain"), max_length=253, unique=True)
    is_signed = models.BooleanField(_("signed with our keys"), default=False)
    provider_selectors = models.CharField(_("selectors of your provider"), max_length=200, blank=True)
    level = models.CharField(max_length=6, choices=Level.choices, default=Level.UNKNOWN, blank=True)
    findings: "models.JSONField[list[dict[str, Any]]]" = models.JSONField(default=list)
    checked_at = models.DateTimeField(null=True)
    well_at = models.DateTimeField(null=True)
    broken_at = models.DateTimeField(null=True)
    created_at = models.DateTimeField(auto_now_add=True)

    objects = SendingDomainQuerySet.as_manager()

    class Meta:
        ordering: ClassVar = ["name"]

    def __str__(self) -> str:
        return self.name

    @property
    def selectors(self) -> list[str]:
        """The provider's selectors, one by one."""
        return [part for part in self.provider_selectors.replace(",", " ").lower().split() if part]


class DkimKeyQuerySet(models.QuerySet["DkimKey"]):
    def in_use(self) -> Self:
        """The keys that sign now, the one everybody understands first."""
        return self.filter(state=DkimKey.State.ACTIVE, domain__is_signed=True).order_by("-algorithm")

    def published(self) -> Self:
        """Those whose record has to stand in the DNS: signing now, about to, or until lately."""
        return self.exclude(state=DkimKey.State.RETIRED)


class DkimKey(models.Model):
    """A signing key of a domain, made here; its private half is sealed (`core.secrets`) and shown to nobody.

    Rotation takes two selectors: a new key is prepared and its record published; then it signs, and the one before is
    leaving: its record stays until the messages it signed have arrived; then it is retired and its private half gone.
    """

    class Algorithm(models.TextChoices):
        RSA = "rsa", "RSA 2048"
        ED25519 = "ed25519", "Ed25519"

    class State(models.TextChoices):
        PREPARED = "prepared", _("Prepared")
        ACTIVE = "active", _("Active")
        LEAVING = "leaving", _("Being replaced")
        RETIRED = "retired", _("Retired")

    domain = models.ForeignKey(SendingDomain, models.CASCADE, related_name="keys")
    selector = models.CharField(max_length=63)
    algorithm = models.CharField(max_length=7, choices=Algorithm.choices, default=Algorithm.RSA)
    state = models.CharField(max_length=8, choices=State.choices, default=State.PREPARED)
    public = models.TextField()
    sealed = models.TextField(blank=True)
    created_at = models.DateTimeField(auto_now_add=True)
    activated_at = models.DateTimeField(null=True)
    retired_at = models.DateTimeField(null=True)

    objects = DkimKeyQuerySet.as_manager()

    class Meta:
        ordering: ClassVar = ["-pk"]
        constraints: ClassVar = [
            models.UniqueConstraint(fields=["domain", "selector"], name="dkim_selector_is_one"),
            models.UniqueConstraint(
                fields=["domain", "algorithm"], condition=Q(state="active"), name="dkim_one_key_signs"
            ),
        ]

    def __str__(self) -> str:
        return f"{self.selector}._domainkey.{self.domain}"

    @property
    def host(self) -> str:
        """Where its record stands."""
        return f"{self.selector}._domainkey.{self.domain.name}"

    @property
    def record(self) -> str:
        """What its record says."""
        return f"v=DKIM1; k={self.algorithm}; p={self.public}"


MAX_WARM_UP_DAYS = 120


class WarmUp(models.Model):
    """How many messages a domain sends on its first, second, … day of sending: `first`, growing by `growth` each day
    until `goal`, when it is done. A day begins at `opens_at` (the company's zone); days without sending do not count.
    """

    domain = models.OneToOneField(SendingDomain, models.CASCADE, related_name="warm_up")
    is_on = models.BooleanField(_("warming up"), default=True)
    first = models.PositiveIntegerField(_("messages on the first day"), default=200, validators=[MinValueValidator(1)])
    growth = models.DecimalField(
        _("daily growth factor"),
        max_digits=4,
        decimal_places=2,
        default=Decimal("1.50"),
        validators=[MinValueValidator(Decimal("1.05")), MaxValueValidator(Decimal(10))],
    )
    goal = models.PositiveIntegerField(_("target volume per day"), default=20_000, validators=[MinValueValidator(1)])
    opens_at = models.PositiveSmallIntegerField(_("daily start hour"), default=8, validators=[MaxValueValidator(23)])
    created_at = models.DateTimeField(auto_now_add=True)

    def __str__(self) -> str:
        return str(self.domain)

    def allowance(self, number: int) -> int | None:
        """The most on the `number`th day of sending (from 1); None when it is warm."""
        if math.log(self.goal / self.first) <= (number - 1) * math.log(float(self.growth)) and number > 1:
            return None
        return min(self.goal, int(self.first * float(self.growth) ** (number - 1)))

    def curve(self) -> list[int]:
        """The allowances until it is warm."""
        found: list[int] = []
        while len(found) < MAX_WARM_UP_DAYS and (most := self.allowance(len(found) + 1)) is not None:
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
