"""The names under which the company writes."""

from typing import ClassVar

from django.db import models
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from accounts.company.models import Company


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
