"""What a contact chose to receive, and the mails by which they unsubscribed."""

from django.db import models
from django.utils import timezone

from crm.contacts.models import Contact
from delivery.sends.models import Send


class MailPreference(models.Model):
    """What a contact chose on the preference page: at most `per_month` messages in thirty days.

    The company's own limits hold as well; the stricter wins.
    """

    contact = models.OneToOneField(Contact, models.CASCADE, primary_key=True, related_name="mail_preference")
    per_month = models.PositiveSmallIntegerField(null=True, blank=True)
    updated_at = models.DateTimeField(auto_now=True)

    def __str__(self) -> str:
        return f"{self.contact_id}: {self.per_month}"


class UnsubscribeMail(models.Model):
    """A mail by which somebody asked to be taken off, kept so that it counts once however often its mailbox is read."""

    event_key = models.CharField(max_length=80, unique=True)
    send = models.ForeignKey(Send, models.CASCADE, related_name="+")
    contact = models.ForeignKey(Contact, models.SET_NULL, null=True, related_name="+")
    at = models.DateTimeField(default=timezone.now)

    def __str__(self) -> str:
        return self.event_key
