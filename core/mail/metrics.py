"""Figures about transactional mail, for the monitoring."""

from collections.abc import Iterator

from django.db.models import Count

from core.mail.models import TransactionalMail
from core.metrics import Metric


def transactional_mail_metrics() -> Iterator[Metric]:
    """Invitations, password resets and alerts that have not left, and those given up."""
    mails = TransactionalMail.objects.order_by().exclude(state=TransactionalMail.State.SENT)
    found = dict(mails.values_list("state").annotate(Count("pk")))
    states = [TransactionalMail.State.WAITING, TransactionalMail.State.SENDING, TransactionalMail.State.FAILED]
    yield Metric(
        "cauce_transactional_mails",
        "Transactional mails that were not sent, by state.",
        {(state.value,): found.get(state, 0) for state in states},
        labels=("state",),
    )
