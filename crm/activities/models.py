"""Notes, calls and meetings with a contact, and follow-ups."""

from datetime import date
from typing import ClassVar, Self

from django.conf import settings
from django.db import models
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from accounts.people.models import User
from crm.contacts.models import Contact


class Note(models.Model):
    """Something a colleague wrote down or did with a contact: a remark, a call, a meeting."""

    class Kind(models.TextChoices):
        NOTE = "note", _("Note")
        CALL = "call", _("Call")
        MEETING = "meeting", _("Meeting")

    contact = models.ForeignKey(Contact, models.CASCADE, related_name="notes")
    kind = models.CharField(max_length=8, choices=Kind.choices, default=Kind.NOTE)
    text = models.TextField(_("text"))
    author = models.ForeignKey(settings.AUTH_USER_MODEL, models.SET_NULL, null=True, related_name="+")
    at = models.DateTimeField(default=timezone.now)

    class Meta:
        ordering: ClassVar = ["-at", "-pk"]

    def __str__(self) -> str:
        return self.text[:60]


class FollowUpQuerySet(models.QuerySet["FollowUp"]):
    def visible_to(self, user: User) -> Self:
        """The office sees all, a salesperson their own about customers still on their list."""
        if not user.is_salesperson:
            return self
        return self.filter(
            owner=user, contact__minilist_memberships__owner=user, contact__minilist_memberships__until=None
        )

    def open(self) -> Self:
        return self.filter(done_at=None)

    def due(self, *, on: date) -> Self:
        """Put off until this day or before."""
        return self.filter(done_at=None, due_on__lte=on)


class FollowUp(models.Model):
    """A customer to contact on a day, and why. Open until done; one open row per customer and salesperson."""

    class Reason(models.TextChoices):
        LEAD = "lead", _("unanswered lead")
        BIRTHDAY = "birthday", _("birthday")
        AT_RISK = "at_risk", _("at risk of leaving")
        IDLE = "idle", _("no recent contact")
        PLANNED = "planned", _("follow-up due")

    contact = models.ForeignKey(Contact, models.CASCADE, related_name="follow_ups")
    owner = models.ForeignKey(settings.AUTH_USER_MODEL, models.CASCADE, related_name="follow_ups")
    due_on = models.DateField()
    reason = models.CharField(max_length=8, choices=Reason.choices)
    done_at = models.DateTimeField(null=True, blank=True)
    created_at = models.DateTimeField(auto_now_add=True)

    objects = FollowUpQuerySet.as_manager()

    class Meta:
        ordering: ClassVar = ["due_on", "pk"]
        constraints: ClassVar = [
            models.UniqueConstraint(
                fields=["contact", "owner"], condition=models.Q(done_at=None), name="followup_open_is_one"
            )
        ]
        indexes: ClassVar = [models.Index(fields=["owner", "done_at"], name="followup_by_owner")]

    def __str__(self) -> str:
        return f"{self.contact} {self.due_on}"
