"""What comes back after a message was sent: bounces, complaints, and the sources that report them."""

from decimal import Decimal
from typing import ClassVar, Self

from django.core.validators import MaxValueValidator, MinValueValidator
from django.db import models
from django.utils import timezone
from django.utils.crypto import get_random_string
from django.utils.translation import gettext_lazy as _

from accounts.people.models import User
from core.ids import public_id
from core.secrets import secret_seal
from crm.contacts.models import Contact
from delivery.senders.models import SendingIdentity
from delivery.sends.models import Send


class BounceQuerySet(models.QuerySet["Bounce"]):
    def visible_to(self, user: User) -> Self:
        """The office sees every bounce; salespeople see what came back on the timelines of their customers."""
        return self.none() if user.is_salesperson else self

    def of_send(self, send_id: int) -> Self:
        return self.filter(send_id=send_id)

    def of_address(self, address_hash: str) -> Self:
        return self.filter(address_hash=address_hash)


class Bounce(models.Model):
    """One report that a message did not arrive, or was not wanted, as it came in. Append-only.

    It stands beside the ledger and changes nothing there: "sent" says what the mail server answered, a bounce what was
    heard afterwards. `event_key` makes a report that is delivered twice one event. `send` and `contact` are null where
    the report does not say enough; it is kept and shown all the same. `code` is the enhanced status (RFC 3463).
    """

    class Kind(models.TextChoices):
        HARD = "hard", _("Hard bounce")
        SOFT = "soft", _("Soft bounce")
        BLOCK = "block", _("Rejected as spam")
        COMPLAINT = "complaint", _("Complaint")

    class Source(models.TextChoices):
        SMTP = "smtp", _("Mail server reply")
        MAILBOX = "mailbox", _("Bounce mailbox")
        WEBHOOK = "webhook", _("Provider")

    event_key = models.CharField(max_length=80, unique=True)
    at = models.DateTimeField(_("when"), default=timezone.now)
    received_at = models.DateTimeField(auto_now_add=True)
    kind = models.CharField(_("kind"), max_length=9, choices=Kind.choices)
    source = models.CharField(_("reported by"), max_length=7, choices=Source.choices)
    origin = models.CharField(max_length=80, blank=True)
    address = models.CharField(_("address"), max_length=254, blank=True)
    address_hash = models.CharField(max_length=64, blank=True)
    code = models.CharField(_("code"), max_length=12, blank=True)
    diagnostic = models.CharField(_("mail server reply"), max_length=500, blank=True)
    raw = models.TextField(blank=True)
    send = models.ForeignKey(
        Send, models.SET_NULL, null=True, related_name="bounces", verbose_name=_("campaign or letter")
    )
    contact = models.ForeignKey(Contact, models.SET_NULL, null=True, related_name="bounces", verbose_name=_("contact"))
    variant_id = models.BigIntegerField(null=True)
    matched_by = models.CharField(max_length=10, blank=True)
    suppressed = models.BooleanField(_("address suppressed"), default=False)

    objects = BounceQuerySet.as_manager()

    class Meta:
        ordering: ClassVar = ["-at", "-pk"]
        indexes: ClassVar = [
            models.Index(fields=["send", "kind", "contact"], name="bounce_by_send"),
            models.Index(fields=["address_hash", "-at"], name="bounce_by_address"),
            models.Index(fields=["-at", "-id"], name="bounce_newest"),
        ]

    def __str__(self) -> str:
        return f"{self.kind} {self.code} {self.address}".strip()


