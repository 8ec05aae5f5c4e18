"""What happened after a message arrived: raw events, and what they add up to per recipient, link and send."""

from typing import ClassVar

from django.contrib.postgres.fields import ArrayField
from django.db import models
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from delivery.sends.models import Link, Send


class Event(models.Model):
    """One opening, click or unsubscription as it came in, machine or human. Append-only, partitioned by month,
    no foreign keys out. Contact 0 is nobody in particular: a click in a send that does not tell people apart."""

    class Kind(models.TextChoices):
        OPEN = "open", _("Opened")
        CLICK = "click", _("Clicked")
        UNSUBSCRIBE = "unsub", _("Unsubscribed")

    pk = models.CompositePrimaryKey("id", "at")
    id = models.BigIntegerField()
    at = models.DateTimeField()
    event_key = models.CharField(max_length=40)
    kind = models.CharField(max_length=6, choices=Kind.choices)
    send_id = models.BigIntegerField()
    contact_id = models.BigIntegerField()
    variant_id = models.BigIntegerField(null=True)
    link_id = models.BigIntegerField(null=True)
    user_agent = models.CharField(max_length=200, blank=True)
    machine = models.CharField(max_length=20, blank=True)

    class Meta:
        constraints: ClassVar = [models.UniqueConstraint(fields=["event_key", "at"], name="event_happened_once")]
        indexes: ClassVar = [models.Index(fields=["send_id", "contact_id"], name="event_by_recipient")]

    def __str__(self) -> str:
        return f"{self.kind} {self.send_id}:{self.contact_id}"


class EventInbox(models.Model):
    """Events that came while Redis was away, until the collector moves them to the event table."""

    event_key = models.CharField(max_length=40, unique=True)
    entry = models.TextField()

    def __str__(self) -> str:
        return self.event_key


class LinkTally(models.Model):
    """The clicks on one link whose events were purged with their month."""

    link = models.OneToOneField(Link, models.CASCADE, primary_key=True, related_name="tally")
    clicks = models.IntegerField(default=0)
    human_clicks = models.IntegerField(default=0)

    def __str__(self) -> str:
        return f"{self.link_id}: {self.clicks}"


class Engagement(models.Model):
    """What one recipient did with one send, rolled up from events: counts raw and human, the links (their keys) a human
    clicked, first human times. The `kept_` values are the part whose events were purged with their month."""

    pk = models.CompositePrimaryKey("send_id", "contact_id")
    send_id = models.BigIntegerField()
    contact_id = models.BigIntegerField()
    variant_id = models.BigIntegerField(null=True)
    opens = models.IntegerField(default=0)
    clicks = models.IntegerField(default=0)
    human_opens = models.IntegerField(default=0)
    human_clicks = models.IntegerField(default=0)
    links = ArrayField(models.BigIntegerField(), default=list)
    first_open_at = models.DateTimeField(null=True)
    first_click_at = models.DateTimeField(null=True)
    unsubscribed_at = models.DateTimeField(null=True)
    updated_at = models.DateTimeField(default=timezone.now)
    kept_opens = models.IntegerField(default=0)
    kept_clicks = models.IntegerField(default=0)
    kept_human_opens = models.IntegerField(default=0)
    kept_human_clicks = models.IntegerField(default=0)
    kept_links = ArrayField(models.BigIntegerField(), default=list)

    class Meta:
        indexes: ClassVar = [models.Index(fields=["contact_id"], name="engagement_by_contact")]

    def __str__(self) -> str:
        return f"{self.send_id}:{self.contact_id}"


class Reactions(models.Model):
    """How many recipients of a send opened it, clicked, left: people, not machines, each once.

    The database keeps them itself, with every change of an `Engagement` (a trigger): a list of campaigns reads one row
    per send and can be sorted by it, and no writer can forget them. No row yet means that nobody reacted.
    """

    send = models.OneToOneField(
        Send, models.DO_NOTHING, primary_key=True, db_constraint=False, related_name="reactions"
    )
    opened = models.IntegerField(default=0)
    clicked = models.IntegerField(default=0)
    unsubscribed = models.IntegerField(default=0)

    def __str__(self) -> str:
        return f"{self.send_id}: {self.opened}, {self.clicked}, {self.unsubscribed}"
