"""Files people bring in, and what became of each row."""

from typing import TYPE_CHECKING, ClassVar, Self

from django.conf import settings
from django.db import models
from django.utils.translation import gettext_lazy as _

from core.ids import public_id
from core.models import Job

if TYPE_CHECKING:
    from accounts.people.models import User


class ImportFileQuerySet(models.QuerySet["ImportFile"]):
    def visible_to(self, user: "User") -> Self:
        """Imports belong to the office."""
        return self.none() if user.is_salesperson else self


class ImportFile(models.Model):
    """An uploaded file with how it is read (encoding, delimiter, columns) and what its import reported.

    `checked` is the report of the newest dry run, `report` that of the import: the JSON of
    `bin/manage import_orders --json`. The rejects stand in `rejects` as CSV with the row number and the reason before
    the row's own columns.
    """

    class Kind(models.TextChoices):
        ORDERS = "orders", _("Orders")
        LEADS = "leads", _("Leads")
        SPEND = "spend", _("Spend")

    public_id = models.CharField(max_length=14, unique=True, default=public_id, editable=False)
    kind = models.CharField(max_length=10, choices=Kind.choices)
    name = models.CharField(max_length=200)
    file = models.FileField(upload_to="imports/%Y/%m/")
    sha256 = models.CharField(max_length=64, blank=True)
    reading = models.JSONField(default=dict)
    mapping = models.JSONField(default=dict)
    checked = models.JSONField(default=dict)
    report = models.JSONField(default=dict)
    rejects = models.FileField(upload_to="imports/%Y/%m/", blank=True)
    job = models.ForeignKey(Job, models.SET_NULL, null=True, related_name="+")
    actor = models.ForeignKey(settings.AUTH_USER_MODEL, models.SET_NULL, null=True, related_name="+")
    created_at = models.DateTimeField(auto_now_add=True)
    finished_at = models.DateTimeField(null=True, editable=False)

    objects = ImportFileQuerySet.as_manager()

    class Meta:
        ordering: ClassVar = ["-created_at"]

    def __str__(self) -> str:
        return self.name

    @property
    def rejected_count(self) -> int | None:
        """Rows left out by the import, None before it ran."""
        return sum(self.report["rejected"].values()) if self.report else None
