"""Setting the demo company's mailings back to when they happened."""

from datetime import datetime, timedelta

from django.db import models
from django.db.models import ExpressionWrapper, F, Max, OuterRef, QuerySet, Subquery, Value
from django.db.models.expressions import CombinedExpression
from django.db.models.functions import Greatest

from campaigns.campaigns.models import Campaign
from campaigns.letters.models import Letter
from crm.activities.models import Note
from crm.consent.models import Suppression
from crm.contacts.models import Contact
from delivery.feedback.models import Bounce
from delivery.sends.models import Batch, Delivery, Send

PACE = timedelta(seconds=4)  # a batch
TOOK = timedelta(minutes=3)  # a send
BEFORE = timedelta(days=3)  # it was written


def send_backdate(*, send: Send, at: datetime) -> None:
    """A finished send and all that came of it, as if it had been launched at `at`."""
    end, written = at + TOOK, at - BEFORE
    Delivery.objects.filter(send=send).update(changed_at=_paced(at, "batch"))
    Batch.objects.filter(send=send).update(due_at=at, done_at=_paced(at, "number"))
    Send.objects.filter(pk=send.pk).update(created_at=written, launched_at=at, finished_at=end)
    Campaign.objects.filter(send=send).update(created_at=written, updated_at=at)
    Letter.objects.filter(send=send).update(created_at=written, updated_at=at)
    bounces = Bounce.objects.filter(send=send)
    bounces.update(at=end, received_at=end)
    sources = [f"bounce:{pk}" for pk in bounces.values_list("pk", flat=True)]
    Suppression.objects.filter(source__in=sources).update(at=end)


def last_contacted_backdate() -> None:
    """Each contact was last contacted by the newest message they got, or by a colleague after that."""
    sent = Delivery.objects.filter(contact_id=OuterRef("pk"), state=Delivery.State.SENT)
    met = Note.objects.filter(contact_id=OuterRef("pk")).exclude(kind=Note.Kind.NOTE)
    newest = Greatest(_newest(sent, "changed_at"), _newest(met, "at"))  # of nothing and a moment, the moment
    Contact.objects.update(last_contacted_at=newest)


def _paced(at: datetime, number: str) -> "ExpressionWrapper[CombinedExpression]":
    passed = ExpressionWrapper(F(number) * Value(PACE), output_field=models.DurationField())
    return ExpressionWrapper(Value(at) + passed, output_field=models.DateTimeField())


def _newest(rows: "QuerySet[Delivery] | QuerySet[Note]", column: str) -> Subquery:
    return Subquery(rows.order_by().values("contact_id").annotate(newest=Max(column)).values("newest"))
