"""The person: name, address, numbers in other systems, stage, and the salesperson in charge."""

from datetime import datetime, timedelta
from typing import TYPE_CHECKING, ClassVar, Self

from django.conf import settings
from django.contrib.postgres.fields import ArrayField
from django.contrib.postgres.indexes import GinIndex, OpClass
from django.db import models
from django.db.models.functions import Upper
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from core.ids import public_id
from core.zones import validate_zone
from crm.channels.models import Channel

if TYPE_CHECKING:
    from accounts.people.models import User


MAX_NUMBER_MATCHES = 100  # how many systems can use one number


def _words_in(text: str, *fields: str) -> models.Q:
    """Every word of `text` somewhere in a field; one or two letters only where a word begins: no index finds them
    elsewhere."""
    said = models.Q()
    for word in text.split():
        found = models.Q()
        for field in fields:
            if len(word) > 2:
                found |= models.Q(**{f"{field}__icontains": word})
            else:
                found |= models.Q(**{f"{field}__istartswith": word}) | models.Q(**{f"{field}__icontains": f" {word}"})
        said &= found
    return said


class ContactQuerySet(models.QuerySet["Contact"]):
    def visible_to(self, user: "User") -> Self:
        """Everyone's contacts for the office; for a salesperson those on their own mini-list today."""
        if not user.is_salesperson:
            return self
        return self.filter(minilist_memberships__owner=user, minilist_memberships__until=None)

    def active(self) -> Self:
        return self.filter(archived_at=None)

    def reachable(self) -> Self:
        """Have an address at all; consent, suppression and caps are decided at the send."""
        return self.filter(archived_at=None).exclude(email_normalized=None)

    def customers(self) -> Self:
        """Have at least one order."""
        return self.exclude(first_order_at=None)

    def named(self, text: str) -> Self:
        """Every word of `text` in their first or last name."""
        return self.filter(_words_in(text, "first_name", "last_name"))

    def with_phone(self, normalized: str) -> Self:
        """Have this number (E.164); nobody for an empty one."""
        return self.filter(phone_normalized=normalized).exclude(phone_normalized="")

    def found_by(self, text: str) -> Self:
        """Every word in a name, the address or the phone, or the whole text as their number in another system."""
        numbered = ContactIdentity.objects.filter(external_id__iexact=text.strip()).values_list("contact_id", flat=True)
        said = _words_in(text, "first_name", "last_name", "email", "phone")
        # Looked up beforehand: beside a subquery the words would be looked for in every contact.
        return self.filter(said | models.Q(pk__in=list(numbered[:MAX_NUMBER_MATCHES])))

    def idle_for(self, *, days: int, at: datetime | None = None) -> Self:
        """Nobody has contacted them for `days` days (or ever)."""
        before = (at or timezone.now()) - timedelta(days=days)
        return self.filter(models.Q(last_contacted_at=None) | models.Q(last_contacted_at__lt=before))


