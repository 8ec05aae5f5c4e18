"""Work in the background that a person waits for, and what the interface remembers of each person."""

from typing import Any, Self

from django.db import models
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from core.ids import public_id
from core.mail.models import TransactionalMail

__all__ = ["Job", "JobQuerySet", "TransactionalMail"]


class JobQuerySet(models.QuerySet["Job"]):
    def visible_to(self, user_id: int) -> Self:
        """Jobs this person started."""
        return self.filter(actor_id=user_id)

    def running(self) -> Self:
        return self.filter(state__in=[Job.State.WAITING, Job.State.RUNNING])


class Job(models.Model):
    """One long piece of work (an import, a scoring, an export) with its progress and its outcome.

    `total` and `done` count units that mean something to the person (rows, customers); `result` is the JSON summary
    the same command prints; `error` a sentence when it failed. `actor_id` is the accounts user who asked, or null for
    the schedule (core stands below accounts, so it keeps the number only).
    """

    class State(models.TextChoices):
        WAITING = "waiting", _("Waiting")
        RUNNING = "running", _("Running")
        DONE = "done", _("Done")
        FAILED = "failed", _("Failed")
        CANCELLED = "cancelled", pgettext_lazy("job", "Cancelled")

    public_id = models.CharField(max_length=14, unique=True, default=public_id, editable=False)
    kind = models.CharField(max_length=40)
    label = models.CharField(max_length=200, blank=True)
    state = models.CharField(max_length=10, choices=State.choices, default=State.WAITING)
    actor_id = models.BigIntegerField(null=True, db_index=True)
    parameters = models.JSONField(default=dict)
    total = models.BigIntegerField(default=0)
    done = models.BigIntegerField(default=0)
    step = models.CharField(max_length=120, blank=True)
    result = models.JSONField(default=dict)
    error = models.TextField(blank=True)
    created_at = models.DateTimeField(auto_now_add=True)
    started_at = models.DateTimeField(null=True)
    heartbeat_at = models.DateTimeField(null=True)
    finished_at = models.DateTimeField(null=True)

    objects = JobQuerySet.as_manager()

    class Meta:
        ordering = ["-created_at"]
        indexes = [models.Index(fields=["kind", "-created_at"], name="job_by_kind")]

    def __str__(self) -> str:
        return f"{self.kind} {self.public_id} ({self.state})"

    @property
    def is_finished(self) -> bool:
        return self.state in {self.State.DONE, self.State.FAILED, self.State.CANCELLED}

    @property
    def percent(self) -> int | None:
        """0 to 100, or None while the total is not known."""
        return min(100, self.done * 100 // self.total) if self.total else None


class PreferenceQuerySet(models.QuerySet["Preference"]):
    def value(self, user_id: int | None, key: str) -> Any:
        """What was kept under `key` for this person; None before anything was."""
        return self.filter(user_id=user_id, key=key).values_list("value", flat=True).first() if user_id else None


class Preference(models.Model):
    """One thing the interface remembers of a person, such as the columns of a table (`columns:contacts`).

    `user_id` is the accounts user (core stands below accounts).
    """

    user_id = models.BigIntegerField()
    key = models.CharField(max_length=80)
    value = models.JSONField()

    objects = PreferenceQuerySet.as_manager()

    class Meta:
        constraints = [models.UniqueConstraint(fields=["user_id", "key"], name="preference_unique")]

    def __str__(self) -> str:
        return f"{self.user_id} {self.key}"
