"""The one company of this installation: its name, its clock, its money."""

from typing import ClassVar
from zoneinfo import ZoneInfo

from django.core.validators import RegexValidator
from django.db import models
from django.utils.translation import gettext_lazy as _

from core.languages import LANGUAGES
from core.zones import validate_zone


class Company(models.Model):
    """The one company of this installation: its name, its clock, its money. There is exactly one row, with key 1.

    Until somebody gives it, the name is empty: nobody is invited to a company that is called like the software.
    """

    name = models.CharField(_("name"), max_length=120, blank=True, default="")
    time_zone = models.CharField(_("time zone"), max_length=60, default="UTC", validators=[validate_zone])
    currency = models.CharField(
        _("currency"),
        max_length=3,
        default="EUR",
        validators=[RegexValidator(r"^[A-Z]{3}$", _("Three capital letters."))],
    )
    language = models.CharField(_("language"), max_length=5, default="en", choices=LANGUAGES)
    week_starts_on = models.PositiveSmallIntegerField(
        _("week starts on"), default=0, choices=[(0, _("Monday")), (5, _("Saturday")), (6, _("Sunday"))]
    )
    website = models.URLField(_("website"), blank=True)
    postal_address = models.CharField(_("postal address"), max_length=300, blank=True)
    updated_at = models.DateTimeField(auto_now=True)

    class Meta:
        constraints: ClassVar = [models.CheckConstraint(condition=models.Q(pk=1), name="company_is_one")]

    def __str__(self) -> str:
        return self.name or "–"

    @classmethod
    def get(cls) -> "Company":
        """The company's settings; unsaved defaults before anyone has set them."""
        return cls.objects.filter(pk=1).first() or cls(pk=1)

    @property
    def zone(self) -> ZoneInfo:
        return ZoneInfo(self.time_zone)
