"""The channels that demand comes through."""

from typing import ClassVar, Self

from django.db import models
from django.utils.translation import gettext_lazy as _


class ChannelQuerySet(models.QuerySet["Channel"]):
    def active(self) -> Self:
        return self.filter(archived_at=None)


class Channel(models.Model):
    """A way demand is generated: spend is booked to it, leads come from it.

    The kinds are the mission's taxonomy. `code` is the stable name in files and the API (`search_ads`).
    """

    class Group(models.TextChoices):
        OUTBOUND = "outbound", _("Outbound (paid)")
        INBOUND = "inbound", _("Inbound (content)")
        PARTNER = "partner", _("Partners and affiliates")
        REFERRAL = "referral", _("Referral")
        DATABASE = "database", _("Databases")
        WEBSITE = "website", _("Website messages")
        OFFLINE = "offline", _("Offline")
        MOBILE = "mobile", _("Mobile")
        OTHER = "other", _("Other")

    code = models.SlugField(_("code"), max_length=40, unique=True)
    name = models.CharField(_("name"), max_length=80)
    group = models.CharField(_("group"), max_length=12, choices=Group.choices)
    position = models.PositiveSmallIntegerField(default=0)
    archived_at = models.DateTimeField(null=True, blank=True)

    objects = ChannelQuerySet.as_manager()

    class Meta:
        ordering: ClassVar = ["position", "name"]

    def __str__(self) -> str:
        return str(_(self.name))