class FeedbackRule(models.Model):
    """When soft bounces count as a dead address, and when what comes back warns or stops a campaign.

    There is one row, with key 1. Rates are percent of the messages attempted. Nothing is evaluated below the least
    number of events, so that one in twenty stops no send.
    """

    soft_bounces = models.PositiveSmallIntegerField(
        _("soft bounces in a row"), default=3, validators=[MinValueValidator(1), MaxValueValidator(20)]
    )
    soft_days = models.PositiveSmallIntegerField(
        _("period (days)"), default=30, validators=[MinValueValidator(1), MaxValueValidator(365)]
    )
    complaint_warn = models.DecimalField(
        _("warning: complaint rate (%)"), max_digits=5, decimal_places=2, default=Decimal("0.10")
    )
    complaint_stop = models.DecimalField(
        _("stop: complaint rate (%)"), max_digits=5, decimal_places=2, default=Decimal("0.30")
    )
    complaint_least = models.PositiveSmallIntegerField(
        _("minimum number of complaints"), default=3, validators=[MinValueValidator(1)]
    )
    bounce_warn = models.DecimalField(
        _("warning: hard bounce rate (%)"), max_digits=5, decimal_places=2, default=Decimal("5.00")
    )
    bounce_stop = models.DecimalField(
        _("stop: hard bounce rate (%)"), max_digits=5, decimal_places=2, default=Decimal("10.00")
    )
    bounce_least = models.PositiveSmallIntegerField(
        _("minimum number of hard bounces"), default=10, validators=[MinValueValidator(1)]
    )
    updated_at = models.DateTimeField(auto_now=True)

    class Meta:
        constraints: ClassVar = [models.CheckConstraint(condition=models.Q(pk=1), name="feedback_rule_is_one")]

    def __str__(self) -> str:
        return f"{self.soft_bounces} / {self.soft_days}"

    @classmethod
    def get(cls) -> "FeedbackRule":
        """The rule in force; unsaved defaults before anyone has set it."""
        return cls.objects.filter(pk=1).first() or cls(pk=1)


class FeedbackAlarmQuerySet(models.QuerySet["FeedbackAlarm"]):
    def stops(self) -> Self:
        return self.filter(level=FeedbackAlarm.Level.STOP)


class FeedbackAlarm(models.Model):
    """A send's complaints or hard bounces passed a limit: `count` of `base` messages, at that moment. Append-only.

    A person may go on after a stop; the send is stopped again only when as many more have come in as make an alarm.
    """

    class Measure(models.TextChoices):
        COMPLAINT = "complaint", _("Complaints")
        BOUNCE = "bounce", _("Hard bounces")

    class Level(models.TextChoices):
        WARN = "warn", _("Warning")
        STOP = "stop", _("Automatic stop")

    send = models.ForeignKey(Send, models.CASCADE, related_name="alarms")
    measure = models.CharField(max_length=9, choices=Measure.choices)
    level = models.CharField(max_length=4, choices=Level.choices)
    count = models.PositiveIntegerField()
    base = models.PositiveIntegerField()
    at = models.DateTimeField(default=timezone.now)

    objects = FeedbackAlarmQuerySet.as_manager()

    class Meta:
        ordering: ClassVar = ["-at", "-pk"]
        constraints: ClassVar = [
            models.UniqueConstraint(fields=["send", "measure", "level", "count"], name="feedback_alarm_is_one")
        ]

    def __str__(self) -> str:
        return f"{self.send_id} {self.measure} {self.level}"

    @property
    def rate(self) -> float:
        """Share of the messages attempted, between 0 and 1."""
        return self.count / self.base if self.base else 0.0


class BounceMailboxQuerySet(models.QuerySet["BounceMailbox"]):
    def active(self) -> Self:
        return self.filter(archived_at=None)

    def read_for(self, identity: SendingIdentity) -> Self:
        """Those in use that were read before and hold what returns to this sender."""
        return self.active().exclude(polled_at=None).filter(models.Q(identity=identity) | models.Q(identity=None))


