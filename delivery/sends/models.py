"""A send: a frozen audience, its variants and links, the ledger with one row per recipient, and its test messages."""

from datetime import timedelta
from typing import ClassVar, Self

from django.conf import settings
from django.db import models
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from core.ids import public_id
from core.zones import validate_zone
from crm.consent.models import ConsentTopic
from crm.contacts.models import Contact
from delivery.senders.models import SendingIdentity


class SendQuerySet(models.QuerySet["Send"]):
    def due(self) -> Self:
        """Scheduled for now or earlier."""
        return self.filter(state=Send.State.SCHEDULED, scheduled_at__lte=timezone.now())

    def stale(self, grace: timedelta) -> Self:
        """Running, without a heartbeat of the engine for longer than `grace`: the system was off, or a backup was
        restored."""
        before = timezone.now() - grace
        sending = models.Q(state=Send.State.SENDING, heartbeat_at__lt=before)
        return self.filter(sending | models.Q(state=Send.State.FREEZING, launched_at__lt=before))


class Send(models.Model):
    """One mailing through the engine, by any author: a campaign, a salesperson's letter, an automation step.

    `channel` is how it leaves (`delivery.sends.channels`); `identity` is its sender where that is an e-mail sender.
    Its states and what leads from one to the next: `delivery.sends.states`. The audience is frozen at launch. A start
    that comes later than the company's grace allows (the system was off, a backup was restored) is `late`: it waits
    until a person starts it, gives it another time, or cancels it. So does a send that was checked again at its start
    and refused: it is `held`. `warning` is what was known and did not prevent the start. A send is finished only when
    the ledger's final states sum to `audience`.
    `failing_since` is when the mail server stopped taking messages; null while it takes them. `heartbeat_at` is the
    engine's last sign that it works on the send: without one for longer than the grace it is stopped.
    `ledger_purged_at` is when its ledger was purged by age; the sums stay in its batches and variants.
    `backup_taken_at` is when the backup was taken that brought an unfinished send back: contacts who were waiting then
    may have received it since. Null once a person decided about them (`delivery.sends.restored`).
    """

    class Kind(models.TextChoices):
        CAMPAIGN = "campaign", _("Campaign")
        LETTER = "letter", _("Letter")

    class State(models.TextChoices):
        DRAFT = "draft", _("Draft")
        SCHEDULED = "scheduled", _("Scheduled")
        LATE = "late", _("Late: decision needed")
        HELD = "held", _("Not started: decision needed")
        FREEZING = "freezing", _("Preparing the audience")
        SENDING = "sending", _("Sending")
        PAUSED = "paused", _("Paused")
        STOPPED = "stopped", _("Stopped automatically")
        FINISHED = "finished", _("Finished")
        CANCELLED = "cancelled", _("Cancelled")

    EMAIL = "email"

    public_id = models.CharField(max_length=14, unique=True, default=public_id, editable=False)
    kind = models.CharField(max_length=10, choices=Kind.choices)
    state = models.CharField(max_length=10, choices=State.choices, default=State.DRAFT, db_index=True)
    state_reason = models.CharField(max_length=300, blank=True)
    warning = models.CharField(max_length=500, blank=True, editable=False)
    channel = models.CharField(max_length=10, default=EMAIL, editable=False)
    identity = models.ForeignKey(
        SendingIdentity, models.PROTECT, null=True, related_name="sends", verbose_name=_("sender")
    )
    reply_address = models.EmailField(_("reply address"), blank=True)
    topic = models.ForeignKey(
        ConsentTopic, models.PROTECT, null=True, blank=True, related_name="sends", verbose_name=_("topic")
    )
    is_tracked = models.BooleanField(_("track opens and clicks per contact"), default=True)
    utm = models.JSONField(default=dict, blank=True)
    per_second = models.PositiveIntegerField(_("messages per second"), null=True, blank=True)
    scheduled_at = models.DateTimeField(_("send time"), null=True, blank=True)
    scheduled_zone = models.CharField(_("time zone"), max_length=60, blank=True, validators=[validate_zone])
    audience = models.PositiveIntegerField(null=True, editable=False)
    launched_at = models.DateTimeField(null=True)
    launched_by = models.ForeignKey(settings.AUTH_USER_MODEL, models.SET_NULL, null=True, related_name="+")
    finished_at = models.DateTimeField(null=True)
    failing_since = models.DateTimeField(null=True, editable=False)
    heartbeat_at = models.DateTimeField(null=True, editable=False)
    ledger_purged_at = models.DateTimeField(null=True, editable=False)
    backup_taken_at = models.DateTimeField(null=True, editable=False)
    created_by = models.ForeignKey(settings.AUTH_USER_MODEL, models.SET_NULL, null=True, related_name="+")
    created_at = models.DateTimeField(auto_now_add=True)
    revision = models.PositiveIntegerField(default=1, editable=False)

    objects = SendQuerySet.as_manager()

    class Meta:
        ordering: ClassVar = ["-pk"]
        constraints: ClassVar = [
            models.CheckConstraint(
                condition=~models.Q(channel="email") | models.Q(identity__isnull=False), name="email_has_an_identity"
            ),
        ]

    def __str__(self) -> str:
        return str(getattr(self, self.kind, self.public_id))

    @property
    def is_editable(self) -> bool:
        """Before launch everything may change, afterwards nothing but pausing, resuming and cancelling."""
        return self.state in {self.State.DRAFT, self.State.SCHEDULED}