class Contact(models.Model):
    """A person the company knows. The e-mail may be missing: a shop's order file often has only a number.

    `email` is as typed, `email_normalized` (NFC, lower case, IDNA) tells people apart, `address_hash` meets the
    suppression list; `phone` is as typed, `phone_normalized` (E.164; empty for what is no number) is what numbers are
    compared by. Services set them together. `number` is their first number in another system (an identity),
    by which they are called when there is nothing else. The order figures are derived
    from the orders by `crm.sales.services` and are in the company's currency.
    """

    class Sex(models.TextChoices):
        FEMALE = "f", _("Female")
        MALE = "m", _("Male")
        OTHER = "x", _("Other")

    class Stage(models.TextChoices):
        SUBSCRIBER = "subscriber", _("Subscriber")
        LEAD = "lead", _("Lead")
        QUALIFIED = "qualified", _("Qualified lead")
        OPPORTUNITY = "opportunity", _("Opportunity")
        CUSTOMER = "customer", _("Customer")
        REPEAT = "repeat", _("Repeat customer")
        PROMOTER = "promoter", _("Promoter")
        AT_RISK = "at_risk", _("At risk")
        LOST = "lost", _("Lost")

    public_id = models.CharField(max_length=14, unique=True, default=public_id, editable=False)
    number = models.CharField(_("number"), max_length=120, blank=True, db_default="", default="", editable=False)
    email = models.CharField(_("e-mail"), max_length=254, blank=True)
    email_normalized = models.CharField(max_length=254, null=True, unique=True, editable=False)
    address_hash = models.CharField(max_length=64, null=True, db_index=True, editable=False)
    first_name = models.CharField(_("first name"), max_length=100, blank=True)
    last_name = models.CharField(_("last name"), max_length=100, blank=True)
    phone = models.CharField(_("phone"), max_length=40, blank=True)
    phone_normalized = models.CharField(max_length=16, blank=True, db_default="", default="", editable=False)
    sex = models.CharField(_("sex"), max_length=1, choices=Sex.choices, blank=True)
    birth_date = models.DateField(_("date of birth"), null=True, blank=True)
    city = models.CharField(_("city"), max_length=100, blank=True)
    region = models.CharField(_("region"), max_length=100, blank=True)
    country = models.CharField(_("country"), max_length=60, blank=True)
    profession = models.CharField(_("profession"), max_length=100, blank=True)
    tastes = ArrayField(models.CharField(max_length=60), verbose_name=_("tastes"), default=list, blank=True)
    looking_for = models.CharField(_("looking for"), max_length=300, blank=True)
    aspirations = models.CharField(_("aspirations"), max_length=300, blank=True)
    language = models.CharField(_("language"), max_length=5, blank=True)
    time_zone = models.CharField(_("time zone"), max_length=60, blank=True, validators=[validate_zone])
    attributes = models.JSONField(default=dict, blank=True)
    stage = models.CharField(_("stage"), max_length=12, choices=Stage.choices, default=Stage.SUBSCRIBER)
    stage_since = models.DateTimeField(default=timezone.now)
    channel = models.ForeignKey(
        Channel, models.PROTECT, null=True, blank=True, related_name="contacts", verbose_name=_("source channel"),
        db_index=False,
    )  # fmt: skip
    first_order_at = models.DateTimeField(null=True, editable=False)
    last_order_at = models.DateTimeField(null=True, editable=False)
    order_count = models.PositiveIntegerField(default=0, editable=False)
    gross_total = models.DecimalField(max_digits=14, decimal_places=2, default=0, editable=False)
    net_total = models.DecimalField(max_digits=14, decimal_places=2, default=0, editable=False)
    last_contacted_at = models.DateTimeField(null=True, editable=False)
    archived_at = models.DateTimeField(null=True, blank=True)
    created_at = models.DateTimeField(default=timezone.now)
    updated_at = models.DateTimeField(auto_now=True)

    objects = ContactQuerySet.as_manager()

    class Meta:
        ordering: ClassVar = ["-pk"]
        indexes: ClassVar = [
            models.Index(fields=["first_order_at"], name="contact_by_first_order"),
            # The list of contacts, as it opens and narrowed. What a send changes is in none of these.
            models.Index(fields=["last_order_at", "id"], name="contact_by_last_order"),
            models.Index(fields=["stage", "last_order_at", "id"], name="contact_by_stage"),
            models.Index(fields=["channel", "last_order_at", "id"], name="contact_by_channel"),
            models.Index(fields=["country", "last_order_at", "id"], name="contact_by_country"),
            models.Index(
                fields=["archived_at"], condition=models.Q(archived_at__isnull=False), name="contact_put_away"
            ),
            models.Index(fields=["last_name", "id"], name="contact_by_name"),
            GinIndex(
                OpClass(Upper("first_name"), name="gin_trgm_ops"),
                OpClass(Upper("last_name"), name="gin_trgm_ops"),
                OpClass(Upper("email"), name="gin_trgm_ops"),
                name="contact_search",
            ),
            GinIndex(OpClass(Upper("phone"), name="gin_trgm_ops"), name="contact_phone_search"),
            models.Index(
                fields=["phone_normalized"], condition=~models.Q(phone_normalized=""), name="contact_by_phone"
            ),
        ]

    def __str__(self) -> str:
        return self.name

    @property
    def name(self) -> str:
        """How to call them on a screen: name, else address, else number, else phone."""
        known = f"{self.first_name} {self.last_name}".strip() or self.email
        return known or (f"#{self.number}" if self.number else self.phone or f"#{self.public_id}")


class ContactIdentity(models.Model):
    """A contact's number in another system (`shop` 17850). Unique per source, so a re-import finds the same person."""

    contact = models.ForeignKey(Contact, models.CASCADE, related_name="identities")
    source = models.CharField(max_length=40)
    external_id = models.CharField(max_length=120)
    created_at = models.DateTimeField(auto_now_add=True)

    class Meta:
        constraints: ClassVar = [
            models.UniqueConstraint(fields=["source", "external_id"], name="identity_is_one_contact")
        ]
        indexes: ClassVar = [models.Index(Upper("external_id"), name="identity_by_number")]

    def __str__(self) -> str:
        return f"{self.source}:{self.external_id}"


class StageChange(models.Model):
    """A step in a contact's life cycle, with its cause. Append-only."""

    contact = models.ForeignKey(Contact, models.CASCADE, related_name="stage_changes")
    before = models.CharField(max_length=12, choices=Contact.Stage.choices, blank=True)
    after = models.CharField(max_length=12, choices=Contact.Stage.choices)
    reason = models.CharField(max_length=120)
    at = models.DateTimeField(default=timezone.now)

    class Meta:
        ordering: ClassVar = ["-at", "-pk"]

    def __str__(self) -> str:
        return f"{self.before} → {self.after}"


class MiniListQuerySet(models.QuerySet["MiniListMembership"]):
    def open(self) -> Self:
        return self.filter(until=None)

    def at(self, moment: "datetime | models.OuterRef") -> Self:
        """Memberships in force at `moment`."""
        return self.filter(since__lte=moment).filter(models.Q(until=None) | models.Q(until__gt=moment))


class MiniListMembership(models.Model):
    """Which salesperson looks after a contact, from when to when. One open row per contact; a sale is credited to the
    owner at its time."""

    contact = models.ForeignKey(Contact, models.CASCADE, related_name="minilist_memberships")
    owner = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, related_name="minilist_memberships")
    since = models.DateTimeField(default=timezone.now)
    until = models.DateTimeField(null=True, blank=True)

    objects = MiniListQuerySet.as_manager()

    class Meta:
        ordering: ClassVar = ["-since"]
        constraints: ClassVar = [
            models.UniqueConstraint(fields=["contact"], condition=models.Q(until=None), name="minilist_has_one_owner"),
            models.CheckConstraint(
                condition=models.Q(until=None) | models.Q(until__gte=models.F("since")), name="minilist_runs_forward"
            ),
        ]
        indexes: ClassVar = [models.Index(fields=["owner", "until"], name="minilist_by_owner")]

    def __str__(self) -> str:
        return f"{self.owner_id}: {self.contact_id}"
