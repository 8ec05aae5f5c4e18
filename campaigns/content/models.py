"""Templates: what campaigns and letters start from."""

from typing import ClassVar

from django.db import models
from django.utils.translation import gettext_lazy as _

from core.ids import public_id
from crm.brands.models import Brand


class EmailTemplate(models.Model):
    """A starting point for campaigns (MJML) or letters (Markdown)."""

    class Use(models.TextChoices):
        CAMPAIGN = "campaign", _("Campaigns")
        LETTER = "letter", _("Letters")

    public_id = models.CharField(max_length=14, unique=True, default=public_id, editable=False)
    brand = models.ForeignKey(Brand, models.PROTECT, related_name="templates", verbose_name=_("brand"))
    use = models.CharField(max_length=8, choices=Use.choices, default=Use.CAMPAIGN)
    name = models.CharField(_("name"), max_length=80)
    subject = models.CharField(_("subject"), max_length=250, blank=True)
    body = models.TextField(_("content"))
    revision = models.PositiveIntegerField(default=1, editable=False)
    archived_at = models.DateTimeField(null=True, blank=True)
    created_at = models.DateTimeField(auto_now_add=True)
    updated_at = models.DateTimeField(auto_now=True)

    class Meta:
        ordering: ClassVar = ["name"]

    def __str__(self) -> str:
        return self.name