class BounceMailbox(models.Model):
    """An IMAP mailbox that bounces and complaint reports arrive in, of one sender or (null) of the whole company.

    `uid_validity` and `last_uid` say how far it was read. What is understood is moved to `done_folder` (empty: marked
    as read where it is); what is not stays where it is, unread, and is counted. `failing_since` is when it stopped
    answering, null while all is well. `password` is sealed (`core.secrets`).
    """

    class Security(models.TextChoices):
        TLS = "tls", _("TLS")
        STARTTLS = "starttls", _("STARTTLS")
        NONE = "none", _("None (only on this machine)")

    name = models.CharField(_("name"), max_length=80, unique=True)
    identity = models.ForeignKey(
        SendingIdentity, models.SET_NULL, null=True, blank=True, related_name="mailboxes", verbose_name=_("sender")
    )
    host = models.CharField(_("server"), max_length=200)
    port = models.PositiveIntegerField(
        _("port"), default=993, validators=[MinValueValidator(1), MaxValueValidator(65535)]
    )
    security = models.CharField(_("encryption"), max_length=8, choices=Security.choices, default=Security.TLS)
    username = models.CharField(_("user"), max_length=200)
    password = models.CharField(max_length=1000)
    folder = models.CharField(_("folder"), max_length=200, default="INBOX")
    done_folder = models.CharField(_("folder for processed messages"), max_length=200, blank=True)
    uid_validity = models.BigIntegerField(null=True, editable=False)
    last_uid = models.BigIntegerField(default=0, editable=False)
    polled_at = models.DateTimeField(null=True, editable=False)
    failing_since = models.DateTimeField(null=True, editable=False)
    error = models.CharField(max_length=300, blank=True, editable=False)
    seen = models.PositiveBigIntegerField(default=0, editable=False)
    recorded = models.PositiveBigIntegerField(default=0, editable=False)
    ignored = models.PositiveBigIntegerField(default=0, editable=False)
    left = models.PositiveBigIntegerField(default=0, editable=False)
    unsubscribed = models.PositiveBigIntegerField(default=0, editable=False)
    archived_at = models.DateTimeField(null=True, blank=True)
    created_at = models.DateTimeField(auto_now_add=True)

    objects = BounceMailboxQuerySet.as_manager()

    class Meta:
        ordering: ClassVar = ["pk"]

    def __str__(self) -> str:
        return self.name


def webhook_password() -> str:
    """A new password, sealed."""
    return secret_seal(get_random_string(32))


class ProviderWebhookQuerySet(models.QuerySet["ProviderWebhook"]):
    def active(self) -> Self:
        return self.filter(archived_at=None)


class ProviderWebhook(models.Model):
    """An address of ours to which a mail provider reports bounces and complaints.

    `secret` is what the provider signs with (Mailgun's signing key, SendGrid's public key, Resend's secret, the topic's
    ARN for Amazon SES …); while it is empty nothing such a provider says is taken. Providers that do not sign show
    `password` by HTTP basic authentication. Both are sealed (`core.secrets`).
    """

    class Provider(models.TextChoices):
        SES = "ses", "Amazon SES"
        BREVO = "brevo", "Brevo"
        MAILERSEND = "mailersend", "MailerSend"
        MAILGUN = "mailgun", "Mailgun"
        MAILJET = "mailjet", "Mailjet"
        MAILTRAP = "mailtrap", "Mailtrap"
        MANDRILL = "mandrill", "Mandrill"
        POSTAL = "postal", "Postal"
        POSTMARK = "postmark", "Postmark"
        RESEND = "resend", "Resend"
        SENDGRID = "sendgrid", "SendGrid"
        SPARKPOST = "sparkpost", "SparkPost"

    # They show their key only once they have been given the address.
    KEY_COMES_LATER: ClassVar = frozenset(
        {Provider.MAILERSEND, Provider.MAILTRAP, Provider.MANDRILL, Provider.RESEND, Provider.SENDGRID}
    )

    public_id = models.CharField(max_length=14, unique=True, default=public_id, editable=False)
    provider = models.CharField(_("provider"), max_length=10, choices=Provider.choices)
    secret = models.CharField(max_length=2000, blank=True)
    password = models.CharField(max_length=300, default=webhook_password, editable=False)
    received = models.PositiveBigIntegerField(default=0, editable=False)
    refused = models.PositiveBigIntegerField(default=0, editable=False)
    received_at = models.DateTimeField(null=True, editable=False)
    refused_at = models.DateTimeField(null=True, editable=False)
    archived_at = models.DateTimeField(null=True, blank=True)
    created_at = models.DateTimeField(auto_now_add=True)

    objects = ProviderWebhookQuerySet.as_manager()

    class Meta:
        ordering: ClassVar = ["pk"]

    def __str__(self) -> str:
        return str(self.get_provider_display())

    @property
    def awaits_key(self) -> bool:
        """It has an address, and its key has not been given yet: everything it says is refused until then."""
        return not self.secret and self.provider in self.KEY_COMES_LATER