class Variant(models.Model):
    """One arm of a send: what differs is subject, sender, content, offer or time. `weight` is its share.

    `compiled` is the merge program made once at launch (never a rendered copy per recipient). `kept_orders` says how
    many recipients bought, by days since they received it ({"7": 12}), once the ledger was purged.
    """

    send = models.ForeignKey(Send, models.CASCADE, related_name="variants")
    label = models.CharField(max_length=2)
    subject = models.CharField(_("subject"), max_length=250, blank=True)
    preheader = models.CharField(_("preview text"), max_length=250, blank=True)
    body = models.TextField(_("content"), blank=True, help_text=_("MJML, or Markdown in letters."))
    text = models.TextField(
        _("plain text"), blank=True, help_text=_("Leave empty to generate the text from the content.")
    )
    from_name = models.CharField(_("sender name"), max_length=80, blank=True)
    offer = models.CharField(_("offer"), max_length=200, blank=True)
    delay_minutes = models.PositiveIntegerField(_("delay (minutes)"), default=0)
    weight = models.PositiveSmallIntegerField(_("share"), default=50)
    compiled = models.BinaryField(null=True, editable=False)
    kept_orders = models.JSONField(default=dict, blank=True, editable=False)

    class Meta:
        ordering: ClassVar = ["label"]
        constraints: ClassVar = [models.UniqueConstraint(fields=["send", "label"], name="variant_label_is_one")]

    def __str__(self) -> str:
        return f"{self.send} · {self.label}"


class BatchQuerySet(models.QuerySet["Batch"]):
    def claimable(self) -> Self:
        """Waiting, and their time has come."""
        return self.filter(state=Batch.State.READY, due_at__lte=timezone.now())

    def claimed(self) -> Self:
        return self.filter(state=Batch.State.CLAIMED)


class Batch(models.Model):
    """Some hundreds of recipients of one arm: what a worker claims, and where the ledger is summed.

    The claim is committed before the first byte leaves. `owner` names the claiming process (and its journal file) on
    `host`; both are empty unless claimed. Until `begun` is committed nothing of the claim has left: a worker fetches
    the next batch while one is on the wire. A batch with deferred recipients is ready again at `due_at`.
    `summed_at` is when a worker last brought its counts up to date.
    Batch 0 holds those who were skipped when the audience was frozen; `skips` counts the skipped by reason.
    """

    class State(models.TextChoices):
        READY = "ready", _("Waiting")
        CLAIMED = "claimed", _("In progress")
        DONE = "done", _("Done")

    send = models.ForeignKey(Send, models.CASCADE, related_name="batches")
    number = models.IntegerField()
    variant_id = models.BigIntegerField(null=True)
    state = models.CharField(max_length=8, choices=State.choices, default=State.READY)
    due_at = models.DateTimeField(default=timezone.now)
    size = models.IntegerField()
    sent = models.IntegerField(default=0)
    failed = models.IntegerField(default=0)
    deferred = models.IntegerField(default=0)
    skipped = models.IntegerField(default=0)
    unknown = models.IntegerField(default=0)
    skips = models.JSONField(default=dict)
    owner = models.CharField(max_length=80, blank=True)
    host = models.CharField(max_length=32, blank=True)
    begun = models.BooleanField(default=True, db_default=True)
    heartbeat_at = models.DateTimeField(null=True)
    summed_at = models.DateTimeField(null=True)
    done_at = models.DateTimeField(null=True)

    objects = BatchQuerySet.as_manager()

    class Meta:
        ordering: ClassVar = ["send_id", "number"]
        constraints: ClassVar = [models.UniqueConstraint(fields=["send", "number"], name="batch_number_is_one")]
        indexes: ClassVar = [
            models.Index(fields=["send", "state", "due_at"], name="batch_to_claim"),
            models.Index(fields=["owner"], condition=models.Q(state="claimed"), name="batch_by_owner"),
        ]

    def __str__(self) -> str:
        return f"{self.send_id}#{self.number} {self.state}"


