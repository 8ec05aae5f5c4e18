"""Brands, and the channels that demand comes through."""

from typing import ClassVar, Self

from django.db import models
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from accounts.models import Company


class Brand(models.Model):
    """A name the company speaks under. Templates, consent topics and campaigns point to one.

    The first one has no name and no website of its own: it is called like the company, whatever that is called.
    """

    name = models.CharField(_("name"), max_length=80, unique=True, blank=True)
    website = models.URLField(_("website"), blank=True)
    color = models.CharField(_("colour"), max_length=7, default="#0f766e")
    created_at = models.DateTimeField(auto_now_add=True)

    class Meta:
        ordering: ClassVar = ["pk"]

    def __str__(self) -> str:
        return self.called or gettext("The company")

    @property
    def called(self) -> str:
        """What readers know it by; empty while the company has no name yet."""
        return self.name or Company.get().name

    @property
    def site(self) -> str:
        """Its website, else the company's."""
        return self.website or Company.get().website


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
