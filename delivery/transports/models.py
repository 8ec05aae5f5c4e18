"""Who carries our messages: mail servers, in the order in which a sender uses them."""

from typing import TYPE_CHECKING, ClassVar, Self

from django.core.validators import MinValueValidator
from django.db import models
from django.db.models import Q
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from core.ids import public_id
from core.secrets import secret_open, secret_seal
from delivery.senders.models import SendingIdentity

if TYPE_CHECKING:
    from accounts.people.models import User


class ProviderQuerySet(models.QuerySet["Provider"]):
    def visible_to(self, user: "User") -> Self:
        """Providers belong to the office."""
        return self.none() if user.is_salesperson else self

    def active(self) -> Self:
        return self.filter(archived_at=None)


class Provider(models.Model):
    """A way out for messages. `sealed_url` is the mail server with its user and password, sealed (`core.secrets`);
    `place` is the part of it anybody may read (`smtp+tls://host:587`).

    `leaves_from` are the addresses messages leave from, where they are not the server's own. `per_second` holds over
    everything sent through it. While it is paused nothing is sent through it; `last_error` is why it last did not take
    our mail.
    """

    public_id = models.CharField(max_length=14, unique=True, default=public_id, editable=False)
    name = models.CharField(_("name"), max_length=80, unique=True)
    place = models.CharField(max_length=200, editable=False)
    sealed_url = models.TextField(editable=False)
    per_second = models.PositiveIntegerField(
        _("messages per second"), null=True, blank=True, validators=[MinValueValidator(1)]
    )
    leaves_from = models.CharField(_("sending IP addresses"), max_length=300, blank=True)
    paused_at = models.DateTimeField(null=True, editable=False)
    last_error = models.CharField(max_length=300, blank=True, editable=False)
    last_error_at = models.DateTimeField(null=True, editable=False)
    archived_at = models.DateTimeField(null=True, blank=True)
    created_at = models.DateTimeField(auto_now_add=True)

    objects = ProviderQuerySet.as_manager()

    class Meta:
        ordering: ClassVar = ["name"]

    def __str__(self) -> str:
        return self.name

    @property
    def url(self) -> str:
        """The server with its password. Raises DomainError when it cannot be unsealed."""
        return secret_open(self.sealed_url)

    @url.setter
    def url(self, url: str) -> None:
        scheme, _slashes, rest = url.partition("://")
        self.sealed_url, self.place = secret_seal(url), f"{scheme}://{rest.rpartition('@')[2].partition('?')[0]}"[:200]

    @property
    def addresses(self) -> tuple[str, ...]:
        """Where messages leave from, one by one."""
        return tuple(self.leaves_from.replace(",", " ").split())


class ProviderUseQuerySet(models.QuerySet["ProviderUse"]):
    def usable(self) -> Self:
        """In order, those of providers in use."""
        return self.filter(provider__archived_at=None).select_related("provider").order_by("position")

    def broken(self) -> Self:
        """Those whose breaker is open now: the next one carries their messages."""
        return self.filter(broken_until__gt=timezone.now())


class ProviderUse(models.Model):
    """A provider in a sender's order, with its circuit breaker: open until `broken_until`, for `broken_reason`."""

    identity = models.ForeignKey(SendingIdentity, models.CASCADE, related_name="uses")
    provider = models.ForeignKey(Provider, models.PROTECT, related_name="uses")
    position = models.PositiveSmallIntegerField()
    broken_until = models.DateTimeField(null=True)
    broken_at = models.DateTimeField(null=True)
    broken_reason = models.CharField(max_length=300, blank=True)

    objects = ProviderUseQuerySet.as_manager()

    class Meta:
        ordering: ClassVar = ["identity_id", "position"]
        constraints: ClassVar = [
            models.UniqueConstraint(fields=["identity", "provider"], name="provider_used_once"),
            models.CheckConstraint(condition=Q(position__gte=1), name="provider_position_from_one"),
        ]

    def __str__(self) -> str:
        return f"{self.identity_id}: {self.position}. {self.provider}"

    @property
    def is_broken(self) -> bool:
        return self.broken_until is not None and self.broken_until > timezone.now()

    @property
    def is_ready(self) -> bool:
        return not self.is_broken and self.provider.paused_at is None