class DeliveryQuerySet(models.QuerySet["Delivery"]):
    def addressed(self, text: str) -> Self:
        """Whose address is `text`, or begins with it; found by its index."""
        return self.filter(address__startswith=text.strip().lower())


class Delivery(models.Model):
    """The ledger: what became of the message to one contact in one send.

    Exactly one row per (send, contact). `address` is what the envelope said; `batch` the unit that is claimed;
    `provider_id` the provider that answered last (null: the installation's own server).
    Unknown is honest: a worker died between the first byte and the server's answer. It is never re-sent by itself.
    Partitioned by send: large sends have a partition of their own, small ones share the default one. A row is updated
    in place (no index covers what changes), so a send costs one row version per recipient.
    """

    class State(models.TextChoices):
        PENDING = "pending", _("Waiting")
        DEFERRED = "deferred", _("Retry scheduled")
        SENT = "sent", _("Sent")
        FAILED = "failed", _("Failed")
        SKIPPED = "skipped", _("Skipped")
        UNKNOWN = "unknown", _("Unknown")

    FINAL = frozenset({State.SENT, State.FAILED, State.SKIPPED, State.UNKNOWN})

    class Skip(models.TextChoices):
        NO_ADDRESS = "no_address", _("No address")
        NO_CONSENT = "no_consent", _("No consent")
        SUPPRESSED = "suppressed", _("Suppressed")
        CAPPED = "capped", _("Frequency cap")
        DUPLICATE = "duplicate", _("Same address twice")
        CANCELLED = "cancelled", _("Campaign cancelled")

    pk = models.CompositePrimaryKey("send_id", "contact_id")
    send = models.ForeignKey(Send, models.DO_NOTHING, db_constraint=False, db_index=False, related_name="deliveries")
    contact_id = models.BigIntegerField()
    variant_id = models.BigIntegerField(null=True)
    batch = models.IntegerField()
    address = models.CharField(max_length=254, blank=True)
    state = models.CharField(max_length=8, choices=State.choices, default=State.PENDING)
    reason = models.CharField(max_length=12, blank=True)
    smtp_code = models.SmallIntegerField(null=True)
    provider_id = models.BigIntegerField(null=True)
    smtp_reply = models.CharField(max_length=200, blank=True)
    attempts = models.SmallIntegerField(default=0)
    next_attempt_at = models.DateTimeField(null=True)
    changed_at = models.DateTimeField(default=timezone.now)

    objects = DeliveryQuerySet.as_manager()

    class Meta:
        ordering: ClassVar = ["send_id", "contact_id"]
        indexes: ClassVar = [
            models.Index(fields=["send", "batch"], name="delivery_by_batch"),
            models.Index(fields=["contact_id"], name="delivery_by_contact"),
            models.Index(
                fields=["send", "address"], opclasses=["int8_ops", "varchar_pattern_ops"], name="delivery_by_address"
            ),
        ]

    def __str__(self) -> str:
        return f"{self.send_id}:{self.contact_id} {self.state}"


class TestMessage(models.Model):
    """One arm of a send as `contact` would get it (null: somebody of whom nothing is known), sent to one colleague.

    It goes the way a recipient's message goes, and stands in no ledger, figure, test or cap: its tokens name the test
    message where a recipient's name the contact (`delivery.engine.test_messages`). `compiled` is the merge program of
    the moment it was asked for, so that its links work whatever is written later. `reply` is the last
    word of the mail server, or what went wrong.
    """

    __test__ = False

    class State(models.TextChoices):
        WAITING = "waiting", _("On its way")
        SENDING = "sending", _("Sending now")
        SENT = "sent", _("Accepted by the mail server")
        FAILED = "failed", _("Not sent")
        UNKNOWN = "unknown", _("Result unknown")

    send = models.ForeignKey(Send, models.CASCADE, related_name="test_messages")
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


class Link(models.Model):
    """An address a variant links to. Only stored links are redirected to, so there is no open redirect.

    `position` counts over all arms of the send from 1. `url` may hold merge fields after its host; they are filled in
    for the contact who clicks.
    """

    send = models.ForeignKey(Send, models.CASCADE, related_name="links")
    variant = models.ForeignKey(Variant, models.CASCADE, related_name="links")
    position = models.PositiveSmallIntegerField()
    url = models.TextField()

    class Meta:
        ordering: ClassVar = ["variant_id", "position"]
        constraints: ClassVar = [models.UniqueConstraint(fields=["variant", "position"], name="link_position_is_one")]

    def __str__(self) -> str:
        return self.url[:80]


def sent_total() -> models.Subquery:
    """How many messages of `send` left, from its batches; null before there are any."""
    batches = Batch.objects.filter(send=models.OuterRef("send_id")).order_by().values("send")
    return models.Subquery(batches.annotate(total=models.Sum("sent")).values("total"))
