"""Figures about sending, for the monitoring."""

from collections.abc import Iterator

from django.db.models import Count, Min, Sum
from django.utils import timezone

from core.metrics import Metric
from delivery.sends.models import Batch, Send


def send_metrics() -> Iterator[Metric]:
    """The ledger by state, from the sums its batches keep; sends by state; and how late the first batch to send is."""
    final = ("sent", "failed", "skipped", "unknown")
    sums = Batch.objects.aggregate(
        size=Sum("size", default=0), **{name: Sum(name, default=0) for name in (*final, "deferred")}
    )
    rest = sums["size"] - sum(sums[name] for name in (*final, "deferred"))
    yield Metric(
        "cauce_deliveries",
        "Messages to single recipients by state of the ledger. Unknown ones wait for a person's decision.",
        {("pending",): rest, **{(name,): sums[name] for name in ("deferred", *final)}},
        labels=("state",),
    )
    yield Metric(
        "cauce_messages_sent_total",
        "Messages that a mail server took. Its rate is the send rate: rate(cauce_messages_sent_total[1m]).",
        {(): sums["sent"]},
        is_counter=True,
    )
    found = dict(Send.objects.order_by().values_list("state").annotate(Count("pk")))
    yield Metric(
        "cauce_sends",
        "Sends by state. Stopped, late and held ones wait for a person's decision.",
        {(state.value,): found.get(state, 0) for state in Send.State},
        labels=("state",),
    )
    due = Batch.objects.claimable().filter(send__state=Send.State.SENDING).aggregate(at=Min("due_at"))["at"]
    yield Metric(
        "cauce_send_wait_seconds",
        "Seconds for which the batch that waits longest could have been sent; 0 when none waits.",
        {(): (timezone.now() - due).total_seconds() if due else 0.0},
    )
