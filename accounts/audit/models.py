"""The audit trail: who changed what, when, and from what to what."""

from datetime import date, datetime, time, timedelta
from typing import TYPE_CHECKING, ClassVar, Self
from zoneinfo import ZoneInfo

from django.conf import settings
from django.db import models
from django.utils import timezone

if TYPE_CHECKING:
    from accounts.people.models import User


class AuditQuerySet(models.QuerySet["AuditEntry"]):
    def matching(
        self, *, actor: "User | None", action: str, thing: str, since: date | None, until: date | None, zone: ZoneInfo
    ) -> Self:
        """The lines a reader asked for. `thing` is an object type or part of an object's name; days are whole days
        in `zone`."""
        found = self
        if actor:
            found = found.filter(actor=actor)
        if action:
            found = found.filter(action=action)
        if thing:
            found = found.filter(models.Q(object_type=thing) | models.Q(object_label__icontains=thing))
        if since:
            found = found.filter(at__gte=datetime.combine(since, time.min, zone))
        if until:
            found = found.filter(at__lt=datetime.combine(until + timedelta(days=1), time.min, zone))
        return found


class AuditEntry(models.Model):
    """Who changed what, when, and from what to what. Written by services, never changed.

    `changes` maps a field to `[before, after]` as JSON values (`accounts.audit.values`); `object_type` is a model label
    such as `crm.contact`. How both read is said in `accounts.audit.subjects`.
    """

    at = models.DateTimeField(default=timezone.now, db_index=True)
    actor = models.ForeignKey(settings.AUTH_USER_MODEL, models.SET_NULL, null=True, related_name="+")
    actor_label = models.CharField(max_length=160, blank=True)
    action = models.CharField(max_length=60)
    object_type = models.CharField(max_length=60)
    object_id = models.CharField(max_length=40, blank=True)
    object_label = models.CharField(max_length=200, blank=True)
    changes = models.JSONField(default=dict)

    objects = AuditQuerySet.as_manager()

    class Meta:
        ordering: ClassVar = ["-at", "-pk"]
        indexes: ClassVar = [models.Index(fields=["object_type", "object_id"], name="audit_by_object")]

    def __str__(self) -> str:
        return f"{self.actor_label} {self.action} {self.object_label}"
