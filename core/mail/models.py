"""One transactional mail on its way."""

from datetime import datetime
from typing import ClassVar, Self

from django.db import models
from django.utils import timezone


class TransactionalMailQuerySet(models.QuerySet["TransactionalMail"]):
    def due(self, *, at: datetime | None = None) -> Self:
        """Waiting, and their time has come."""
        return self.filter(state=TransactionalMail.State.WAITING, next_attempt_at__lte=at or timezone.now())

    def stuck(self, *, before: datetime) -> Self:
        """Claimed by a worker that never came back."""
        return self.filter(state=TransactionalMail.State.SENDING, next_attempt_at__lte=before)


class TransactionalMail(models.Model):
    """A mail with its template and the values that fill it, sent by the worker after commit and tried again while the
    mail server is away. `context` holds plain JSON values and is emptied once the mail is sent or given up: links
    in it may be secrets."""

    class State(models.TextChoices):
        WAITING = "waiting"
        SENDING = "sending"
        SENT = "sent"
        FAILED = "failed"

    template = models.CharField(max_length=60)
    to = models.CharField(max_length=254)
    language = models.CharField(max_length=5)
    context = models.JSONField(default=dict)
    state = models.CharField(max_length=8, choices=State.choices, default=State.WAITING)
    attempts = models.PositiveSmallIntegerField(default=0)
    next_attempt_at = models.DateTimeField(default=timezone.now)
    error = models.CharField(max_length=300, blank=True)
    created_at = models.DateTimeField(auto_now_add=True)
    sent_at = models.DateTimeField(null=True)

    objects = TransactionalMailQuerySet.as_manager()

    class Meta:
        app_label = "core"
        ordering: ClassVar = ["-pk"]
        indexes: ClassVar = [
            models.Index(
                fields=["next_attempt_at"],
                condition=models.Q(state__in=["waiting", "sending"]),
                name="transactional_mail_due",
            )
        ]

    def __str__(self) -> str:
        return f"{self.template} → {self.to} ({self.state})"
