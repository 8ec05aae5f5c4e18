"""Bounce mailboxes that need somebody: those that cannot be read."""

from collections.abc import Iterator
from datetime import timedelta

from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _

from accounts.access import is_marketer
from accounts.people.models import User
from core.ui.alerts import Alert, Urgency
from delivery.feedback.models import BounceMailbox

UNREAD_AFTER = timedelta(minutes=30)


def mailbox_alerts(user: User) -> Iterator[Alert]:
    """Bounce mailboxes that cannot be read, for those who may do something about them."""
    if not is_marketer(user):
        return
    long_ago = timezone.now() - UNREAD_AFTER
    for mailbox in BounceMailbox.objects.active().filter(failing_since__lt=long_ago)[:3]:
        title = _("The bounce mailbox “%(name)s” cannot be read") % {"name": mailbox.name}
        url = reverse("bounce_setup")
        yield Alert(title, mailbox.error, _("View mailbox"), url, Urgency.OVERDUE, "mailbox-off")
