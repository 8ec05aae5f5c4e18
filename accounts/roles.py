"""What a user may be in the company; the role decides what they see and do (`accounts.access`)."""

from django.db import models
from django.utils.translation import gettext_lazy as _


class Role(models.TextChoices):
    DIRECTOR = "director", _("Marketing director")
    MARKETER = "marketer", _("Marketer")
    DESIGNER = "designer", _("Designer")
    SALESPERSON = "salesperson", _("Salesperson")
    ANALYST = "analyst", _("Analyst")
