"""Letters: what a salesperson writes to customers of their own list."""

from typing import TYPE_CHECKING, ClassVar, Self

from django.conf import settings
from django.db import models

from core.ids import public_id
from delivery.sends.models import Send, Variant

if TYPE_CHECKING:
    from accounts.people.models import User
from delivery.sends.models import sent_total


class LetterQuerySet(models.QuerySet["Letter"]):
    def visible_to(self, user: "User") -> Self:
        """Everybody's for the office, a salesperson's own for a salesperson."""
        return self.filter(author=user) if user.is_salesperson else self

    def with_figures(self) -> Self:
        """Each with its `subject`, `sent`, and its send with the `reactions` to it."""
        first = Variant.objects.filter(send=models.OuterRef("send_id"), label="A")
        return self.select_related("send__reactions", "author").annotate(
            subject=models.Subquery(first.values("subject")), sent=sent_total()
        )


class Letter(models.Model):
    """What a salesperson writes in the first person to customers of their own mini-list."""

    public_id = models.CharField(max_length=14, unique=True, default=public_id, editable=False)
    author = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, related_name="letters")
    send = models.OneToOneField(Send, models.PROTECT, related_name="letter")
    recipients = models.JSONField(default=list)
    created_at = models.DateTimeField(auto_now_add=True)
    updated_at = models.DateTimeField(auto_now=True)

    objects = LetterQuerySet.as_manager()

    class Meta:
        ordering: ClassVar = ["-pk"]

    def __str__(self) -> str:
        return str(self.author)
