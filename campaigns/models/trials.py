"""Test messages: what a colleague gets to look at before anything is launched."""

from typing import ClassVar

from django.conf import settings
from django.db import models
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from campaigns.models.sends import Send
from crm.contacts.models import Contact


class Trial(models.Model):
    """One arm of a send as `contact` would get it (null: somebody of whom nothing is known), sent to one colleague.

    It goes the way a recipient's message goes, and stands in no ledger, figure, test or cap: its tokens name the trial
    where a recipient's name the contact (`campaigns.engine.trial`). `compiled` is the merge program of the moment it
    was asked for, so that its links work whatever is written later. `reply` is the last word of the mail server, or
    what went wrong.
    """

    class State(models.TextChoices):
        WAITING = "waiting", _("On its way")
        SENDING = "sending", _("Being handed over")
        SENT = "sent", _("Taken by the mail server")
        FAILED = "failed", _("Not sent")
        UNKNOWN = "unknown", _("Not known whether it left")

    send = models.ForeignKey(Send, models.CASCADE, related_name="trials")
    label = models.CharField(max_length=2)
    contact = models.ForeignKey(Contact, models.SET_NULL, null=True, related_name="+")
    address = models.CharField(max_length=254)
    compiled = models.BinaryField()
    state = models.CharField(max_length=8, choices=State.choices, default=State.WAITING)
    reply = models.CharField(max_length=300, blank=True)
    created_by = models.ForeignKey(settings.AUTH_USER_MODEL, models.SET_NULL, null=True, related_name="+")
    created_at = models.DateTimeField(default=timezone.now, db_index=True)

    class Meta:
        ordering: ClassVar = ["-pk"]

    def __str__(self) -> str:
        return f"{self.send_id}{self.label} {self.address}"

    @property
    def is_under_way(self) -> bool:
        """Neither taken nor refused yet."""
        return self.state in {self.State.WAITING, self.State.SENDING}
