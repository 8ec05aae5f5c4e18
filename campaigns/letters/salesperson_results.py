"""What came of letters, for a salesperson's own results."""

from datetime import datetime

from accounts.people.models import User
from campaigns.letters.models import Letter
from crm.activities.salesperson_results import ResultEvent
from delivery.sends.models import Delivery


def letters_delivered(user: User, begins_at: datetime, ends_at: datetime) -> list[ResultEvent]:
    """What the person wrote and the mail server took, one event a recipient."""
    sends = list(Letter.objects.filter(author=user).values_list("send", flat=True))
    sent = Delivery.objects.filter(
        send__in=sends, state=Delivery.State.SENT, changed_at__gte=begins_at, changed_at__lt=ends_at
    )
    return [ResultEvent(at, contact) for at, contact in sent.values_list("changed_at", "contact_id")]
